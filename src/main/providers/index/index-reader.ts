// Questions to an index about one snapshot: a folder of it, a file of it, the states of one path. See [Note: File index].
import type { DumpedFile, FileVersion, FolderPage, FolderQuery, IndexedFile } from '../../domain/file-index-port';
import { mirrorComponent } from '../../domain/snapshot-names';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Cell, Database, Row } from '../store/database';
import { integer, text } from '../store/rows';
import { fold, foldName, fromCell, toCell } from './index-names';
import { facts, fileOf } from './index-rows';

/** A snapshot as the index knows it. */
export interface KnownSnapshot {
  readonly ordinal: number;
  readonly source: number;
  /** Folder id of what was captured. */
  readonly folder: number;
  /** Where that is inside the snapshot; empty for the snapshot itself. */
  readonly root: string;
}

export const knownSnapshot = (db: Database, id: string): KnownSnapshot | null => {
  const row = db.get('SELECT s.ordinal, s.source, o.root AS folder, s.root FROM snapshots s JOIN sources o ON o.id = s.source WHERE s.id = ?', id);
  return row === null ? null : { ordinal: integer(row, 'ordinal'), source: integer(row, 'source'), folder: integer(row, 'folder'), root: text(row, 'root') };
};

interface Found {
  readonly id: number;
  readonly kind: number;
  readonly row: Row;
  /** Parts of its name inside the snapshot. */
  readonly written: readonly string[];
}

const join = (folder: BytePath, name: BytePath): BytePath => (folder === '' ? name : `${folder}/${name}`);

const valid = 'v.first <= ?1 AND v.last >= ?1';

/** Most directories that are shown in one row. */
const longestChain = 64;

/** Reads one snapshot. */
export class SnapshotReader {
  constructor(
    private readonly db: Database,
    private readonly snapshot: KnownSnapshot,
  ) {}

  /** Ids of a path's files, one per kind, whether or not this snapshot has them, with the way they are written. */
  private ids(path: BytePath): readonly { readonly id: number; readonly kind: number; readonly written: readonly string[] }[] {
    if (path === '') return [{ id: this.snapshot.folder, kind: 0, written: [] }];
    let folder = this.snapshot.folder;
    const written: string[] = [];
    const parts = path.split('/');
    for (const [at, part] of parts.entries()) {
      const rows = this.db.all('SELECT id, kind, written FROM files WHERE parent = ? AND kind IN (0, 1) AND folded = ? AND name = ?', folder, foldName(part), toCell(part));
      if (at === parts.length - 1) return rows.map((row) => ({ id: integer(row, 'id'), kind: integer(row, 'kind'), written: [...written, this.writtenAs(part, text(row, 'written'))] }));
      const next = rows.find((row) => row.kind === 0);
      if (next === undefined) return [];
      written.push(this.writtenAs(part, text(next, 'written')));
      folder = integer(next, 'id');
    }
    return [];
  }

  private writtenAs(part: BytePath, written: string): string {
    if (written !== '') return written;
    return this.snapshot.root === '' ? Buffer.from(part, 'latin1').toString('utf8') : mirrorComponent(part);
  }

  private find(path: BytePath): Found | null {
    for (const { id, kind, written } of this.ids(path)) {
      const row = this.db.get(`SELECT ${facts} FROM versions v WHERE v.file = ?2 AND ${valid}`, this.snapshot.ordinal, id);
      if (row !== null) return { id, kind, row, written };
    }
    return null;
  }

  /** One entry, with the name under which restic has it. */
  file(path: BytePath): DumpedFile | null {
    const found = this.find(path);
    if (found === null) return null;
    return { ...fileOf(found.row, path), dumpPath: `/${[this.snapshot.root, ...found.written].filter((part) => part !== '').join('/')}` };
  }

  folder(query: FolderQuery): FolderPage | null {
    const found = this.find(query.path);
    if (found === null || found.kind !== 0) return null;
    const folder = fileOf(found.row, query.path);
    const filter = fold(query.filter);
    const direction = query.descending ? 'DESC' : 'ASC';
    const order = query.sort === 'name' ? `f.kind, f.folded ${direction}, f.name ${direction}` : query.sort === 'size' ? `f.kind, v.size ${direction}, f.folded, f.name` : `f.kind, v.seconds ${direction}, v.nanos ${direction}, f.folded, f.name`;
    const from = `FROM files f JOIN versions v ON v.file = f.id AND ${valid} WHERE f.parent = ?2${filter === '' ? '' : ' AND instr(f.folded, ?3) > 0'}`;
    const values: Cell[] = [this.snapshot.ordinal, found.id, ...(filter === '' ? [] : [filter])];
    const rows = this.db.all(`SELECT f.id, f.name, ${facts} ${from} ORDER BY ${order} LIMIT ${query.limit} OFFSET ${query.offset}`, ...values);
    const total = filter === '' ? (folder.entries ?? 0) : integer(this.db.get(`SELECT count(*) AS total ${from}`, ...values) ?? {}, 'total');
    return { folder, rows: rows.map((row) => this.shown(row, join(query.path, fromCell(text(row, 'name'))))), total };
  }

  /** A directory that holds nothing but a directory is shown with it, in one row. */
  private shown(row: Row, path: BytePath): IndexedFile {
    let file = fileOf(row, path);
    let id = integer(row, 'id');
    for (let length = 0; file.type === 'd' && file.entries === 1 && length < longestChain; length += 1) {
      const only = this.db.get(`SELECT f.id, f.name, ${facts} FROM files f JOIN versions v ON v.file = f.id AND ${valid} WHERE f.parent = ?2 AND f.kind = 0`, this.snapshot.ordinal, id);
      if (only === null) break;
      file = fileOf(only, join(file.path, fromCell(text(only, 'name'))));
      id = integer(only, 'id');
    }
    return file;
  }

  /** All states of a path in the snapshots of this source, newest first. */
  versions(path: BytePath): readonly FileVersion[] {
    const states = this.ids(path).flatMap(({ id }) => this.db.all(`SELECT v.first, v.last, ${facts} FROM versions v WHERE v.file = ?`, id));
    const snapshots = this.db.all('SELECT id, ordinal, time FROM snapshots WHERE source = ? AND id IS NOT NULL ORDER BY time DESC, ordinal DESC', this.snapshot.source);
    const found = states.map((state) => {
      const those = snapshots.filter((one) => integer(one, 'ordinal') >= integer(state, 'first') && integer(one, 'ordinal') <= integer(state, 'last'));
      return { newest: integer(those[0] ?? {}, 'time'), version: { file: fileOf(state, path), snapshotIds: those.map((one) => text(one, 'id')) } };
    });
    return found.filter(({ version }) => version.snapshotIds.length > 0).sort((a, b) => b.newest - a.newest).map(({ version }) => version);
  }
}
