// Snapshots by the instance they were taken of, also of instances that are gone.
import type { Instance, Snapshot } from '../../../contract';

export interface SnapshotGroup {
  /** Stable: the id of the instance, else the name of the host. */
  readonly key: string;
  readonly instanceId: number | null;
  /** The label now, else the one it had when the newest snapshot was taken. */
  readonly label: string | null;
  /** The instance as it is now; null when it is gone. */
  readonly instance: Instance | null;
  /** Newest first. */
  readonly snapshots: readonly Snapshot[];
}

/** Groups, the one with the newest snapshot first. */
export const groupSnapshots = (snapshots: readonly Snapshot[], instances: readonly Instance[]): readonly SnapshotGroup[] => {
  const groups = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots.toSorted((left, right) => right.time.localeCompare(left.time))) {
    const key = snapshot.instance_id === null ? `host:${snapshot.hostname}` : `instance:${snapshot.instance_id}`;
    const group = groups.get(key);
    if (group) group.push(snapshot);
    else groups.set(key, [snapshot]);
  }
  return [...groups].map(([key, list]) => {
    const instanceId = list[0]?.instance_id ?? null;
    const instance = instances.find(({ id }) => id === instanceId) ?? null;
    return { key, instanceId, instance, label: instance?.label ?? list.find(({ label }) => label !== null)?.label ?? (instanceId === null ? (list[0]?.hostname ?? null) : null), snapshots: list };
  });
};

/** The group that a snapshot is in, also when a newer answer says something else of it: its id stays. */
export const groupOf = (groups: readonly SnapshotGroup[], { id }: Pick<Snapshot, 'id'>): SnapshotGroup | undefined => groups.find(({ snapshots }) => snapshots.some((one) => one.id === id));

/** Instances that a snapshot can be taken of or restored to. */
export const runningOf = (instances: readonly Instance[]): readonly Instance[] => instances.filter(({ state }) => state === 'running');

/** A path on an instance, as the contract wants it. */
export const isRemotePath = (path: string): boolean => path.length <= 1024 && /^\/[^\0\n\r]*$/.test(path);

/** A tag, as the contract wants it: restic splits tags at commas. */
export const isTag = (tag: string): boolean => tag.trim().length >= 1 && tag.trim().length <= 100 && /^[^,\p{Cc}]+$/u.test(tag.trim());

/** The name of a new folder below the export folder; no way out of it. */
export const isFolderName = (name: string): boolean => {
  const parts = name.split(/[\\/]/);
  return name.trim() !== '' && name.length <= 200 && !name.startsWith('/') && !/\p{Cc}/u.test(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
};

/** A folder name that says what it holds and sorts by time: `train-2026-11-23-1405`. */
export const suggestFolder = (label: string | null, time: string): string => {
  const at = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const name = (label ?? 'snapshot').normalize('NFKD').replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '').slice(0, 40);
  return `${name === '' ? 'snapshot' : name}-${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}`;
};
