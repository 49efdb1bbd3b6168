// The list of snapshots while something happens to one of them.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MemoryLog } from '../../../test/fakes/log';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import { anOperation, aSnapshot, aSource, aUser } from '../../../test/suites/support/store-rows';
import { openStore } from '../providers/store/open-store';
import { RepositoryShelves, type ContentsParts } from './repository-contents';
import { SnapshotList, type SnapshotListParts } from './snapshot-list';
import type { OperationRow, RepositoryRow, Store } from './store-port';

const id = 'ab'.repeat(32);

let store: Store;
let list: SnapshotList;
let clock: VirtualClock;
/** Ids in the folder. */
let lying: string[];
/** Tags of what lies there. */
let tags: string[];
/** What operations know of one. */
let known: (id: string) => OperationRow | null;
/** What restic waits for before it says what they are. */
let busy: Promise<void>;
/** Happens right after a list has looked into the folder. */
let afterLook: () => void;

beforeEach(() => {
  store = openStore(':memory:');
  store.users.insert(aUser('ana'));
  store.sources.insert(aSource('ana'));
  store.snapshots.insert(aSnapshot('ana', id));
  afterLook = () => undefined;
  clock = new VirtualClock();
  [lying, busy, tags, known] = [[id], Promise.resolve(), [], () => null];
  const row: RepositoryRow = { id: 'default', userId: 'ana', name: '', kind: 'local', location: '/repository', isDefault: true, createdAt: 0 };
  const repositories = { rows: () => [row], placeOf: () => ({ location: '/repository', local: true }), open: () => Promise.resolve({}) };
  const restic = {
    snapshotIds: () => {
      queueMicrotask(() => afterLook());
      return Promise.resolve(new Set(lying));
    },
    snapshots: () => busy.then(() => lying.map((one) => ({ id: one, time: 0, tags, paths: [], hostname: '', tree: 'tree', original: null }))),
  };
  const log = new MemoryLog();
  const shelves = new RepositoryShelves({ repositories, restic, hints: { tell: () => undefined }, clock, log } as unknown as ContentsParts);
  list = new SnapshotList({ store, operations: { active: () => [], known: (one: string) => known(one) }, repositories, shelves, restic, log } as unknown as SnapshotListParts);
});
afterEach(() => store.close());

it('one that is deleted while the list is made does not stay in it as one of another program', async () => {
  expect(await list.all('ana')).toMatchObject([{ id, result: 'ok' }]);
  // What restic says of it is known from now on.
  await settle();
  expect(store.snapshots.get('ana', id)?.tree).toBe('tree');
  afterLook = () => store.snapshots.remove('ana', id);
  expect(await list.all('ana')).toEqual([]);
});

it('a capture waits for restic to say what became of the snapshot that it builds on, a list does not wait so long', async () => {
  const stranger = 'cd'.repeat(32);
  let done = (): void => undefined;
  busy = new Promise((resolve) => (done = resolve));
  lying = [id, stranger];
  const holds = async (capture?: Parameters<SnapshotList['follow']>[1]): Promise<boolean | undefined> => (await list.follow('ana', capture)).get('default')?.details.has(stranger);
  const { signal } = new AbortController();
  const [captured, listed, elsewhere] = [holds({ operationId: 'o', repositoryId: 'default', signal }), holds(), holds({ operationId: 'o', repositoryId: 'other', signal })];
  await clock.pass(30_000);
  expect([await listed, await elsewhere]).toEqual([false, false]);
  done();
  expect(await captured).toBe(true);
});

it('one that a failed capture made is no stranger, also while the database does not take the end of that capture', async () => {
  const stranger = 'cd'.repeat(32);
  const capture = anOperation('ana', 2);
  store.operations.insert(capture);
  [lying, tags] = [[id, stranger], [`op:${capture.id}`]];
  known = () => ({ ...capture, state: 'succeeded' });
  expect((await list.all('ana')).map((one) => one.id)).toContain(stranger);
  known = (one) => (one === capture.id ? { ...capture, state: 'failed' } : null);
  expect(await list.all('ana')).toMatchObject([{ id }]);
});
