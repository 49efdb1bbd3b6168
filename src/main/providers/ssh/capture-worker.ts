// Entry of the capture worker (worker_threads): runs one fetch, so that neither parsing nor writing files ever holds up the main process.
import { parentPort, workerData } from 'node:worker_threads';
import { isAppError } from '../../domain/app-error';
import type { FetchReport } from '../../domain/snapshot-ports';
import { runCapture, type CaptureJob } from './capture-job';

/** What the worker posts. */
export type CaptureMessage =
  | { readonly type: 'progress'; readonly bytes: number; readonly files: number }
  | { readonly type: 'done'; readonly report: FetchReport }
  | { readonly type: 'failed'; readonly error: { readonly code: string | null; readonly message: string; readonly data: unknown } };

const post = (message: CaptureMessage): void => parentPort?.postMessage(message);

const main = async (): Promise<void> => {
  const abort = new AbortController();
  parentPort?.on('message', () => abort.abort());
  try {
    post({ type: 'done', report: await runCapture(workerData as CaptureJob, abort.signal, (bytes, files) => post({ type: 'progress', bytes, files })) });
  } catch (error) {
    const known = isAppError(error);
    post({ type: 'failed', error: { code: known ? error.code : null, message: error instanceof Error ? error.message : String(error), data: known ? error.data : null } });
  } finally {
    parentPort?.close();
  }
};

void main();
