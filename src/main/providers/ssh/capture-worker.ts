// Entry of the capture worker (worker_threads): one capture's work on listings and the mirror, so that it never holds up the main process. See [Note: Capture stage].
import { parentPort, workerData } from 'node:worker_threads';
import { AppError, isAppError } from '../../domain/app-error';
import type { StageJob } from '../../domain/capture-ports';
import { localStages } from '../../domain/capture-stages';
import { asDiskFull } from '../../domain/disk-room';
import { bundledProgram } from '../process/bundled';
import { DiskMirrors } from './mirror';
import { OpenSsh } from './open-ssh';

/** What the worker is started with; plain data. */
export interface CaptureWorkerData {
  readonly job: StageJob;
  readonly dataFolder: string;
  readonly ssh: { readonly folder: string; readonly program?: string | null };
}

/** What main posts. */
export type StageCall = { readonly type: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] } | { readonly type: 'abort' };

/** What the worker posts. */
export type StageMessage =
  | { readonly type: 'hook'; readonly name: 'progress' | 'log'; readonly args: readonly unknown[] }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: { readonly code: string | null; readonly message: string; readonly data: unknown } };

const post = (message: StageMessage): void => parentPort?.postMessage(message);

/** Only codes of the app's own errors reach main: a full disk is told as one here. */
const failure = (thrown: unknown): { readonly code: string | null; readonly message: string; readonly data: unknown } => {
  const error = asDiskFull(thrown, dataFolder);
  const known = isAppError(error);
  return { code: known ? error.code : null, message: error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error), data: known ? error.data : null };
};

const { job, dataFolder, ssh } = workerData as CaptureWorkerData;
const abort = new AbortController();
const stage = localStages(new OpenSsh({ ...ssh, writer: bundledProgram('file-writer', import.meta.url) }), new DiskMirrors(dataFolder)).open(job, {
  signal: abort.signal,
  progress: (...args) => post({ type: 'hook', name: 'progress', args }),
  log: (...args) => post({ type: 'hook', name: 'log', args }),
});
stage.catch(() => undefined);

parentPort?.on('message', (message: StageCall) => {
  if (message.type === 'abort') {
    abort.abort(new AppError('cancelled', 'The operation was cancelled.', {}));
    return;
  }
  const { id, method, args } = message;
  void (async () => {
    try {
      const methods = (await stage) as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
      post({ type: 'done', id, result: await methods[method]?.(...args) });
    } catch (error) {
      post({ type: 'failed', id, error: failure(error) });
    } finally {
      if (method === 'close') parentPort?.close();
    }
  })();
});
