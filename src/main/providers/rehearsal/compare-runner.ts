// Runs comparisons in worker threads of the main process.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/app-error';
import type { CompareTree, ComparisonJob } from '../../domain/proof-ports';
import { mainTurn, Turns } from '../../domain/turns';
import { compareTree } from './compare-tree';
import type { CompareMessage, CompareOrder } from './compare-worker';

/** Entries posted at a time: each is copied, and a tree may have millions. */
const piece = 1000;

const send = async (worker: Worker, entries: ComparisonJob['entries'], signal: AbortSignal): Promise<void> => {
  const turns = new Turns(signal, mainTurn);
  const post = (order: CompareOrder): void => worker.postMessage(order);
  for (let at = 0; at < entries.length; at += piece) {
    if (turns.dueNow) await turns.pause();
    post({ type: 'entries', entries: entries.slice(at, at + piece) });
  }
  post({ type: 'begin' });
};

/** In a worker made from this bundle. Each comparison has its own: it ends with it. */
export const compareInWorker = (file: string): CompareTree => ({ entries, ...job }, signal, onProgress) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(file, { workerData: job });
    const abort = (): void => worker.postMessage({ type: 'abort' } satisfies CompareOrder);
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: CompareMessage) => {
      if (message.type === 'progress') onProgress(message.bytes, message.files);
      else if (message.type === 'done') resolve(message.report);
      else reject(message.cancelled ? new AppError('cancelled', 'The operation was cancelled.', {}) : new Error(message.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', abort);
      // After an answer this changes nothing.
      reject(new Error(`The comparison worker ended with code ${code}`));
    });
    send(worker, entries, signal).catch((error: unknown) => {
      reject(error);
      void worker.terminate();
    });
  });

/** Beside this module in the bundles; when the sources run as they are, in tests, the caller's thread does the work. */
export const defaultCompare = (): CompareTree => {
  const beside = ['./compare-worker.js', '../compare-worker.js'].map((name) => fileURLToPath(new URL(name, import.meta.url))).find((file) => existsSync(file));
  return beside === undefined ? compareTree : compareInWorker(beside);
};
