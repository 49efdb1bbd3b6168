// The instances of a user: what the poller knows of them, and every action on them.
import type { Account, CreateInstance, Instance, InstanceWithOperation } from '../../contract';
import { runwayHours } from './burn';
import { InstanceActions } from './instance-actions';
import { logLines } from './instance-logs';
import { findRow, listWithinMs, view, within, type InstanceParts } from './instance-parts';
import { isChanging } from './instance-state';
import { Turns } from './instance-turns';
import { actionOn, toInstance } from './instance-view';
import { joinLabel, splitLabel } from './labels';
import { Poller, type Snapshot } from './poller';
import type { Caller, RentedInstance } from './ports';
import { Renting } from './rent';
import type { InstancesService } from './services';
import type { OperationRow } from './store-port';

export class Instances implements InstancesService {
  /** Started and stopped by whoever unlocks and locks users. */
  readonly poller: Poller;
  private readonly parts: InstanceParts;
  private readonly renting: Renting;
  private readonly actions: InstanceActions;

  constructor(options: Omit<InstanceParts, 'poller'> & { readonly random?: () => number }) {
    this.poller = new Poller({ ...options, busy: (userId, rows) => this.isBusy(userId, rows), listed: (userId, rows, account) => this.renting.listed(userId, rows, account) });
    this.parts = { ...options, poller: this.poller };
    const turns = new Turns();
    this.renting = new Renting(this.parts, turns);
    this.actions = new InstanceActions(this.parts, turns);
  }

  async list(caller: Caller, input?: { readonly fresh?: boolean }): Promise<{ readonly instances: Instance[]; readonly count: number; readonly as_of: string; readonly stale: boolean }> {
    const known = await this.known(caller.userId, input?.fresh === true);
    const instances = this.instancesOf(caller.userId, known);
    return { instances, count: instances.length, as_of: new Date(known.asOf ?? this.parts.clock.now()).toISOString(), stale: known.stale };
  }

  /** What is known now; asks nobody. */
  lastKnown(userId: string): readonly Instance[] {
    return this.instancesOf(userId, this.poller.snapshot(userId));
  }

  async get(caller: Caller, id: number): Promise<Instance> {
    return view(this.parts, caller.userId, await findRow(this.parts, caller.userId, id));
  }

  create(caller: Caller, input: CreateInstance): Promise<InstanceWithOperation> {
    return this.renting.create(caller, input);
  }

  async relabel(caller: Caller, id: number, label: string): Promise<Instance> {
    const row = await findRow(this.parts, caller.userId, id);
    const fullLabel = joinLabel(label, splitLabel(row.full_label).intentId);
    await this.parts.vast.relabel(await this.parts.secrets.vastKey(caller.userId), id, fullLabel);
    await this.poller.refresh(caller.userId).catch(() => undefined);
    return view(this.parts, caller.userId, { ...row, full_label: fullLabel });
  }

  pause(caller: Caller, id: number, options?: { readonly snapshot_first?: boolean }): Promise<InstanceWithOperation> {
    return this.actions.act(caller, id, 'pause', options?.snapshot_first);
  }

  resume(caller: Caller, id: number): Promise<InstanceWithOperation> {
    return this.actions.act(caller, id, 'resume');
  }

  destroy(caller: Caller, id: number, options?: { readonly snapshot_first?: boolean }): Promise<InstanceWithOperation> {
    return this.actions.act(caller, id, 'destroy', options?.snapshot_first);
  }

  async logs(caller: Caller, id: number, options: { readonly tail: number; readonly filter?: string }): Promise<{ readonly lines: string[]; readonly truncated: boolean }> {
    await findRow(this.parts, caller.userId, id);
    // One line more than is shown tells whether there are more.
    const text = await this.parts.vast.logs(await this.parts.secrets.vastKey(caller.userId), id, { ...options, tail: options.tail + 1 });
    return logLines(text, options.tail);
  }

  async account(caller: Caller): Promise<Account> {
    const known = await this.withCredit(caller.userId, await this.known(caller.userId, false));
    const burn = this.instancesOf(caller.userId, known).reduce((sum, instance) => sum + instance.cost_per_hour, 0);
    return {
      credit: known.credit,
      credit_as_of: known.creditAsOf === null ? null : new Date(known.creditAsOf).toISOString(),
      burn_per_hour: burn,
      runway_hours: runwayHours(known.credit, burn),
      as_of: known.asOf === null ? null : new Date(known.asOf).toISOString(),
      stale: known.stale,
      problem: known.problem,
    };
  }

  /** Goes on with a create, pause, resume or destroy found unfinished at start. Its user must be unlocked. */
  takeUp(row: OperationRow): void {
    if (row.kind === 'create') this.renting.takeUp(row);
    else this.actions.takeUp(row);
  }

  private instancesOf(userId: string, known: Snapshot): Instance[] {
    const active = this.parts.operations.active(userId);
    const now = this.parts.clock.now();
    return known.rows.map((row) => toInstance(row, active, now, known.upSince.get(row.id)));
  }

  /** What the poller knows; asks when it knows nothing yet. Throws only when there is nothing to show. */
  private async known(userId: string, isFresh: boolean): Promise<Snapshot> {
    const snapshot = this.poller.snapshot(userId);
    // Old without a failure: nobody polls for this user, or the computer slept.
    const isCurrent = snapshot.asOf !== null && (!snapshot.stale || snapshot.problem !== null);
    if (isCurrent && !isFresh) return snapshot;
    try {
      return await this.poller.refresh(userId);
    } catch (error) {
      const last = this.poller.snapshot(userId);
      if (last.asOf === null || isFresh) throw error;
      return last;
    }
  }

  /** A list is known before the credit that was asked for with it: who asks for the account waits for it, though not for long. */
  private withCredit(userId: string, known: Snapshot): Snapshot | Promise<Snapshot> {
    return known.creditAsOf === null ? within(this.parts.clock, listWithinMs, this.poller.settled(userId), () => known) : known;
  }

  private isBusy(userId: string, rows: readonly RentedInstance[]): boolean {
    const active = this.parts.operations.active(userId);
    const now = this.parts.clock.now();
    return rows.some((row) => actionOn(row.id, active) !== null || isChanging(toInstance(row, active, now).state));
  }
}
