// Entry of the comparison worker (worker_threads): hashes gigabytes without holding the main process up.
import { parentPort, workerData } from 'node:worker_threads';
import type { ComparisonJob, ComparisonReport } from '../../domain/proof-ports';
import { isAppError } from '../../domain/app-error';
import { compareTree } from './compare-tree';

/** What it is told: the entries in pieces, that these were all, or to stop. */
export type CompareOrder = { readonly type: 'entries'; readonly entries: ComparisonJob['entries'] } | { readonly type: 'begin' | 'abort' };

/** What the worker posts. */
export type CompareMessage =
  | { readonly type: 'progress'; readonly bytes: number; readonly files: number }
  | { readonly type: 'done'; readonly report: ComparisonReport }
  | { readonly type: 'failed'; readonly cancelled: boolean; readonly message: string };

const post = (message: CompareMessage): void => parentPort?.postMessage(message);

const abort = new AbortController();
const entries: ComparisonJob['entries'][number][] = [];

const compare = async (): Promise<void> => {
  try {
    const job = { ...(workerData as Omit<ComparisonJob, 'entries'>), entries };
    post({ type: 'done', report: await compareTree(job, abort.signal, (bytes, files) => post({ type: 'progress', bytes, files })) });
  } catch (error) {
    post({ type: 'failed', cancelled: isAppError(error, 'cancelled'), message: error instanceof Error ? error.message : String(error) });
  } finally {
    parentPort?.close();
  }
};

parentPort?.on('message', (order: CompareOrder) => {
  if (order.type === 'entries') for (const entry of order.entries) entries.push(entry);
  else if (order.type === 'abort') abort.abort();
  else void compare();
});
