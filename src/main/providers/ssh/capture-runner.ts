// Runs fetches in worker threads of the main process.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ErrorCode } from '../../../contract';
import { AppError } from '../../domain/app-error';
import type { FetchReport } from '../../domain/snapshot-ports';
import { runCapture, type CaptureJob } from './capture-job';
import type { CaptureMessage } from './capture-worker';

/** How a fetch is run. */
export type CaptureRunner = (job: CaptureJob, signal: AbortSignal, onProgress: (bytes: number, files: number) => void) => Promise<FetchReport>;

/** In a worker made from this bundle. Each fetch has its own: it ends with it. */
export const workerRunner = (file: string): CaptureRunner => (job, signal, onProgress) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(file, { workerData: job, env: process.env });
    const abort = (): void => worker.postMessage('abort');
    signal.addEventListener('abort', abort, { once: true });
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', abort);
      finish();
    };
    worker.on('message', (message: CaptureMessage) => {
      if (message.type === 'progress') onProgress(message.bytes, message.files);
      else if (message.type === 'done') settle(() => resolve(message.report));
      else {
        const { code, message: text, data } = message.error;
        settle(() => reject(code === null ? new Error(text) : new AppError(code as ErrorCode, text, data as never)));
      }
    });
    worker.once('error', (error) => settle(() => reject(error)));
    // After `done` or `failed` this changes nothing.
    worker.once('exit', (code) => settle(() => reject(new Error(`The capture worker ended with code ${code}`))));
  });

/** Beside this module in the bundles; there is none when the sources run as they are, in tests, and then the caller's thread does the work. */
export const defaultRunner = (): CaptureRunner => {
  const beside = ['./capture-worker.js', '../capture-worker.js'].map((name) => fileURLToPath(new URL(name, import.meta.url))).find((file) => existsSync(file));
  return beside === undefined ? runCapture : workerRunner(beside);
};
