// The index of every user, in threads: main only passes questions, answers and bytes on.
import { statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/app-error';
import type { FileIndex, IndexDraft, IndexFeed, IndexSnapshot } from '../../domain/file-index-port';
import type { BytePath } from '../../domain/snapshot-ports';
import { bundledProgram } from '../process/bundled';
import { ask, closeAll } from './index-ask';
import { build, failure, noChunks } from './index-build';
import { Credit } from './index-credit';
import type { AskMessage, BuildData, ThreadMessage } from './index-messages';
import type { NewSnapshot } from './snapshot-rows';
import { WriterTurns } from './writer-turns';

const idForm = /^[A-Za-z0-9-]{1,64}$/;

/** Chunks that may be on their way to a thread. */
const mostOnTheWay = 16;

const asError = (message: Extract<ThreadMessage, { type: 'failed' }>, file: string): Error => {
  if (message.code === 'disk_full') return new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: file });
  if (message.code === 'feed') return new AppError('repository_damaged', 'The list of files of the snapshot cannot be read.', { output: message.message });
  return new Error(message.message);
};

const ends = (): AppError => new AppError('cancelled', 'The app ends.', {});

const jobOf = (file: string, snapshot: NewSnapshot, feed: IndexFeed): BuildData => ({
  file, snapshot, kind: feed.kind === 'ls' ? 'ls' : 'sidecar', packed: feed.kind !== 'ls',
  ...(feed.kind === 'file' ? { takenAt: feed.takenAt, path: feed.file, former: feed.former } : { takenAt: null, path: null, former: null }),
});

/** A draft holds the file's only right to write for long: whoever opens it meanwhile must not have to make it. */
const isMade = (file: string): boolean => {
  try {
    return statSync(file).size > 0;
  } catch {
    return false;
  }
};

const notBegun: IndexDraft = { name: () => Promise.resolve(false), drop: () => undefined };

/** The bundle beside this module; there is none when the sources run as they are, in tests, and then the caller's thread does the work. */
export const bundledWorker = (): string | null => bundledProgram('index-worker', import.meta.url);

interface Asked {
  readonly message: AskMessage;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** `FileIndex` below `<data>/users/<id>/index.sqlite`. */
export class ThreadedIndex implements FileIndex {
  private readonly waiting: Asked[] = [];
  private current: Asked | null = null;
  private thread: Worker | null = null;
  private readonly builders = new Set<Worker>();
  private readonly turns = new WriterTurns();
  /** Those that have no id yet: how they are dropped, and what ends then. */
  private readonly drafts = new Map<() => void, Promise<unknown>>();
  private closed = false;

  constructor(
    private readonly dataFolder: string,
    private readonly workerFile: string | null = bundledWorker(),
  ) {}

  private fileOf(userId: string): string {
    if (!idForm.test(userId)) throw new Error('An id has an unexpected form');
    return path.join(this.dataFolder, 'users', userId, 'index.sqlite');
  }

  // ---------------------------------------------------------------- questions

  snapshots(userId: string): Promise<ReadonlySet<string>> {
    return this.ask(userId, 'snapshots', []) as ReturnType<FileIndex['snapshots']>;
  }

  folder(userId: string, query: Parameters<FileIndex['folder']>[1], signal?: AbortSignal): ReturnType<FileIndex['folder']> {
    return this.ask(userId, 'folder', [query], signal) as ReturnType<FileIndex['folder']>;
  }

  file(userId: string, snapshotId: string, at: BytePath, signal?: AbortSignal): ReturnType<FileIndex['file']> {
    return this.ask(userId, 'file', [snapshotId, at], signal) as ReturnType<FileIndex['file']>;
  }

  search(userId: string, query: Parameters<FileIndex['search']>[1], signal?: AbortSignal): ReturnType<FileIndex['search']> {
    return this.ask(userId, 'search', [query], signal) as ReturnType<FileIndex['search']>;
  }

  versions(userId: string, snapshotId: string, at: BytePath, signal?: AbortSignal): ReturnType<FileIndex['versions']> {
    return this.ask(userId, 'versions', [snapshotId, at], signal) as ReturnType<FileIndex['versions']>;
  }

  diff(userId: string, query: Parameters<FileIndex['diff']>[1], signal?: AbortSignal): ReturnType<FileIndex['diff']> {
    return this.ask(userId, 'diff', [query], signal) as ReturnType<FileIndex['diff']>;
  }

