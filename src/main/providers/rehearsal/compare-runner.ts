// Runs comparisons in worker threads of the main process.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../domain/app-error';
import type { CompareTree } from '../../domain/proof-ports';
import { compareTree } from './compare-tree';
import type { CompareMessage } from './compare-worker';

/** In a worker made from this bundle. Each comparison has its own: it ends with it. */
export const compareInWorker = (file: string): CompareTree => (job, signal, onProgress) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(file, { workerData: job });
    const abort = (): void => worker.postMessage('abort');
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
  });

/** Beside this module in the bundles; when the sources run as they are, in tests, the caller's thread does the work. */
export const defaultCompare = (): CompareTree => {
  const beside = ['./compare-worker.js', '../compare-worker.js'].map((name) => fileURLToPath(new URL(name, import.meta.url))).find((file) => existsSync(file));
  return beside === undefined ? compareTree : compareInWorker(beside);
};
