// One index, opened: what can be asked of it and done to it, synchronously. Runs in the threads of index-threads.ts, or in a test's own.
import type { DiffPage, FileIndex } from '../../domain/file-index-port';
import type { Database } from '../store/database';
import { text } from '../store/rows';
import { difference, type Difference } from './index-diff';
import { openIndex } from './index-database';
import { SidecarLines, tellApart } from './feeds-apart';
import { FeedError, FeedReader, LineCutter, progressEvery } from './index-feed';
import { IndexPatch, PatchRefused } from './index-patch';
import { knownSnapshot, SnapshotReader } from './index-reader';
import { removeSnapshot } from './index-removal';
import { search } from './index-search';
import { IndexWriter } from './index-writer';
import type { NewSnapshot } from './snapshot-rows';

/** The questions, by name: the arguments of FileIndex without the user. */
export type Question = 'snapshots' | 'folder' | 'file' | 'search' | 'versions' | 'diff';

type Query<Name extends 'folder' | 'search' | 'diff'> = Parameters<FileIndex[Name]>[1];

const rollBack = (db: Database): void => {
  try {
    db.script('ROLLBACK');
  } catch {
    // It was rolled back already, as SQLite does at a full disk.
  }
};

/** Gives the id of a snapshot that had none when it was begun. */
export type Naming = () => Promise<string>;

export const unnamed: Naming = () => Promise.reject(new Error('A snapshot without an id was begun by somebody who will not give it one'));

/** Answers questions of an index file. */
export class IndexEngine {
  private readonly db: Database;
  /** The last comparison: its pages are asked for one after the other. */
  private compared: { readonly key: string; readonly difference: Difference } | null = null;

  constructor(file: string) {
    this.db = openIndex(file);
  }

  close(): void {
    this.db.close();
  }

  // ---------------------------------------------------------------- questions

  snapshots(): ReadonlySet<string> {
    return new Set(this.db.all('SELECT id FROM snapshots WHERE id IS NOT NULL').map((row) => text(row, 'id')));
  }

  private reader(id: string): SnapshotReader | null {
    const known = knownSnapshot(this.db, id);
    return known === null ? null : new SnapshotReader(this.db, known);
  }

  folder(query: Query<'folder'>): Awaited<ReturnType<FileIndex['folder']>> {
    const reader = this.reader(query.snapshotId);
    return reader === null ? null : (reader.folder(query) ?? 'no_folder');
  }

  file(snapshotId: string, path: string): Awaited<ReturnType<FileIndex['file']>> {
    const reader = this.reader(snapshotId);
    return reader === null ? null : (reader.file(path) ?? 'no_file');
  }

  search(query: Query<'search'>): Awaited<ReturnType<FileIndex['search']>> {
    const within = query.snapshotId === null ? null : knownSnapshot(this.db, query.snapshotId);
    return query.snapshotId !== null && within === null ? null : search(this.db, query, within);
  }

  versions(snapshotId: string, path: string): Awaited<ReturnType<FileIndex['versions']>> {
    return this.reader(snapshotId)?.versions(path) ?? null;
  }

  diff({ from, to, offset, limit }: Query<'diff'>): DiffPage | 'other_source' | null {
    const [one, other] = [knownSnapshot(this.db, from), knownSnapshot(this.db, to)];
    if (one === null || other === null) return null;
    if (one.source !== other.source) return 'other_source';
    const key = `${one.ordinal}:${other.ordinal}`;
    if (this.compared?.key !== key) this.compared = { key, difference: difference(this.db, one, other) };
    const { changes, ...totals } = this.compared.difference;
    return { ...totals, changes: changes.slice(offset, offset + limit), total: changes.length };
  }

  // ---------------------------------------------------------------- changes

  /** Begins to add a snapshot; the chunks of its feed follow. Nothing counts before `finish`. */
  begin(snapshot: NewSnapshot, kind: 'sidecar' | 'ls', takenAt: string | null, onProgress: (entries: number) => void): Addition {
    return new Addition(this.db, snapshot, kind, takenAt, onProgress);
  }

  /** Adds a snapshot by how its sidecar differs from that of the one before; all or nothing. Throws where that cannot be: then `begin` adds it. */
  async patch(snapshot: NewSnapshot, takenAt: string, former: AsyncIterable<Uint8Array>, feed: AsyncIterable<Uint8Array>, onProgress: (entries: number) => void, naming = unnamed): Promise<void> {
    const [old, now] = [new SidecarLines(former), new SidecarLines(feed)];
    this.db.script('BEGIN IMMEDIATE');
    try {
      const [was, is] = [await old.head(), await now.head()];
      if (is.takenAt !== takenAt) throw new PatchRefused('The list of files is that of another snapshot.');
      if (snapshot.id !== null) removeSnapshot(this.db, snapshot.id);
      const patch = new IndexPatch(this.db, snapshot, was, is);
      await tellApart(old, now, patch, onProgress);
      if (old.count !== was.entries || now.count !== is.entries) throw new PatchRefused('A list is not whole.');
      patch.finish();
      if (snapshot.id === null) patch.name(await naming());
      this.db.script('COMMIT');
    } catch (error) {
      rollBack(this.db);
      throw error;
    } finally {
      await Promise.all([old.close(), now.close()]);
    }
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) this.db.transaction(() => removeSnapshot(this.db, id));
  }
}

/** One snapshot on its way into the index, in a transaction that ends with `finish` or `abandon`. */
export class Addition {
  private readonly writer: IndexWriter;
  private readonly feed: FeedReader;
  private readonly cutter = new LineCutter((line) => this.feed.line(line));
  private entries = 0;

  constructor(
    private readonly db: Database,
    snapshot: NewSnapshot,
    kind: 'sidecar' | 'ls',
    takenAt: string | null,
    onProgress: (entries: number) => void,
  ) {
    db.script('BEGIN IMMEDIATE');
    try {
      if (snapshot.id !== null) removeSnapshot(db, snapshot.id);
      this.writer = new IndexWriter(db, snapshot);
    } catch (error) {
      this.abandon();
      throw error;
    }
    const { writer } = this;
    this.feed = new FeedReader(kind, {
      about: (about) => {
        if (takenAt !== null && about.takenAt !== takenAt) throw new FeedError('The list of files is that of another snapshot.');
        writer.about(about.directory, about.root);
      },
      entry: (entry) => {
        writer.push(entry);
        this.entries += 1;
        if (this.entries % progressEvery === 0) onProgress(this.entries);
      },
    });
  }

  push(chunk: Uint8Array): void {
    this.cutter.push(chunk);
  }

  /** Everything was pushed; `finish` follows. */
  end(): void {
    this.cutter.end();
    this.feed.end();
    this.writer.finish();
  }

  /** `id`: of a snapshot that was begun without one. */
  finish(id: string | null = null): void {
    if (id !== null) this.writer.name(id);
    this.db.script('COMMIT');
  }

  abandon(): void {
    rollBack(this.db);
  }
}
