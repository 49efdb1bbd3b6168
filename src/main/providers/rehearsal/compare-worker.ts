// Entry of the comparison worker (worker_threads): hashes gigabytes without holding the main process up.
import { parentPort, workerData } from 'node:worker_threads';
import type { ComparisonJob, ComparisonReport } from '../../domain/proof-ports';
import { isAppError } from '../../domain/app-error';
import { compareTree } from './compare-tree';

/** What the worker posts. */
export type CompareMessage =
  | { readonly type: 'progress'; readonly bytes: number; readonly files: number }
  | { readonly type: 'done'; readonly report: ComparisonReport }
  | { readonly type: 'failed'; readonly cancelled: boolean; readonly message: string };

const post = (message: CompareMessage): void => parentPort?.postMessage(message);

const main = async (): Promise<void> => {
  const abort = new AbortController();
  parentPort?.on('message', () => abort.abort());
  try {
    post({ type: 'done', report: await compareTree(workerData as ComparisonJob, abort.signal, (bytes, files) => post({ type: 'progress', bytes, files })) });
  } catch (error) {
    post({ type: 'failed', cancelled: isAppError(error, 'cancelled'), message: error instanceof Error ? error.message : String(error) });
  } finally {
    parentPort?.close();
  }
};

void main();
