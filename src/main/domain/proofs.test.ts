// What an instance's snapshots are worth, over a real store and a repository that tests change behind the app's back.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Settings } from '../../contract';
import { instance } from '../../../test/fakes/samples';
import { MemoryLog } from '../../../test/fakes/log';
import { VirtualClock } from '../../../test/fakes/virtual-clock';
import { aSnapshot, aSource, aUser } from '../../../test/suites/support/store-rows';
import { openStore } from '../providers/store/open-store';
import { AppError } from './app-error';
import { Proofs, type ProofsParts } from './proofs';
import { RepositoryShelves, type ContentsParts } from './repository-contents';
import { SnapshotList, type SnapshotListParts } from './snapshot-list';
import type { RepositoryKind } from '../../contract';
import type { RepositoryRow, Store } from './store-port';

const caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' } as const;
const id = 'ab'.repeat(32);

describe('the question before an instance is destroyed', () => {
  let store: Store;
  let clock: VirtualClock;
  /** What lies in the repository; null: its folder or its server is gone. */
  let lying: Set<string> | null;
  let asked: number;
  /** A server that never answers. */
  let silent: boolean;
  let proofs: Proofs;
  let list: SnapshotList;

  const build = (kind: RepositoryKind): void => {
    const row: RepositoryRow = { id: 'default', userId: caller.userId, name: '', kind, location: '/repository', isDefault: true, createdAt: 0 };
    const repositories = { rows: () => [row], placeOf: () => ({ location: '/repository', local: kind === 'local' }), open: () => Promise.resolve({}) };
    const restic = {
      exists: () => Promise.resolve(lying !== null),
      snapshotIds: () => Promise.resolve(lying),
      snapshots: () => {
        asked += 1;
        if (silent) return new Promise(() => undefined);
        if (lying === null) return Promise.reject(new AppError('repository_unreachable', 'No answer.', { reason: 'network', detail: '' }));
        return Promise.resolve([...lying].map((one) => ({ id: one, time: 0, tags: [], paths: [], hostname: '' })));
      },
    };
    const log = new MemoryLog();
    const hints = { tell: () => undefined };
    const shelves = new RepositoryShelves({ repositories, restic, hints, clock, log } as unknown as ContentsParts);
    list = new SnapshotList({ store, operations: { active: () => [] }, repositories, shelves, restic, log } as unknown as SnapshotListParts);
    proofs = new Proofs({
      store, list, clock, hints, log, instances: { get: () => Promise.resolve(instance) }, settings: { values: () => ({ proof_max_age_days: 7 }) as Settings },
      snapshotFirst: { coming: () => ({ paths: [], pause: 'off', destroy: 'off' }) },
    } as unknown as ProofsParts);
  };
  const safety = () => proofs.safety(caller, 7);
  const damaged = (at: string | null): void => store.upkeep.put(caller.userId, 'default', { ...store.upkeep.get(caller.userId, 'default'), damaged_at: at });

  beforeEach(() => {
    store = openStore(':memory:');
    clock = new VirtualClock();
    [lying, asked, silent] = [new Set([id]), 0, false];
    const source = aSource(caller.userId);
    store.users.insert(aUser(caller.userId));
    store.sources.insert(source);
    store.snapshots.insert({ ...aSnapshot(caller.userId, id), time: clock.now() - 3_600_000 });
    store.proofs.insert({
      id: 'p', userId: caller.userId, snapshotId: id, sourceId: source.id, operationId: 'o', at: clock.now() - 60_000, kind: 'full', result: 'ok', weak: false, files: 1, bytes: 1, totalFiles: 1, totalBytes: 1, command: 'none', problems: [], cursor: '', begins: null,
    });
    build('local');
  });
  afterEach(() => store.close());

  it('is not asked again while the proven snapshot lies where it should', async () => {
    expect(await safety()).toMatchObject({ verdict: 'proven', asks: false });
  });

  it('says that there is no snapshot once another program has removed it', async () => {
    lying = new Set();
    expect(await safety()).toMatchObject({ verdict: 'no_snapshot', asks: true, sources: [{ snapshot: null, proof: null }] });
  });

  it('is asked while the folder of the repository is gone', async () => {
    lying = null;
    expect(await safety()).toMatchObject({ verdict: 'unreadable', asks: true, sources: [{ snapshot: { id } }] });
  });

  it('is asked from a check that found damage until the repository is whole again', async () => {
    damaged('2026-11-23T11:59:00.000Z');
    expect(await safety()).toMatchObject({ verdict: 'damaged', asks: true });
    damaged(null);
    expect(await safety()).toMatchObject({ verdict: 'proven', asks: false });
  });

  const stamp = async () => (await list.all(caller.userId)).map(({ proof }) => proof.state);

  it('and the list of snapshots call none proven from a check that found damage until the repository is whole again', async () => {
    expect(await stamp()).toEqual(['proven']);
    damaged('2026-11-23T11:59:00.000Z');
    expect(await stamp()).toEqual(['damaged']);
    damaged(null);
    expect(await stamp()).toEqual(['proven']);
  });

  it('and the list call none proven that another program has removed', async () => {
    lying = new Set();
    await list.all(caller.userId);
    await clock.pass(61_000);
    expect(await stamp()).toEqual(['none']);
  });

  it('waits for the answer of a server, and takes one of the last minute', async () => {
    build('sftp');
    expect(await safety()).toMatchObject({ verdict: 'proven', asks: false });
    expect(await safety()).toMatchObject({ verdict: 'proven' });
    expect(asked).toBe(1);
    lying = new Set();
    await clock.pass(61_000);
    expect(await safety()).toMatchObject({ verdict: 'no_snapshot', asks: true });
    expect(asked).toBe(2);
  });

  it('is asked when the server fails, whatever it said before', async () => {
    build('sftp');
    expect(await safety()).toMatchObject({ verdict: 'proven' });
    lying = null;
    await clock.pass(61_000);
    expect(await safety()).toMatchObject({ verdict: 'unreadable', asks: true });
  });

  it('is asked when the server does not answer in time', async () => {
    silent = true;
    build('sftp');
    const answer = safety();
    await clock.pass(10_000);
    expect(await answer).toMatchObject({ verdict: 'unreadable', asks: true });
  });
});
