// One word for what an instance is doing, from the four status fields of Vast.
import type { InstanceState } from '../../contract';

/** What Vast says, and what was asked of the instance here. */
export interface StatusFields {
  /** The container; null while being provisioned. */
  readonly actual_status: string | null;
  /** The contract that is billed. */
  readonly cur_state: string | null;
  readonly next_state: string | null;
  readonly intended_status: string | null;
  readonly status_msg: string | null;
  readonly is_bid: boolean;
}

/** What an operation of ours is waiting for; Vast's fields alone cannot tell a queued start from a stopped instance. */
export type Asked = 'start' | 'stop' | 'destroy' | null;

/** Container errors that no waiting cures. A daemon that could not reach its registry tries again, so its other errors are not among them. */
const hopeless = /oci runtime create failed|manifest unknown|manifest for \S+ not found|pull access denied|repository does not exist|invalid reference format|no space left on device/i;

const isStopped = (word: string | null): boolean => word === 'stopped' || word === 'unloaded';

const beforeFirstRun = (fields: StatusFields, word: 'creating' | 'loading'): InstanceState => {
  if (fields.status_msg !== null && hopeless.test(fields.status_msg)) return 'failed';
  if (isStopped(fields.cur_state)) return fields.is_bid ? 'stopped' : 'failed';
  return isStopped(fields.intended_status) ? 'stopping' : word;
};

const whenExited = (fields: StatusFields, asked: Asked): InstanceState => {
  const wantsToRun = fields.intended_status === 'running' || fields.next_state === 'running';
  if (isStopped(fields.cur_state)) return wantsToRun || asked === 'start' ? 'scheduling' : 'stopped';
  if (isStopped(fields.intended_status)) return 'stopping';
  if (asked === 'start') return 'loading';
  // No contract state at all: an exited container is all that is known.
  return fields.cur_state === null && !wantsToRun ? 'stopped' : 'exited';
};

/** The state of an instance. `asked` is what an operation of ours is waiting for. */
export const stateOf = (fields: StatusFields, asked: Asked = null): InstanceState => {
  if (asked === 'destroy') return 'destroying';
  switch (fields.actual_status) {
    case null:
    case 'created':
      return beforeFirstRun(fields, 'creating');
    case 'loading':
      return beforeFirstRun(fields, 'loading');
    case 'running':
      return isStopped(fields.intended_status) || isStopped(fields.cur_state) ? 'stopping' : 'running';
    case 'exited':
    case 'stopped':
      return whenExited(fields, asked);
    case 'frozen':
      return 'frozen';
    case 'rebooting':
    case 'recycling':
    case 'restarting':
      return 'rebooting';
    case 'offline':
      return 'offline';
    default:
      return 'unknown';
  }
};

/** States that will change by themselves: worth asking for more often. */
export const isChanging = (state: InstanceState): boolean =>
  state === 'creating' || state === 'loading' || state === 'stopping' || state === 'rebooting' || state === 'destroying';
