// Adds one snapshot to an index: what is as in the snapshot added before costs nothing, what changed costs a row. See [Note: File index].
import type { IndexEntry, IndexSnapshot } from '../../domain/file-index-port';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Database, Row } from '../store/database';
import { integer, text } from '../store/rows';
import { open } from './index-database';
import { foldName, toCell } from './index-names';
import { BulkInsert, facts, isSameVersion, versionCells, versionColumns } from './index-rows';

/** A name in a folder: known before, or new. */
interface Child {
  readonly id: number;
  /** Its version in the snapshot added before; null when it has none there. */
  readonly version: Row | null;
  seen: boolean;
}

interface Folder {
  readonly child: Child;
  readonly parent: Folder | null;
  /** Kind and name of everything in it, now or in the snapshot added before. */
  readonly children: Map<string, Child>;
  entry: IndexEntry;
  bytes: number;
  files: number;
  entries: number;
}

/** A folder that the feed did not name itself. */
const unnamed: IndexEntry = { path: '', written: '', type: 'd', mode: 0o755, uid: 0, gid: 0, size: 0, seconds: 0, nanos: 0, target: '', sha256: '', stored: true };

const isFolder = (entry: IndexEntry): boolean => entry.type === 'd';

/** Writes within the caller's transaction: entries with `push`, then `finish`. */
export class IndexWriter {
  private readonly ordinal: number;
  private readonly source: number;
  /** The newest snapshot of this source that is still there; null when there is none. */
  private readonly base: number | null;
  private readonly folders = new Map<BytePath, Folder>();
  private readonly files: BulkInsert;
  private readonly versions: BulkInsert;
  private next: number;

  constructor(
    private readonly db: Database,
    snapshot: IndexSnapshot,
  ) {
    this.next = integer(db.get('SELECT next FROM sequence') ?? {}, 'next');
    const { id, root } = this.sourceOf(snapshot.source);
    this.source = id;
    const base = db.get('SELECT max(ordinal) AS ordinal FROM snapshots WHERE source = ? AND id IS NOT NULL', id)?.ordinal;
    this.base = typeof base === 'number' ? base : null;
    db.run('INSERT INTO snapshots (id, source, time) VALUES (?, ?, ?)', snapshot.id, id, snapshot.time);
    this.ordinal = integer(db.get('SELECT max(ordinal) AS ordinal FROM snapshots') ?? {}, 'ordinal');
    this.files = new BulkInsert(db, 'files', ['parent', 'kind', 'folded', 'name', 'id', 'source', 'written']);
    this.versions = new BulkInsert(db, 'versions', versionColumns);
    this.folders.set('', this.openFolder({ id: root, version: this.versionOf(root), seen: true }, null, unnamed));
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

  private versionOf(file: number): Row | null {
    return this.base === null ? null : this.db.get(`SELECT v.first, v.last, ${facts} FROM versions v WHERE v.file = ? AND v.first <= ? AND v.last >= ?`, file, this.base, this.base);
  }

  /** Says where the captured directory is on the host and in the snapshot. */
  about(directory: string, root: string): void {
    this.db.run('UPDATE snapshots SET directory = ?, root = ? WHERE ordinal = ?', directory, root, this.ordinal);
  }

  private openFolder(child: Child, parent: Folder | null, entry: IndexEntry): Folder {
    const children = new Map<string, Child>();
    if (this.base !== null) {
      const rows = this.db.all(
        `SELECT f.kind, f.name, f.id, v.first, v.last, ${facts} FROM files f LEFT JOIN versions v ON v.file = f.id AND v.first <= ?1 AND v.last >= ?1 WHERE f.parent = ?2`,
        this.base, child.id,
      );
      for (const row of rows) children.set(`${integer(row, 'kind')}${text(row, 'name')}`, { id: integer(row, 'id'), version: row.first === null ? null : row, seen: false });
    }
    return { child, parent, children, entry, bytes: 0, files: 0, entries: 0 };
  }

  private folderAt(path: BytePath): Folder {
    const known = this.folders.get(path);
    if (known !== undefined) return known;
    this.push({ ...unnamed, path });
    return this.folders.get(path) as Folder;
  }

  /** One entry; a second one of the same name is left out. */
  push(entry: IndexEntry): void {
    const known = isFolder(entry) ? this.folders.get(entry.path) : undefined;
    if (known !== undefined) {
      known.entry = entry;
      return;
    }
    if (entry.path === '') return;
    const cut = entry.path.lastIndexOf('/');
    const parent = this.folderAt(cut === -1 ? '' : entry.path.slice(0, cut));
    const name = entry.path.slice(cut + 1);
    const kind = isFolder(entry) ? 0 : 1;
    const child = this.childOf(parent, kind, name, entry.written);
    if (child.seen) return;
    child.seen = true;
    parent.entries += 1;
    if (kind === 0) {
      this.folders.set(entry.path, this.openFolder(child, parent, entry));
      return;
    }
    parent.bytes += entry.size;
    parent.files += entry.type === 'f' ? 1 : 0;
    this.write(child, entry, null);
  }

  private childOf(parent: Folder, kind: 0 | 1, name: BytePath, written: string): Child {
    const cell = toCell(name);
    const known = parent.children.get(`${kind}${cell}`);
    if (known !== undefined) return known;
    const child: Child = { id: this.takeId(), version: null, seen: false };
    parent.children.set(`${kind}${cell}`, child);
    this.files.push([parent.child.id, kind, foldName(name), cell, child.id, this.source, written]);
    if (kind === 0) this.db.run('INSERT INTO folders (id, parent, name, written) VALUES (?, ?, ?, ?)', child.id, parent.child.id, cell, written);
    return child;
  }

  /** The version of this snapshot: the one before goes on, or ends and a new one begins. */
  private write(child: Child, entry: IndexEntry, sums: { readonly bytes: number; readonly files: number; readonly entries: number } | null): void {
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

  private close(file: number, version: Row): void {
    if (this.base !== null && integer(version, 'last') === open) this.db.run('UPDATE versions SET last = ? WHERE file = ? AND first = ?', this.base, file, integer(version, 'first'));
  }

  /** Everything below a folder that is gone. */
  private closeBelow(folder: number): void {
    const rows = this.db.all('SELECT f.kind, f.id, v.first, v.last FROM files f JOIN versions v ON v.file = f.id AND v.first <= ?1 AND v.last >= ?1 WHERE f.parent = ?2', this.base, folder);
    for (const row of rows) {
      this.close(integer(row, 'id'), row);
      if (row.kind === 0) this.closeBelow(integer(row, 'id'));
    }
  }

  /** Writes the folders, whose sums are known now, and ends what is no longer there. */
  finish(): void {
    for (const folder of [...this.folders.values()].toReversed()) {
      const { parent, bytes, files, entries } = folder;
      if (parent !== null) {
        parent.bytes += bytes;
        parent.files += files;
      }
      this.write(folder.child, folder.entry, { bytes, files, entries });
      for (const [key, child] of folder.children) {
        if (child.seen || child.version === null) continue;
        this.close(child.id, child.version);
        if (key.startsWith('0')) this.closeBelow(child.id);
      }
    }
    this.files.flush();
    this.versions.flush();
    this.db.run('UPDATE sequence SET next = ?', this.next);
  }
}
