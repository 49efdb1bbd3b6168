// Adds one snapshot to an index file from beginning to end. Runs in a thread of its own that ends with it, or in a test's own.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isAppError } from '../../domain/app-error';
import { FeedError } from './index-feed';
import { IndexEngine, unnamed, type Naming } from './index-engine';
import type { BuildData, ThreadMessage } from './index-messages';

/** Above so much, unpacked, a list of files is not a list of files (bytes): room for 2 million entries of 500. */
const mostBytes = 1_000_000_000;

const unpacked = (chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => {
  const source = Readable.from(chunks);
  const gunzip = createGunzip({ chunkSize: 262_144 });
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => source.destroy());
  // Whoever reads it hears of it; until then it may have none.
  gunzip.on('error', () => undefined);
  return source.pipe(gunzip);
};

/** For a feed that is a file. */
export const noChunks: AsyncIterable<Uint8Array> = Readable.from([]);

/** By what changed, where that can be; whatever is wrong with it shows again when the whole list is read. */
const patched = async (engine: IndexEngine, { snapshot, takenAt, path: now, former }: BuildData, onProgress: (entries: number) => void, naming: Naming): Promise<boolean> => {
  if (now === null || former === null || takenAt === null) return false;
  try {
    await engine.patch(snapshot, takenAt, unpacked(createReadStream(former)), unpacked(createReadStream(now)), onProgress, naming);
    return true;
  } catch {
    return false;
  }
};

/** Reads the feed into the index; throws FeedError, or what SQLite and the file system throw. `naming`: of a snapshot that has no id yet. */
export const build = async (data: BuildData, chunks: AsyncIterable<Uint8Array>, onProgress: (entries: number) => void, naming: Naming = unnamed): Promise<void> => {
  const engine = new IndexEngine(data.file);
  try {
    if (await patched(engine, data, onProgress, naming)) return;
    const packed = data.path === null ? chunks : createReadStream(data.path);
    const addition = engine.begin(data.snapshot, data.kind, data.takenAt, onProgress);
    try {
      let bytes = 0;
      for await (const chunk of data.packed ? unpacked(packed) : packed) {
        bytes += chunk.length;
        if (bytes > mostBytes) throw new FeedError('The list of files is too long.');
        addition.push(chunk);
      }
      addition.end();
      addition.finish(data.snapshot.id === null ? await naming() : null);
    } catch (error) {
      addition.abandon();
      throw error;
    }
  } finally {
    engine.close();
  }
};

/** A failure as a message: a feed that is not well formed is told apart from what else can go wrong. */
export const failure = (error: unknown): Extract<ThreadMessage, { type: 'failed' }> => {
  const fault = error as NodeJS.ErrnoException;
  const badFeed = error instanceof FeedError || error instanceof SyntaxError || fault.code === 'ENOENT' || (typeof fault.code === 'string' && fault.code.startsWith('Z_'));
  const full = isAppError(error, 'disk_full') || fault.code === 'ENOSPC';
  return { type: 'failed', message: error instanceof Error ? error.message : String(error), code: full ? 'disk_full' : badFeed ? 'feed' : null };
};
