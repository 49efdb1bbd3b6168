// What the simulator knows of a rented instance, and of the account that rents it.
import type { Row } from './offer-row';

/** A public key in the account or on an instance. */
export interface StoredKey {
  readonly id: number;
  readonly public_key: string;
  /** Epoch seconds. */
  readonly created_at: number;
}

/** A change of an instance that is due at an instant of simulated time. */
export interface Step {
  /** Epoch seconds. */
  readonly at: number;
  readonly actual?: string;
  readonly cur?: 'running' | 'stopped';
  readonly intended?: 'running' | 'stopped';
  readonly message?: string;
  /** The instance gives its GPUs back. */
  readonly release?: boolean;
  /** The container's files are thrown away. */
  readonly wipe?: boolean;
}

/** Dollars and hours of one instance on one UTC day. */
export interface DayCharges {
  gpu: number;
  disk: number;
  up: number;
  down: number;
  gpuHours: number;
  diskHours: number;
  upGb: number;
  downGb: number;
}

/** One rented instance. Mutable: the world advances it. */
export interface InstanceRecord {
  readonly id: number;
  readonly machineIndex: number;
  readonly slots: readonly number[];
  /** The offer as it was rented, with its prices. */
  readonly offer: Row;
  readonly image: string;
  readonly imageArgs: readonly string[];
  readonly runtype: string;
  readonly onstart: string | null;
  readonly extraEnv: readonly (readonly [string, string])[];
  readonly diskGb: number;
  /** Epoch seconds. */
  readonly createdAt: number;
  readonly apiKey: string;
  readonly jupyterToken: string;
  label: string | null;
  /** $/h for the whole instance; null = on-demand. */
  bidPrice: number | null;
  actual: string | null;
  cur: 'running' | 'stopped';
  intended: 'running' | 'stopped';
  message: string | null;
  steps: readonly Step[];
  /** A start waits for its GPUs. */
  queued: boolean;
  outbid: boolean;
  offline: boolean;
  holdsGpus: boolean;
  /** Simulated seconds it has been running, over all its runs. */
  runSeconds: number;
  /** Counts container lives: a recycle begins a new one with fresh files. */
  life: number;
  keys: readonly StoredKey[];
  /** OpenSSH private host key; made when its SSH server first opens. */
  hostKey: string | null;
  /** Port of its SSH server, 0 before the first run. */
  sshPort: number;
  /** Bytes not yet turned into charges. */
  upBytes: number;
  downBytes: number;
  upGbBilled: number;
  downGbBilled: number;
  /** Charges by UTC day (epoch seconds of its start). */
  charges: Record<string, DayCharges>;
  /** Set when destroyed: epoch seconds at which the row leaves the lists. */
  goneAt: number | null;
}

/** Reads a price of the rented offer. */
export const offerNumber = (record: InstanceRecord, field: string): number => Number(record.offer[field] ?? 0);

/** True for run types that start an SSH server. */
export const hasSsh = (record: InstanceRecord): boolean => record.runtype.includes('ssh');
