// What each state of an instance means for the user: its tone, and what can be done in it.
import type { Instance, InstanceState, Operation, OperationKind, SnapshotFirst } from '../../../contract';

/** How a state looks: fine, under way, at rest, or in need of attention. */
export type Tone = 'ok' | 'busy' | 'rest' | 'warn' | 'bad';

const tones: Readonly<Record<InstanceState, Tone>> = {
  creating: 'busy', loading: 'busy', running: 'ok', stopping: 'busy', stopped: 'rest', scheduling: 'warn', rebooting: 'busy', frozen: 'warn', exited: 'warn', offline: 'bad', failed: 'bad',
  destroying: 'busy', unknown: 'warn',
};

export const toneOf = (state: InstanceState): Tone => tones[state];

/** What can be asked for in a state; main decides in the end. */
export interface Allowed {
  readonly pause: boolean;
  readonly resume: boolean;
  readonly snapshot: boolean;
  readonly destroy: boolean;
}

const canPause: ReadonlySet<InstanceState> = new Set(['running', 'scheduling', 'frozen', 'exited', 'rebooting']);

/** What changes an instance. Whatever else is done to it or to its snapshots may take hours, in which a pause saves money. */
const changes: ReadonlySet<OperationKind> = new Set(['create', 'pause', 'resume', 'destroy']);

/** The actions that make sense while this operation is under way: beside one that changes it only destroying, beside any other no new snapshot. `waits`: nothing can be asked for now. */
export const allowedFor = (instance: Pick<Instance, 'state'>, operation: Pick<Operation, 'kind'> | null, waits: boolean): Allowed => {
  const isChanged = waits || (operation !== null && changes.has(operation.kind));
  const isBusy = waits || (operation !== null && operation.kind !== 'delete_snapshot');
  return {
    pause: !isChanged && canPause.has(instance.state),
    resume: !isChanged && instance.state === 'stopped',
    snapshot: !isBusy && instance.state === 'running',
    destroy: instance.state !== 'destroying',
  };
};

/** What a destroy is asked for with: what the dialog showed, so that main refuses it rather than drop a snapshot that was promised. Nothing of it while nothing is known. */
export const destroyFirst = (coming: Pick<SnapshotFirst, 'destroy'> | undefined, chosen: boolean | null): { readonly snapshot_first?: boolean } =>
  coming === undefined ? {} : { snapshot_first: chosen ?? coming.destroy === 'taken' };

/** The operation that is being done to an instance, if it is still under way. */
export const operationOf = (instance: Pick<Instance, 'id' | 'operation_id'>, operations: readonly Operation[]): Operation | null => {
  const ended: ReadonlySet<Operation['state']> = new Set(['succeeded', 'warnings', 'failed', 'cancelled']);
  const active = operations.filter((operation) => !ended.has(operation.state));
  return active.find(({ id }) => id === instance.operation_id) ?? active.find(({ instance_id }) => instance_id === instance.id) ?? null;
};

export interface Totals {
  readonly running: number;
  /** $/h now. */
  readonly now: number;
  /** $/day if every one of them were paused. */
  readonly pausedDay: number;
}

/** Sums over all instances, from what each costs in the state it is in. */
export const totalsOf = (instances: readonly Pick<Instance, 'state' | 'cost_per_hour' | 'storage_total_cost'>[]): Totals => ({
  running: instances.filter(({ state }) => state === 'running').length,
  now: instances.reduce((sum, { cost_per_hour: cost }) => sum + cost, 0),
  pausedDay: instances.reduce((sum, { storage_total_cost: cost }) => sum + cost * 24, 0),
});

/** Digits after the point of dollars per day: cents, and more only below ten of them. */
export const dayDigits = (dollars: number): number | undefined => (dollars >= 0.1 ? 2 : undefined);

/** States in which the host bills nothing, whatever the instance costs else. */
export const costsNothing = (instance: Pick<Instance, 'cost_per_hour'>): boolean => instance.cost_per_hour === 0;

/** Urgent first: what needs an answer, then what runs, then the rest; within that the newest. */
export const inOrder = (instances: readonly Instance[]): readonly Instance[] => {
  const rank: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, busy: 2, ok: 3, rest: 4 };
  return instances.toSorted((left, right) => rank[tones[left.state]] - rank[tones[right.state]] || (right.start_date ?? '').localeCompare(left.start_date ?? '') || right.id - left.id);
};
