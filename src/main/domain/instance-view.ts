// An instance as the contract shows it: what the provider says, plus state, cost and uptime worked out here.
import { posix } from 'node:path';
import type { Instance, Operation } from '../../contract';
import { costPerHour } from './burn';
import { stateOf, type Asked } from './instance-state';
import { splitLabel } from './labels';
import type { RentedInstance } from './ports';

/** The phase of a pause or destroy that takes a snapshot before anything is asked of the instance. */
export const snapshotFirstPhase = 'snapshot_first';

const defaultDirectory = '/workspace';

/** Where an instance keeps its data: DATA_DIRECTORY of its environment when it is an absolute path, else /workspace. */
export const dataDirectory = (environment: Readonly<Record<string, string>>): string => {
  const said = environment['DATA_DIRECTORY']?.trim() ?? '';
  if (!said.startsWith('/') || said.length > 1024 || /\p{Cc}/u.test(said)) return defaultDirectory;
  const path = posix.normalize(said).replace(/\/+$/, '');
  return path === '' ? defaultDirectory : path;
};

const actions = ['create', 'pause', 'resume', 'destroy'] as const;
type Action = (typeof actions)[number];

const isAction = (operation: Operation): operation is Operation & { readonly kind: Action } => (actions as readonly string[]).includes(operation.kind);

/** The operation that is changing this instance now; a destroy goes before all others. */
export const actionOn = (id: number, active: readonly Operation[]): (Operation & { readonly kind: Action }) | null => {
  const here = active.filter(isAction).filter((operation) => operation.instance_id === id);
  return here.find((operation) => operation.kind === 'destroy') ?? here[0] ?? null;
};

/** What an operation of this kind has asked of its instance. */
export const askedBy = (kind: Action | undefined): Asked => (kind === 'pause' ? 'stop' : kind === 'resume' ? 'start' : kind === 'destroy' ? 'destroy' : null);

/** The contract's instance. `now` and `upSince` in milliseconds; `active` are the user's running operations. */
export const toInstance = (row: RentedInstance, active: readonly Operation[], now: number, upSince?: number): Instance => {
  const { full_label, next_state, extra_env, ...fields } = row;
  const action = actionOn(row.id, active);
  // What waits for its snapshot has not been asked of the instance yet.
  const asked = action?.progress?.phase === snapshotFirstPhase ? null : askedBy(action?.kind);
  const state = stateOf({ ...row, next_state }, asked);
  return {
    ...fields,
    label: splitLabel(full_label).label,
    state,
    cost_per_hour: costPerHour({ ...row, state }),
    uptime_s: state !== 'running' || upSince === undefined ? null : Math.max(0, Math.round((now - upSince) / 1000)),
    // A stopped instance may keep the address that its proxy had: nothing answers there.
    ssh: row.actual_status === 'running' ? row.ssh : null,
    data_directory: dataDirectory(extra_env),
    operation_id: action?.id ?? null,
  };
};
