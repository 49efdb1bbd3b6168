// Commands that run on the instance before and after a capture, such as `sync` or `pg_dump`; set by the user in the window.
import type { SourceOptions } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { OperationRun } from './ports';
import type { HookEnd, RemoteHost } from './snapshot-ports';

/** Lines of one command that go to the log. */
const mostLines = 200;
/** Beyond the command's own limit, for the way there and back, milliseconds. */
const way = 30_000;

type HookName = 'before' | 'after';

const runHook = async (host: RemoteHost, directory: string, name: HookName, hook: NonNullable<SourceOptions['before']>, run: Pick<OperationRun, 'log'>, signal: AbortSignal): Promise<HookEnd> => {
  run.log('info', `Command ${name === 'before' ? 'before' : 'after'} the snapshot: ${hook.command}`);
  let lines = 0;
  const end = await host.command(directory, hook.command, hook.timeout_s, signal, (line) => {
    lines += 1;
    if (lines <= mostLines) run.log('info', line, 'remote');
  });
  if (lines > mostLines) run.log('info', `It said ${lines - mostLines} lines more.`);
  return end;
};

const failureOf = ({ exitCode, timedOut }: HookEnd, hook: NonNullable<SourceOptions['before']>): string | null =>
  timedOut ? `it took longer than ${hook.timeout_s} s` : exitCode === 0 ? null : `it ended with code ${exitCode ?? 'none'}`;

/** Keeps that a command after is owed, until it was run. See [Note: Owed command]. */
export interface HookDebt {
  owe(after: NonNullable<SourceOptions['after']>): void;
  paid(): void;
}

/** Runs `work` between the commands: nothing when the first fails (`hook_failed`), and the second always; its failure is a warning. */
export const withHooks = async <Result>(host: RemoteHost, directory: string, options: Pick<SourceOptions, 'before' | 'after'>, run: OperationRun, debt: HookDebt, work: () => Promise<Result>): Promise<Result> => {
  const { before, after } = options;
  try {
    if (before !== null) {
      if (after !== null) debt.owe(after);
      run.progress({ phase: 'before', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
      const end = await runHook(host, directory, 'before', before, run, AbortSignal.any([run.signal, AbortSignal.timeout(before.timeout_s * 1000 + way)]));
      const failure = failureOf(end, before);
      if (failure !== null) throw new AppError('hook_failed', `The command before the snapshot failed: ${failure}. No snapshot was taken.`, { hook: 'before', exit_code: end.exitCode, timed_out: end.timedOut, detail: failure });
    }
    return await work();
  } finally {
    // The operation may have been cancelled: what was paused for it must go on all the same.
    if (after !== null) await runAfter(host, directory, after, run, before === null ? null : debt);
  }
};

/** How a command after ended. */
interface AfterEnd {
  /** It was sent to the instance, whatever became of it there. */
  readonly begun: boolean;
  /** In words; null when it succeeded, or when there is an error. */
  readonly failure: string | null;
  /** Why nothing is known of its end. */
  readonly error: unknown;
}

/** With these the instance was never reached. */
const notReached = ['ssh_missing', 'ssh_key_exposed', 'ssh_unreachable', 'ssh_refused', 'host_key_changed'] as const;

/** Runs a command after; no abort of the operation ends it, only its own time limit. Never throws. */
export const afterHook = async (host: RemoteHost, directory: string, hook: NonNullable<SourceOptions['after']>, run: Pick<OperationRun, 'log'>): Promise<AfterEnd> => {
  try {
    const failure = failureOf(await runHook(host, directory, 'after', hook, run, AbortSignal.timeout(hook.timeout_s * 1000 + way)), hook);
    return { begun: true, failure, error: null };
  } catch (error) {
    return { begun: !isAppError(error, ...notReached), failure: null, error };
  }
};

/** `debt` is null where nothing is owed: no command before ran. */
const runAfter = async (host: RemoteHost, directory: string, hook: NonNullable<SourceOptions['after']>, run: OperationRun, debt: HookDebt | null): Promise<void> => {
  const { begun, failure, error } = await afterHook(host, directory, hook, run);
  if (begun) debt?.paid();
  if (failure !== null) run.warn(`The command after the snapshot failed: ${failure}.`);
  const later = begun || debt === null ? '' : ' It is run as soon as the instance can be reached again.';
  if (error !== null) run.warn(`The command after the snapshot could not be run: ${isAppError(error) ? error.message : 'the connection failed'}${later}`);
};
