// The rows of one snapshot on its way into an index: what both ways of adding it write. See [Note: File index].
import type { IndexEntry, IndexSnapshot } from '../../domain/file-index-port';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Database, Row } from '../store/database';
import { integer } from '../store/rows';
import { open } from './index-database';
import { foldName, toCell } from './index-names';
import { BulkInsert, facts, isSameVersion, versionCells, versionColumns, type Sums } from './index-rows';

/** A name in a folder. */
export interface Child {
  readonly id: number;
  /** Its version in the snapshot added before; null when it has none there. */
  readonly version: Row | null;
}

/** `id` null: it is given by `name`, before the transaction ends. */
export type NewSnapshot = Omit<IndexSnapshot, 'id'> & { readonly id: string | null };

/** Writes within the caller's transaction; `flush` comes last. */
export class SnapshotRows {
  readonly ordinal: number;
  readonly source: number;
  /** Of the captured folder itself. */
  readonly root: number;
  /** The newest snapshot of this source that is still there; null when there is none. */
  readonly base: number | null;
  private readonly files: BulkInsert;
  private readonly versions: BulkInsert;
  private next: number;

  constructor(
    readonly db: Database,
    snapshot: NewSnapshot,
  ) {
    this.next = integer(db.get('SELECT next FROM sequence') ?? {}, 'next');
    const { id, root } = this.sourceOf(snapshot.source);
    this.source = id;
    this.root = root;
    const base = db.get('SELECT max(ordinal) AS ordinal FROM snapshots WHERE source = ? AND id IS NOT NULL', id)?.ordinal;
    this.base = typeof base === 'number' ? base : null;
    db.run('INSERT INTO snapshots (id, source, time) VALUES (?, ?, ?)', snapshot.id, id, snapshot.time);
    this.ordinal = integer(db.get('SELECT max(ordinal) AS ordinal FROM snapshots') ?? {}, 'ordinal');
    this.files = new BulkInsert(db, 'files', ['parent', 'kind', 'folded', 'name', 'id', 'source', 'written']);
    this.versions = new BulkInsert(db, 'versions', versionColumns);
  }

  private sourceOf(key: string): { readonly id: number; readonly root: number } {
    const known = this.db.get('SELECT id, root FROM sources WHERE key = ?', key);
    if (known !== null) return { id: integer(known, 'id'), root: integer(known, 'root') };
    const root = this.takeId();
    this.db.run('INSERT INTO sources (key, root) VALUES (?, ?)', key, root);
    this.db.run("INSERT INTO folders (id, parent, name, written) VALUES (?, 0, '', '')", root);
    return { id: integer(this.db.get('SELECT id FROM sources WHERE key = ?', key) ?? {}, 'id'), root };
  }

  private takeId(): number {
    this.next += 1;
    return this.next - 1;
  }

  versionOf(file: number): Row | null {
    return this.base === null ? null : this.db.get(`SELECT v.first, v.last, ${facts} FROM versions v WHERE v.file = ? AND v.first <= ? AND v.last >= ?`, file, this.base, this.base);
  }

  /** Says where the captured directory is on the host and in the snapshot. */
  about(directory: string, root: string): void {
    this.db.run('UPDATE snapshots SET directory = ?, root = ? WHERE ordinal = ?', directory, root, this.ordinal);
  }

  name(id: string): void {
    this.db.run('UPDATE snapshots SET id = ? WHERE ordinal = ?', id, this.ordinal);
  }

  /** A name that was in no snapshot of this source so far. */
  addName(parent: number, kind: 0 | 1, name: BytePath, written: string): number {
    const [id, cell] = [this.takeId(), toCell(name)];
    this.files.push([parent, kind, foldName(name), cell, id, this.source, written]);
    if (kind === 0) this.db.run('INSERT INTO folders (id, parent, name, written) VALUES (?, ?, ?, ?)', id, parent, cell, written);
    return id;
  }

  /** The version of this snapshot: the one before goes on, or ends and a new one begins. */
  write(child: Child, entry: IndexEntry, sums: Sums | null): void {
    const cells = versionCells(child.id, this.ordinal, open, entry, sums);
    const { version } = child;
    if (version === null) {
      this.versions.push(cells);
      return;
    }
    const first = integer(version, 'first');
    if (!isSameVersion(version, cells)) {
      this.close(child.id, version);
      this.versions.push(cells);
      return;
    }
    if (integer(version, 'last') !== open) this.db.run('UPDATE versions SET last = ? WHERE file = ? AND first = ?', open, child.id, first);
    if (version.sha256 === '' && entry.sha256 !== '') this.db.run('UPDATE versions SET sha256 = ? WHERE file = ? AND first = ?', cells[versionColumns.indexOf('sha256')] ?? '', child.id, first);
  }

  close(file: number, version: Row): void {
    if (this.base !== null && integer(version, 'last') === open) this.db.run('UPDATE versions SET last = ? WHERE file = ? AND first = ?', this.base, file, integer(version, 'first'));
  }

  flush(): void {
    this.files.flush();
    this.versions.flush();
    this.db.run('UPDATE sequence SET next = ?', this.next);
  }
}
