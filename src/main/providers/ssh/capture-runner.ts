// Captures in worker threads of the main process: each has its own, which ends with it.
import { Worker } from 'node:worker_threads';
import type { ErrorCode } from '../../../contract';
import { AppError } from '../../domain/app-error';
import type { CaptureStage, CaptureStages, StageHooks, StageJob } from '../../domain/capture-ports';
import { bundledProgram } from '../process/bundled';
import type { CaptureWorkerData, StageCall, StageMessage } from './capture-worker';

/** Listings pass through piece by piece, so that little lives long: small limits keep the thread small, MB. Measured at 200,000 files: 64 of the old are enough. */
const memory = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 };

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The far end of a stage in a worker. */
class WorkerLine {
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;
  private ended: Error | null = null;
  private readonly abort = (): void => this.worker.postMessage({ type: 'abort' } satisfies StageCall);

  constructor(
    private readonly worker: Worker,
    private readonly hooks: StageHooks,
  ) {
    if (hooks.signal.aborted) this.abort();
    hooks.signal.addEventListener('abort', this.abort, { once: true });
    worker.on('message', (message: StageMessage) => this.take(message));
    worker.once('error', (error) => this.end(error));
    worker.once('exit', (code) => this.end(new Error(`The capture worker ended with code ${code}`)));
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.ended !== null) {
        reject(this.ended);
        return;
      }
      const id = (this.calls += 1);
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ type: 'call', id, method, args } satisfies StageCall);
    });
  }

  private take(message: StageMessage): void {
    if (message.type === 'hook') {
      (this.hooks[message.name] as (...args: readonly unknown[]) => void)(...message.args);
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.type === 'done') waiting?.resolve(message.result);
    else {
      const { code, message: text, data } = message.error;
      waiting?.reject(code === null ? new Error(text) : new AppError(code as ErrorCode, text, data as never));
    }
  }

  private end(error: Error): void {
    this.hooks.signal.removeEventListener('abort', this.abort);
    this.ended ??= error;
    for (const waiting of this.waiting.values()) waiting.reject(this.ended);
    this.waiting.clear();
  }
}

const stageOver = (line: WorkerLine): CaptureStage => {
  const call = <Result>(method: keyof CaptureStage, ...args: readonly unknown[]): Promise<Result> => line.call(method, args) as Promise<Result>;
  // Their order among the calls is kept; what goes wrong in them shows in the next call.
  const tell = (method: 'named' | 'changed', list: readonly unknown[]): void => void line.call(method, [list]).catch(() => undefined);
  return {
    probe: (directory) => call('probe', directory),
    scan: (plan) => call('scan', plan),
    fetch: () => call('fetch'),
    seal: (about) => call('seal', about),
    named: (items) => tell('named', items),
    changed: (changes) => tell('changed', changes),
    judge: (by) => call('judge', by),
    commit: (id, partial) => call('commit', id, partial),
    settle: () => call('settle'),
    distrust: () => call('distrust'),
    warnings: () => call('warnings'),
    // A worker that has ended already is closed.
    close: () => call<void>('close').catch(() => undefined),
  };
};

/** Each capture in a worker made from this bundle. */
export const workerStages = (file: string, data: Omit<CaptureWorkerData, 'job'>): CaptureStages => ({
  open: (job: StageJob, hooks: StageHooks) => {
    const worker = new Worker(file, { workerData: { ...data, job } satisfies CaptureWorkerData, env: process.env, resourceLimits: memory });
    return Promise.resolve(stageOver(new WorkerLine(worker, hooks)));
  },
});

/** The worker's bundle beside this module; null when the sources run as they are, in tests, and then the caller's thread does the work. */
export const workerFile = (): string | null => bundledProgram('capture-worker', import.meta.url);
