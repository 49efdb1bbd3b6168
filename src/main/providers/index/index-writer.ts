// Adds one snapshot to an index: what is as in the snapshot added before costs nothing, what changed costs a row. See [Note: File index].
import type { IndexEntry } from '../../domain/file-index-port';
import { lastOf, parentOf } from '../../domain/snapshot-names';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Database } from '../store/database';
import { integer, text } from '../store/rows';
import { toCell } from './index-names';
import { facts } from './index-rows';
import { SnapshotRows, type Child, type NewSnapshot } from './snapshot-rows';

/** A name in a folder: known before, or new. */
interface SeenChild extends Child {
  seen: boolean;
}

interface Folder {
  readonly child: SeenChild;
  readonly parent: Folder | null;
  /** Kind and name of everything in it, now or in the snapshot added before. */
  readonly children: Map<string, SeenChild>;
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
  private readonly rows: SnapshotRows;
  private readonly folders = new Map<BytePath, Folder>();

  constructor(
    private readonly db: Database,
    snapshot: NewSnapshot,
  ) {
    this.rows = new SnapshotRows(db, snapshot);
    const { root } = this.rows;
    this.folders.set('', this.openFolder({ id: root, version: this.rows.versionOf(root), seen: true }, null, unnamed));
  }

  about(directory: string, root: string): void {
    this.rows.about(directory, root);
  }

  name(id: string): void {
    this.rows.name(id);
  }

  private openFolder(child: SeenChild, parent: Folder | null, entry: IndexEntry): Folder {
    const children = new Map<string, SeenChild>();
    if (this.rows.base !== null) {
      const rows = this.db.all(
        `SELECT f.kind, f.name, f.id, v.first, v.last, ${facts} FROM files f LEFT JOIN versions v ON v.file = f.id AND v.first <= ?1 AND v.last >= ?1 WHERE f.parent = ?2`,
        this.rows.base, child.id,
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
    const parent = this.folderAt(parentOf(entry.path));
    const name = lastOf(entry.path);
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
    this.rows.write(child, entry, null);
  }

  private childOf(parent: Folder, kind: 0 | 1, name: BytePath, written: string): SeenChild {
    const cell = toCell(name);
    const known = parent.children.get(`${kind}${cell}`);
    if (known !== undefined) return known;
    const child: SeenChild = { id: this.rows.addName(parent.child.id, kind, name, written), version: null, seen: false };
    parent.children.set(`${kind}${cell}`, child);
    return child;
  }

  /** Everything below a folder that is gone. */
  private closeBelow(folder: number): void {
    const rows = this.db.all('SELECT f.kind, f.id, v.first, v.last FROM files f JOIN versions v ON v.file = f.id AND v.first <= ?1 AND v.last >= ?1 WHERE f.parent = ?2', this.rows.base, folder);
    for (const row of rows) {
      this.rows.close(integer(row, 'id'), row);
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
      this.rows.write(folder.child, folder.entry, { bytes, files, entries });
      for (const [key, child] of folder.children) {
        if (child.seen || child.version === null) continue;
        this.rows.close(child.id, child.version);
        if (key.startsWith('0')) this.closeBelow(child.id);
      }
    }
    this.rows.flush();
  }
}
