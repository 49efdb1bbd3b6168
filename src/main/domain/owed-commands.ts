// Commands after a snapshot that never ran, because the app or the connection ended in between: kept, and run at the next contact with their instance.
import type { SourceOptions } from '../../contract';
import { AppError, isAppError } from './app-error';
import { waitAfter } from './back-off';
import { reachable } from './host-target';
import { toInstance } from './instance-view';
import type { Caller, Clock, Log, OperationRun, Operations, RentedInstance } from './ports';
import type { InstancesService } from './services';
import type { HostTarget, RemoteHost, RemoteHosts } from './snapshot-ports';
import type { SnapshotQueues } from './snapshot-queue';
import { snapshotTitle } from './snapshot-view';
import { afterHook, type HookDebt } from './source-hooks';
import type { OwedRow, Store } from './store-port';

/*
 * [Note: Owed command] The command before may stop a job that only the command after lets go on, while its GPU is billed. So before the first is sent it is kept that the second is owed, as it
 * reads then. The capture itself pays as a rule. Else it is paid by the next look at an instance that runs and answers, or before the next snapshot of the folder: always of the instance that it
 * was begun on, under the key of its host. What has begun there is paid, however it ends; only what could not begin, or was cut by the end of the app, is run again. It is forgotten when
 * Vast.ai says that the instance is gone, to the account that last showed it.
 */

export interface OwedParts {
  readonly store: Pick<Store, 'owed' | 'sources'>;
  readonly operations: Pick<Operations, 'start' | 'active'>;
  readonly queues: SnapshotQueues;
  readonly hosts: Pick<RemoteHosts, 'host'>;
  readonly instances: Pick<InstancesService, 'get'>;
  /** What Vast.ai said last, and to which account; `stale` when that is not what is so now. */
  readonly known: (userId: string) => { readonly rows: readonly RentedInstance[]; readonly stale: boolean; readonly account: string | null };
  readonly clock: Clock;
  readonly log: Log;
}

const keyOf = (row: OwedRow): string => `${row.userId} ${row.instanceId} ${row.directory}`;

export class OwedCommands {
  private readonly going = new Set<string>();
  /** Tries that came to nothing. */
  private readonly failures = new Map<string, { readonly count: number; readonly at: number }>();

  constructor(private readonly parts: OwedParts) {}

  /** What a capture is given to keep and to take back. */
  debt(target: HostTarget, directory: string, operationId: string): HookDebt {
    const { owed } = this.parts.store;
    const { userId, instanceId } = target;
    return {
      owe: (hook) => owed.put({ userId, instanceId, directory, command: hook.command, timeoutS: hook.timeout_s, operationId, account: this.parts.known(userId).account, since: this.parts.clock.now() }),
      paid: () => owed.remove(userId, instanceId, directory),
    };
  }

  /** Runs what is owed to this folder, in its turn. Its failure is a warning; throws when it could not be run. */
  async payFirst(target: HostTarget, directory: string, host: RemoteHost, run: OperationRun): Promise<void> {
    const failure = await this.pay(target, directory, host, run);
    if (failure !== null) run.warn(`The command that was owed after an earlier snapshot failed: ${failure}.`);
  }

  /** Begins what is due. Once `signal` is aborted nothing is begun. */
  look(caller: Caller, now: number, signal: AbortSignal): void {
    const owed = this.parts.store.owed.list(caller.userId);
    if (owed.length === 0 || signal.aborted) return;
    const { rows, stale, account } = this.parts.known(caller.userId);
    if (stale) return;
    const active = this.parts.operations.active(caller.userId);
    for (const row of owed.filter((one) => this.isDue(one, now) && !active.some(({ id }) => id === one.operationId))) {
      const rented = rows.find(({ id }) => id === row.instanceId);
      if (rented === undefined) {
        if (row.account === account) void this.forgetIfGone(caller, row);
        continue;
      }
      if (row.account !== account) this.parts.store.owed.put({ ...row, account });
      const instance = toInstance(rented, active, now);
      const title = snapshotTitle(instance, row.directory);
      const isCaptured = active.some((one) => one.kind === 'snapshot' && one.instance_id === instance.id && one.title === title);
      if (instance.state === 'running' && instance.ssh !== null && !isCaptured) this.begin(caller, reachable(caller.userId, instance), row, title);
    }
  }

  private isDue(row: OwedRow, now: number): boolean {
    const failed = this.failures.get(keyOf(row));
    // A try in the future: the clock was set back.
    return !this.going.has(keyOf(row)) && (failed === undefined || now < failed.at || now - failed.at >= waitAfter(failed.count));
  }

  private begin(caller: Caller, target: HostTarget, row: OwedRow, title: string): void {
    const { operations, store, queues, hosts } = this.parts;
    const { directory } = row;
    this.going.add(keyOf(row));
    const { done } = operations.start({ caller, kind: 'command_after', instanceId: row.instanceId, title, cancellable: false }, async (run) => {
      const work = async (): Promise<void> => {
        const failure = await this.pay(target, directory, hosts.host(target), run);
        if (failure !== null) throw new AppError('remote_failed', `The command after the snapshot failed: ${failure}.`, { phase: 'hook', exit_code: null, detail: failure });
      };
      const source = store.sources.find(row.userId, row.instanceId, directory);
      await (source === null ? work() : queues.of(source.id).run('exclusive', work, run.signal));
    });
    void this.settle(row, done);
  }

  private async forgetIfGone(caller: Caller, row: OwedRow): Promise<void> {
    this.going.add(keyOf(row));
    await this.settle(row, this.parts.instances.get(caller, row.instanceId).catch((error: unknown) => {
      if (!isAppError(error, 'not_found')) throw error;
      this.parts.log.info('owed_command.forgotten', { instance_id: row.instanceId });
      this.parts.store.owed.remove(row.userId, row.instanceId, row.directory);
    }));
  }

  /** Counts what failed, so that it is not tried again at once. */
  private async settle(row: OwedRow, done: Promise<unknown>): Promise<void> {
    const key = keyOf(row);
    try {
      await done;
      this.failures.delete(key);
    } catch (error) {
      this.failures.set(key, { count: (this.failures.get(key)?.count ?? 0) + 1, at: this.parts.clock.now() });
      this.parts.log.warn('owed_command.failed', { instance_id: row.instanceId, code: isAppError(error) ? error.code : 'internal' });
    } finally {
      this.going.delete(key);
    }
  }

  /** How it failed, in words; null when it did not, or nothing is owed. */
  private async pay(target: HostTarget, directory: string, host: RemoteHost, run: OperationRun): Promise<string | null> {
    const { owed } = this.parts.store;
    const row = owed.get(target.userId, target.instanceId, directory);
    if (row === null) return null;
    const hook: NonNullable<SourceOptions['after']> = { command: row.command, timeout_s: row.timeoutS };
    run.log('info', `The command after the snapshot of ${new Date(row.since).toISOString()} was not run then: the app or the connection had ended.`);
    const end = await afterHook(host, directory, hook, run);
    if (end.begun) owed.remove(row.userId, row.instanceId, directory);
    if (end.error !== null) throw end.error;
    return end.failure;
  }
}
