// Adds one snapshot to an index by what changed since the one before: only that is read and written. See [Note: Index patch].
import type { IndexEntry } from '../../domain/file-index-port';
import { lastOf, parentOf } from '../../domain/snapshot-names';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Database, Row } from '../store/database';
import { integer, integerOrNull, text } from '../store/rows';
import type { FeedAbout } from './index-feed';
import { foldName, fromCell, toCell } from './index-names';
import { facts } from './index-rows';
import { SnapshotRows, type Child, type NewSnapshot } from './snapshot-rows';

/**
 * [Note: Index patch] Nearly all of a tree is usually as the snapshot before has it, and so are the lines of their lists of files. The list of the snapshot before is kept beside the new one, and
 * both are walked side by side: lines that are equal are not even read as JSON. That is right only where the index holds exactly what the former list says. So it must be that of the newest
 * snapshot of this source (by its time and place), with none after it that was removed, and whatever does not fit on the way gives the patch up: then the whole list is added as ever.
 */
export class PatchRefused extends Error {}

/** Something of a folder changes, or in it. Sums are differences until the end. */
interface Folder {
  readonly child: Child;
  readonly parent: Folder | null;
  entry: IndexEntry | null;
  gone: boolean;
  bytes: number;
  files: number;
  entries: number;
}

const kindOf = (entry: IndexEntry): 0 | 1 => (entry.type === 'd' ? 0 : 1);

/** A folder as it was. */
const entryOf = (row: Row): IndexEntry => ({
  path: '', written: '', type: text(row, 'type'), mode: integer(row, 'mode'), uid: integer(row, 'uid'), gid: integer(row, 'gid'), size: 0,
  seconds: integer(row, 'seconds'), nanos: integer(row, 'nanos'), target: fromCell(text(row, 'target')), sha256: '', stored: row.stored === 1,
});

const count = (row: Row | null, column: string): number => (row === null ? 0 : (integerOrNull(row, column) ?? 0));
const isFile = (type: unknown): number => (type === 'f' ? 1 : 0);

/** Writes within the caller's transaction: `remove`, `add` and `change`, folders before what is in them, then `finish`. All of them throw PatchRefused. */
export class IndexPatch {
  private readonly rows: SnapshotRows;
  private readonly folders = new Map<BytePath, Folder>();

  constructor(
    private readonly db: Database,
    snapshot: NewSnapshot,
    /** What the former list says of itself, and the new one. */
    former: FeedAbout,
    about: FeedAbout,
  ) {
    this.rows = new SnapshotRows(db, snapshot);
    const { base, ordinal, source } = this.rows;
    const known = db.get('SELECT ordinal, id, time, directory, root FROM snapshots WHERE source = ? AND ordinal < ? ORDER BY ordinal DESC LIMIT 1', source, ordinal);
    const fits = known !== null && base !== null && integer(known, 'ordinal') === base && new Date(integer(known, 'time')).toISOString() === former.takenAt;
    if (!fits || [former, about].some((one) => one.directory !== text(known, 'directory') || one.root !== text(known, 'root'))) throw new PatchRefused('The index does not end with the snapshot before.');
    this.rows.about(about.directory, about.root);
  }

  name(id: string): void {
    this.rows.name(id);
  }

  remove(entry: IndexEntry): void {
    const [at, name] = [parentOf(entry.path), lastOf(entry.path)];
    const parent = this.folder(at);
    parent.entries -= 1;
    if (kindOf(entry) === 0) {
      this.folder(entry.path).gone = true;
      return;
    }
    const { id, version } = this.known(parent, 1, name);
    parent.bytes -= count(version, 'size');
    parent.files -= isFile(version.type);
    this.rows.close(id, version);
  }

  change(entry: IndexEntry): void {
    if (kindOf(entry) === 0) {
      this.folder(entry.path).entry = entry;
      return;
    }
    const [at, name] = [parentOf(entry.path), lastOf(entry.path)];
    const parent = this.folder(at);
    const child = this.known(parent, 1, name);
    parent.bytes += entry.size - count(child.version, 'size');
    parent.files += isFile(entry.type) - isFile(child.version.type);
    this.rows.write(child, entry, null);
  }

  add(entry: IndexEntry): void {
    const [at, name] = [parentOf(entry.path), lastOf(entry.path)];
    const parent = this.folder(at);
    const kind = kindOf(entry);
    const child = this.find(parent, kind, name) ?? { id: this.rows.addName(parent.child.id, kind, name, entry.written), version: null };
    if (child.version !== null || parent.gone) throw new PatchRefused('Something new is there already.');
    parent.entries += 1;
    if (kind === 0) {
      this.folders.set(entry.path, { child, parent, entry, gone: false, bytes: 0, files: 0, entries: 0 });
      return;
    }
    parent.bytes += entry.size;
    parent.files += isFile(entry.type);
    this.rows.write(child, entry, null);
  }

  /** Writes the folders of which something changed, deepest first. */
  finish(): void {
    for (const { child, parent, entry, gone, bytes, files, entries } of [...this.folders.values()].toReversed()) {
      const { id, version } = child;
      if (parent !== null) {
        parent.bytes += bytes;
        parent.files += files;
      }
      const sums = { bytes: count(version, 'size') + bytes, files: count(version, 'files') + files, entries: count(version, 'entries') + entries };
      const left = Object.values(sums);
      if (left.some((one) => one < 0) || (gone && left.some((one) => one !== 0))) throw new PatchRefused('Sums do not come out.');
      const now = entry ?? (version === null ? null : entryOf(version));
      if (gone && version !== null) this.rows.close(id, version);
      else if (!gone && now !== null) this.rows.write(child, now, sums);
    }
    this.rows.flush();
  }

  private folder(path: BytePath): Folder {
    const found = this.folders.get(path);
    if (found !== undefined) return found;
    const folder = { ...this.placeOf(path), entry: null, gone: false, bytes: 0, files: 0, entries: 0 };
    this.folders.set(path, folder);
    return folder;
  }

  private placeOf(path: BytePath): Pick<Folder, 'child' | 'parent'> {
    const { root } = this.rows;
    if (path === '') return { child: { id: root, version: this.rows.versionOf(root) }, parent: null };
    const parent = this.folder(parentOf(path));
    return { child: this.known(parent, 0, lastOf(path)), parent };
  }

  private known(parent: Folder, kind: 0 | 1, name: BytePath): Child & { readonly version: Row } {
    const child = this.find(parent, kind, name);
    if (child === null || child.version === null) throw new PatchRefused('Something that changed is not known.');
    return { id: child.id, version: child.version };
  }

  private find(parent: Folder, kind: 0 | 1, name: BytePath): Child | null {
    const row = this.db.get(
      `SELECT f.id, v.first, v.last, ${facts} FROM files f LEFT JOIN versions v ON v.file = f.id AND v.first <= ?1 AND v.last >= ?1 WHERE f.parent = ?2 AND f.kind = ?3 AND f.folded = ?4 AND f.name = ?5`,
      this.rows.base, parent.child.id, kind, foldName(name), toCell(name),
    );
    return row === null ? null : { id: integer(row, 'id'), version: row.first === null ? null : row };
  }
}
