// When sizes of repositories are sampled: over a real store, on a clock that a test moves.
import { beforeEach, expect, it } from 'vitest';
import { ana, OperationsRig } from '../../../test/fakes/operations-rig';
import { settle } from '../../../test/fakes/virtual-clock';
import type { Caller } from './ports';
import { AppError } from './app-error';
import { Maintenance } from './maintenance';
import { RepositorySamples, type SamplesParts } from './repository-samples';
import type { RetentionParts } from './retention';
import { SnapshotQueues } from './snapshot-queue';

const caller: Caller = { ...ana, email: 'ana@example.com', transport: 'ipc' };
const minute = 60_000;

let rig: OperationsRig;
let samples: RepositorySamples;
let maintenance: Maintenance;
/** Bytes in the repository. */
let stored: number;
/** What the next prune and the next counting wait for, and how the prune ends. */
let pruning: () => Promise<void>;
let counting: () => Promise<void>;
const taken = (): readonly (readonly [number, number])[] => rig.store.repositories.samples(ana.userId, 'default').map((one) => [(one.at - start) / minute, one.sizeBytes] as const);
let start = 0;

beforeEach(() => {
  rig = new OperationsRig();
  start = rig.clock.now();
  stored = 1000;
  pruning = () => Promise.resolve();
  counting = () => Promise.resolve();
  const hints = { tell: (userId: string, topic: string) => void rig.hints.push(`${userId} ${topic}`) };
  const repositories = { open: () => Promise.resolve({ location: '/r' }), row: () => ({ name: 'mine' }) };
  // Of each part only what is asked of it here.
  const common = { store: rig.store, operations: rig.operations, repositories, queues: new SnapshotQueues(), hints, clock: rig.clock, log: rig.log };
  const size = async () => {
    const rawBytes = stored;
    await counting();
    return { rawBytes, uncompressedBytes: 2 * rawBytes, snapshots: 1 };
  };
  samples = new RepositorySamples({ ...common, upkeep: { size } } as unknown as SamplesParts);
  const prune = async (): Promise<void> => {
    await pruning();
    stored = 400;
  };
  maintenance = new Maintenance({ ...common, care: { prune } } as unknown as RetentionParts);
  maintenance.onPruned.push((userId, id) => samples.takeNow(userId, id));
});

const prune = async (): Promise<void> => {
  await maintenance.prune(caller, { repository_id: 'default', max_repack_gb: 5 });
  await settle();
};

it('are one an hour after snapshots', async () => {
  await samples.take(ana.userId, 'default');
  await rig.clock.pass(59 * minute);
  await samples.take(ana.userId, 'default');
  await rig.clock.pass(minute);
  await samples.take(ana.userId, 'default');
  expect(taken()).toEqual([[0, 1000], [60, 1000]]);
});

it('are taken at once when space was freed, and pages are told', async () => {
  await samples.take(ana.userId, 'default');
  await rig.clock.pass(5 * minute);
  rig.hints.length = 0;
  await prune();
  expect(taken()).toEqual([[0, 1000], [5, 400]]);
  expect(rig.hints).toContain('ana snapshots');
  // The hour begins anew.
  await rig.clock.pass(59 * minute);
  await samples.take(ana.userId, 'default');
  expect(taken()).toHaveLength(2);
});

it('are not taken when a prune fails or is cancelled', async () => {
  for (const error of [new AppError('restic_failed', 'restic failed.', { exit_code: 1, output: '' }), new AppError('cancelled', 'The operation was cancelled.', {})]) {
    pruning = () => Promise.reject(error);
    await prune();
  }
  expect(taken()).toEqual([]);
});

it('are taken after the one that is under way: it may have counted before', async () => {
  let go: () => void = () => undefined;
  counting = () => new Promise((resolve) => (go = resolve));
  const first = samples.take(ana.userId, 'default');
  await settle();
  counting = () => Promise.resolve();
  await prune();
  expect(taken()).toEqual([]);
  await rig.clock.pass(minute);
  go();
  await first;
  await settle();
  expect(taken()).toEqual([[0, 1000], [1, 400]]);
});
