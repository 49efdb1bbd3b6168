// What an instance costs per hour now, from its state and never by adding `dph_total`, and how long the credit lasts.
import type { InstanceState } from '../../contract';

/** What the cost depends on. */
export interface CostFields {
  readonly state: InstanceState;
  /** Decide where the state word hides it. */
  readonly actual_status: string | null;
  readonly cur_state: string | null;
  /** $/h while running, disk included. */
  readonly dph_total: number;
  /** $/h of the disk. */
  readonly storage_total_cost: number;
}

const gpuIsBilled = (fields: CostFields): boolean => {
  const { actual_status: actual, cur_state: contract } = fields;
  if (actual === 'offline') return false;
  return contract === 'running' && actual !== null && actual !== 'created' && actual !== 'loading';
};

/** $/h now: GPU and disk while it runs, the disk while it exists, nothing while its host is offline. */
export const costPerHour = (fields: CostFields): number => {
  switch (fields.state) {
    case 'running':
    case 'frozen':
    case 'exited':
    case 'rebooting':
      return fields.dph_total;
    case 'creating':
    case 'loading':
    case 'scheduling':
    case 'stopped':
    case 'failed':
      return fields.storage_total_cost;
    case 'offline':
      return 0;
    // What is on its way, or does not say what it does, costs what its contract says.
    case 'stopping':
    case 'destroying':
    case 'unknown':
      return fields.actual_status === 'offline' ? 0 : gpuIsBilled(fields) ? fields.dph_total : fields.storage_total_cost;
  }
};

/** Hours until the credit is used up; 0 when it is, null when nothing is spent or the credit is not known. */
export const runwayHours = (credit: number | null, burnPerHour: number): number | null => {
  if (credit === null || burnPerHour <= 0) return null;
  return Math.max(0, credit) / burnPerHour;
};
