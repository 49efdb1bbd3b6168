// The feed of hints: who hears what, how often, and that nothing piles up for a page that does not read.
import { beforeEach, expect, test } from 'vitest';
import { operation } from '../../../test/fakes/samples';
import { settle, VirtualClock } from '../../../test/fakes/virtual-clock';
import type { WatchEvent } from '../../contract';
import { EventsFeed } from './events';

const ana = { userId: 'ana' };

let clock: VirtualClock;
let feed: EventsFeed;

beforeEach(() => {
  clock = new VirtualClock();
  feed = new EventsFeed(clock);
});

/** A page that reads all the time. */
async function open(userId = 'ana') {
  const events: WatchEvent[] = [];
  const abort = new AbortController();
  const ended = (async () => {
    for await (const event of feed.watch({ userId }, abort.signal)) events.push(event);
  })();
  await settle();
  return { events, ended, close: () => abort.abort(), hints: () => events.flatMap((event) => (event.type === 'hint' ? [[event.topic, event.id]] : [])) };
}

test('says that it is alive at once and every 15 s', async () => {
  const page = await open();
  expect(page.events).toEqual([{ type: 'alive' }]);
  await clock.pass(14_999);
  expect(page.events).toHaveLength(1);
  await clock.pass(30_001);
  expect(page.events).toHaveLength(4);
  page.close();
  await page.ended;
  expect(clock.waiting).toBe(0);
});

test('tells every page of that user, and of no other', async () => {
  const [one, two, other] = [await open(), await open(), await open('ben')];
  feed.tell('ana', 'instances', 7);
  await settle();
  expect([one.hints(), two.hints(), other.hints()]).toEqual([[['instances', 7]], [['instances', 7]], []]);
});

test('a hundred hints in a second are at most five, and the last is among them', async () => {
  const page = await open();
  for (let step = 0; step < 100; step += 1) {
    feed.tell('ana', 'snapshots');
    await clock.pass(10);
  }
  await clock.pass(1_000);
  expect(page.hints().length).toBeGreaterThanOrEqual(4);
  expect(page.hints().length).toBeLessThanOrEqual(5);
});

test('hints about one thing keep naming it; about several they name none', async () => {
  const page = await open();
  feed.tell('ana', 'instances', 1);
  feed.tell('ana', 'instances', 2);
  feed.tell('ana', 'instances', 2);
  await clock.pass(250);
  feed.tell('ana', 'instances', 3);
  feed.tell('ana', 'instances', 4);
  await clock.pass(250);
  expect(page.hints()).toEqual([['instances', 1], ['instances', 2], ['instances', null]]);
});

test('topics do not hold each other up', async () => {
  const page = await open();
  feed.tell('ana', 'instances');
  feed.tell('ana', 'account');
  await settle();
  expect(page.hints()).toEqual([['instances', null], ['account', null]]);
});

test('a page that does not read holds the newest state of each operation, once', async () => {
  const stream = feed.watch(ana);
  expect(await stream.next()).toMatchObject({ value: { type: 'alive' } });
  for (let done = 0; done < 10_000; done += 1) feed.operation('ana', { ...operation, title: String(done) });
  expect(await stream.next()).toMatchObject({ value: { type: 'operation', operation: { title: '9999' } } });
  feed.tell('ana', 'settings');
  expect(await stream.next()).toMatchObject({ value: { type: 'hint', topic: 'settings' } });
  await stream.return(undefined);
});

test('what happens between two reads is bounded', async () => {
  const stream = feed.watch(ana);
  await stream.next();
  for (let id = 0; id < 5_000; id += 1) feed.operation('ana', { ...operation, id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}` });
  const closing = setImmediate(() => feed.close());
  let left = 0;
  for await (const event of stream) left += event.type === 'operation' ? 1 : 0;
  clearImmediate(closing);
  expect(left).toBeLessThanOrEqual(512);
});

test('nobody is left behind: break, abort and close end a stream', async () => {
  const page = await open();
  const stream = feed.watch(ana);
  await stream.next();
  expect(feed.watching).toBe(2);
  await stream.return(undefined);
  expect(feed.watching).toBe(1);
  page.close();
  await page.ended;
  expect(feed.watching).toBe(0);
  const last = await open();
  feed.close();
  await last.ended;
  expect([feed.watching, clock.waiting]).toEqual([0, 0]);
});