  /** Questions go to the thread one by one, so that one whose asker has gone is never begun. */
  private ask(userId: string, question: AskMessage['question'], values: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const message = { file: this.fileOf(userId), question, values };
    return new Promise((resolve, reject) => {
      this.waiting.push({ message, signal, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current !== null) return;
    const asked = this.waiting.shift();
    if (asked === undefined) return;
    if (this.closed || asked.signal?.aborted === true) {
      asked.reject(this.closed ? ends() : asked.signal?.reason);
      this.next();
      return;
    }
    this.current = asked;
    if (this.workerFile !== null) this.worker(this.workerFile).postMessage(asked.message);
    else queueMicrotask(() => this.answerHere(asked));
  }

  private answerHere(asked: Asked): void {
    try {
      this.settle({ type: 'done', value: ask(asked.message) });
    } catch (error) {
      this.settle(failure(error));
    }
  }

  private settle(message: ThreadMessage): void {
    const asked = this.current;
    if (asked === null || (message.type !== 'done' && message.type !== 'failed')) return;
    this.current = null;
    // An idle thread keeps no process alive; one that owes an answer does.
    this.thread?.unref();
    if (message.type === 'done') asked.resolve(message.value);
    else asked.reject(asError(message, asked.message.file));
    this.next();
  }

  private worker(file: string): Worker {
    if (this.thread !== null) {
      this.thread.ref();
      return this.thread;
    }
    const thread = new Worker(file, { workerData: null, env: process.env });
    thread.on('message', (message: ThreadMessage) => this.settle(message));
    thread.on('error', (error) => this.settle(failure(error)));
    thread.on('exit', () => {
      this.thread = null;
      this.settle(failure(new Error('The thread of the index ended')));
    });
    this.thread = thread;
    return thread;
  }

  // ---------------------------------------------------------------- changes

  add(userId: string, snapshot: IndexSnapshot, feed: IndexFeed, signal: AbortSignal, onProgress: (entries: number) => void): Promise<void> {
    const file = this.fileOf(userId);
    return this.turns.take(file, () => this.build(jobOf(file, snapshot, feed), feed.kind === 'file' ? null : feed.stream, signal, onProgress, null));
  }

  /** See ADR 16: a transaction that waits for the id, and gives way to whoever comes. */
  draft(userId: string, snapshot: Omit<IndexSnapshot, 'id'>, feed: Extract<IndexFeed, { readonly kind: 'file' }>): IndexDraft {
    const file = this.fileOf(userId);
    if (!isMade(file)) return notBegun;
    const dropped = new AbortController();
    let give = (_id: string): void => undefined;
    const id = new Promise<string>((resolve, reject) => {
      give = resolve;
      dropped.signal.addEventListener('abort', () => reject(dropped.signal.reason as Error));
    });
    id.catch(() => undefined);
    let named = false;
    const drop = (): void => (named ? undefined : dropped.abort());
    const done = this.turns.takeFree(file, () => this.build(jobOf(file, { ...snapshot, id: null }, feed), null, dropped.signal, () => undefined, id), drop);
    if (done === null) return notBegun;
    const kept = done.then(() => true, () => false).finally(() => this.drafts.delete(drop));
    this.drafts.set(drop, kept);
    const name = (text: string): Promise<boolean> => {
      named = true;
      give(text);
      return kept;
    };
    return { name, drop };
  }

  remove(userId: string, snapshotIds: readonly string[]): Promise<void> {
    const file = this.fileOf(userId);
    return this.turns.take(file, async () => void (await this.ask(userId, 'remove', [snapshotIds])));
  }

  /** `id`: of a snapshot that has none yet. */
  private async build(data: BuildData, chunks: AsyncIterable<Uint8Array> | null, signal: AbortSignal, onProgress: (entries: number) => void, id: Promise<string> | null): Promise<void> {
    signal.throwIfAborted();
    if (this.closed) throw ends();
    if (this.workerFile !== null) {
      await this.buildThere(this.workerFile, data, chunks, signal, onProgress, id);
      return;
    }
    await build(data, chunks ?? noChunks, onProgress, id === null ? undefined : () => id).catch((error: unknown) => { throw asError(failure(error), data.file); });
  }

  private buildThere(workerFile: string, data: BuildData, chunks: AsyncIterable<Uint8Array> | null, signal: AbortSignal, onProgress: (entries: number) => void, id: Promise<string> | null): Promise<void> {
    const thread = new Worker(workerFile, { workerData: data, env: process.env });
    this.builders.add(thread);
    const credit = new Credit(mostOnTheWay);
    id?.then((text) => thread.postMessage(text), () => undefined);
    return new Promise<void>((resolve, reject) => {
      const stop = (): void => void thread.terminate();
      signal.addEventListener('abort', stop, { once: true });
      thread.on('message', (message: ThreadMessage) => {
        if (message.type === 'progress') onProgress(message.entries);
        else if (message.type === 'more') credit.give();
        else if (message.type === 'done') resolve();
        else reject(asError(message, data.file));
      });
      thread.once('error', reject);
      thread.once('exit', () => {
        signal.removeEventListener('abort', stop);
        this.builders.delete(thread);
        credit.end();
        reject(signal.aborted ? (signal.reason as Error) : new Error('The thread that adds to the index ended'));
      });
      if (chunks !== null) this.pass(chunks, thread, credit).catch((error: unknown) => { reject(error); stop(); });
    });
  }

  /** Passes chunks on, no more at a time than the thread can take. */
  private async pass(chunks: AsyncIterable<Uint8Array>, thread: Worker, credit: Credit): Promise<void> {
    for await (const chunk of chunks) {
      if (!(await credit.take())) return;
      thread.postMessage(chunk);
    }
    thread.postMessage(null);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const drop of this.drafts.keys()) drop();
    await Promise.allSettled([...this.builders].map((thread) => thread.terminate()));
    await Promise.all(this.drafts.values());
    if (this.workerFile === null) closeAll();
    const { thread } = this;
    if (thread === null) return;
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    thread.ref();
    thread.postMessage('close');
    await ended;
  }
}
