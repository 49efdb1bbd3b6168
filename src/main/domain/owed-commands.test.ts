// Commands that are owed, with a host that a test lets fail: on which instance they run, how often, and when they are forgotten.
import { beforeEach, expect, test } from 'vitest';
import { MemoryLog } from '../../../test/fakes/log';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import { aUser } from '../../../test/suites/support/store-rows';
import { openStore } from '../providers/store/open-store';
import { AppError } from './app-error';
import { OperationsLog } from './operations';
import { OwedCommands, type OwedParts } from './owed-commands';
import type { Caller, OperationRun, RentedInstance } from './ports';
import { justRented } from './rent-plan';
import type { HookEnd, HostTarget, RemoteHost } from './snapshot-ports';
import { SnapshotQueues } from './snapshot-queue';
import { withHooks } from './source-hooks';
import type { OwedRow } from './store-port';

const minute = 60_000;
const ana: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const feed = { tell: () => undefined, operation: () => undefined };
const ended: HookEnd = { exitCode: 0, timedOut: false };
const unreachable = new AppError('ssh_unreachable', 'No answer.', { host: 'h', port: 1, detail: '' });
const cut = new AppError('connection_cut', 'Cut.', { phase: 'hook' });
const row: OwedRow = { userId: 'ana', instanceId: 7, directory: '/workspace', command: 'resume', timeoutS: 5, operationId: 'snapshot', account: 'mine', since: 0 };

const clock = new VirtualClock();
let store = openStore(':memory:');
let operations: OperationsLog;
let owed: OwedCommands;
/** `instance command` of all that was run. */
let ran: string[];
let ends: (HookEnd | Error)[];
let rows: RentedInstance[];
let known: { stale: boolean; account: string };
let gone: boolean;

const box = (id: number): RentedInstance => ({
  ...justRented(id, { offerId: 1, image: 'x', disk: 10, label: 'box', env: {}, onstart: null, bid: null }), actual_status: 'running', cur_state: 'running', next_state: 'running', intended_status: 'running',
  ssh: { host: 'h', port: id, user: 'root', command: '' },
});
const host = ({ instanceId }: HostTarget): RemoteHost =>
  ({
    command: (_directory: string, text: string) => {
      ran.push(`${instanceId} ${text}`);
      const end = ends.shift() ?? ended;
      return end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
    },
  }) as unknown as RemoteHost;
const look = async (): Promise<void> => {
  owed.look(ana, clock.now(), new AbortController().signal);
  await settle();
};
const told = (): string[] => operations.list(ana, { limit: 50 }).operations.map(({ kind, state, error }) => `${kind} ${state} ${error?.code ?? ''}`.trim()).reverse();
const left = (): number => store.owed.list('ana').length;

beforeEach(() => {
  store = openStore(':memory:');
  store.users.insert(aUser('ana'));
  operations = new OperationsLog({ store, clock, log: new MemoryLog(), redact: (text) => text, feed });
  [ran, ends, rows, known, gone] = [[], [], [box(6), box(7)], { stale: false, account: 'mine' }, false];
  const instances = { get: () => (gone ? Promise.reject(new AppError('not_found', 'Gone.', { kind: 'instance', id: 7 })) : Promise.resolve({})) } as unknown as OwedParts['instances'];
  owed = new OwedCommands({ store, operations, queues: new SnapshotQueues(), hosts: { host }, instances, known: () => ({ rows, ...known }), clock, log: new MemoryLog() });
  store.owed.put(row);
});

test('is run on its own instance, once', async () => {
  await look();
  await look();
  expect([ran, told(), left()]).toEqual([['7 resume'], ['command_after succeeded'], 0]);
});

test('its failure is a failed operation, and it is not run again', async () => {
  ends = [{ exitCode: 3, timedOut: false }];
  await look();
  await clock.pass(60 * minute);
  await look();
  expect([ran, told(), left()]).toEqual([['7 resume'], ['command_after failed remote_failed'], 0]);
});

test('one that was cut on its way there is not run again: it may have run', async () => {
  ends = [cut];
  await look();
  expect([told(), left()]).toEqual([['command_after failed connection_cut'], 0]);
});

test('while the instance is not reached it is tried again, with waits', async () => {
  ends = [unreachable, unreachable];
  await look();
  await look();
  await clock.pass(5 * minute);
  await look();
  await clock.pass(14 * minute);
  await look();
  expect([ran.length, left()]).toEqual([2, 1]);
  await clock.pass(minute);
  await look();
  expect([ran.length, told().at(-1), left()]).toEqual([3, 'command_after succeeded', 0]);
});

test('waits for what is known to be of now, for the instance to run, and for the snapshot that owes it', async () => {
  known.stale = true;
  await look();
  known.stale = false;
  rows = [box(6), { ...box(7), actual_status: 'exited', cur_state: 'stopped', next_state: 'stopped', intended_status: 'stopped' }];
  await look();
  rows = [box(6), box(7)];
  let end = (): void => undefined;
  const { operation } = operations.start({ caller: ana, kind: 'snapshot', instanceId: 7, title: 'x', cancellable: true }, () => new Promise<void>((resolve) => (end = resolve)));
  store.owed.put({ ...row, operationId: operation.id });
  await look();
  expect(ran).toEqual([]);
  end();
  await settle();
  await look();
  expect(ran).toEqual(['7 resume']);
});

test('is forgotten once the instance is gone, never because a list or another account does not show it', async () => {
  rows = [box(6)];
  await look();
  expect(left()).toBe(1);
  gone = true;
  known.account = 'another';
  await look();
  expect(left()).toBe(1);
  known.account = 'mine';
  await look();
  expect([ran, left()]).toEqual([[], 0]);
});

test('an instance that another key of the account shows is remembered with that key', async () => {
  ends = [unreachable];
  known.account = 'new key';
  await look();
  expect(store.owed.list('ana')[0]?.account).toBe('new key');
});

test('a capture keeps what it owes only until the command after was sent', async () => {
  store.owed.remove('ana', 7, '/workspace');
  const run = { id: 'snapshot', signal: new AbortController().signal, log: () => undefined, warn: (text: string) => void warnings.push(text), progress: () => undefined } as unknown as OperationRun;
  const warnings: string[] = [];
  const target = { userId: 'ana', instanceId: 7, host: 'h', port: 7, user: 'root' };
  const hooks = { before: { command: 'stop', timeout_s: 5 }, after: { command: 'resume', timeout_s: 5 } };
  const capture = (options: Partial<typeof hooks>) => withHooks(host(target), '/workspace', { before: null, after: null, ...options }, run, owed.debt(target, '/workspace', 'snapshot'), () => Promise.resolve(left()));
  expect([await capture(hooks), left()]).toEqual([1, 0]);
  expect([await capture({ after: hooks.after }), await capture({ before: hooks.before })]).toEqual([0, 0]);
  ends = [ended, unreachable];
  await capture(hooks);
  expect([left(), warnings.at(-1)]).toEqual([1, expect.stringContaining('as soon as the instance can be reached')]);
  ends = [ended, cut];
  await capture(hooks);
  expect(left()).toBe(0);
});
