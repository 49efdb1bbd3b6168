// What is known of the signed-in user: one question at a time, nothing of another user, old figures kept when Vast.ai does not answer.
import { describe, expect, it, vi } from 'vitest';
import { anAccount, anInstance, anOperation, aSchedule, noon } from '../../../test/fakes/desk-samples';
import type { Operation, WatchEvent } from '../../contract';
import { AppError } from './app-error';
import type { Caller, Log } from './ports';
import { FactsFeed, type FactsFeedOptions, type Known } from './facts-feed';

const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, hide: () => undefined };
const ana: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const bob: Caller = { userId: 'bob', email: 'bob@example.com', transport: 'ipc' };

function setUp() {
  const seen: { userId: string | null; known: Known }[] = [];
  const time = { now: noon };
  const world = { asked: 0, vast: null as AppError | null, operations: [] as Operation[], hold: null as Promise<void> | null };
  const watchers: ((event: WatchEvent) => void)[] = [];
  const services = {
    instances: {
      list: async (caller: Caller) => {
        world.asked += 1;
        await world.hold;
        if (world.vast !== null) throw world.vast;
        return { instances: [anInstance({ label: caller.userId })], count: 1, as_of: '', stale: false };
      },
      account: () => (world.vast === null ? Promise.resolve(anAccount()) : Promise.reject(world.vast)),
    },
    operations: { list: (_caller: Caller, { active }: { active?: boolean }) => ({ operations: world.operations.filter(({ ended_at: at }) => active !== true || at === null), count: 0 }) },
    schedules: { list: () => ({ schedules: [aSchedule()], count: 1 }) },
    sources: { list: () => ({ sources: [], count: 0, defaults: {} }) },
    events: {
      async *watch(_caller: Caller, signal: AbortSignal): AsyncGenerator<WatchEvent> {
        while (!signal.aborted) yield await new Promise<WatchEvent>((resolve) => watchers.push(resolve));
      },
    },
  };
  const feed = new FactsFeed({ services, clock: { now: () => time.now }, log, changed: (caller: Caller | null, known: Known) => void seen.push({ userId: caller?.userId ?? null, known }) } as unknown as FactsFeedOptions);
  const tell = (event: WatchEvent): void => watchers.splice(0).forEach((hear) => hear(event));
  const hint = (): void => tell({ type: 'hint', topic: 'instances', id: null });
  return { feed, seen, world, hint, tell, time };
}

describe('facts feed', () => {
  it('gathers everything at sign-in and again at a hint', async () => {
    const { feed, seen, world, hint } = setUp();
    feed.signedIn(ana);
    await feed.refresh();
    expect(seen.at(-1)).toMatchObject({ userId: 'ana', known: { heard: true, problem: null, instances: [{ label: 'ana' }], schedules: [{ kind: 'snapshot' }] } });
    const before = world.asked;
    hint();
    await expect.poll(() => world.asked).toBeGreaterThan(before);
    feed.close();
  });
  it('asks nothing when it is told of what is made of its own facts', async () => {
    const { feed, world, tell } = setUp();
    feed.signedIn(ana);
    await feed.refresh();
    const before = world.asked;
    tell({ type: 'hint', topic: 'notices', id: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(world.asked).toBe(before);
    feed.close();
  });
  it('asks once more for all that comes meanwhile', async () => {
    const { feed, world } = setUp();
    let release: () => void = () => undefined;
    world.hold = new Promise((resolve) => (release = resolve));
    feed.signedIn(ana);
    const all = Promise.all([feed.refresh(), feed.refresh(), feed.refresh()]);
    expect(world.asked).toBe(1);
    release();
    await all;
    expect(world.asked).toBe(2);
    feed.close();
  });
  it('takes progress before the first answers for no look at what is', async () => {
    vi.useFakeTimers();
    try {
      const { feed, seen, world, tell } = setUp();
      world.hold = new Promise(() => undefined);
      feed.signedIn(ana);
      tell({ type: 'operation' } as WatchEvent);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(seen).toEqual([]);
      feed.close();
    } finally {
      vi.useRealTimers();
    }
  });
  it('keeps what it knew, with the reason, when Vast.ai does not answer', async () => {
    const { feed, seen, world } = setUp();
    feed.signedIn(ana);
    await feed.refresh();
    world.vast = new AppError('vast_unreachable', 'no', { attempts: 1 });
    await feed.refresh();
    expect(seen.at(-1)?.known).toMatchObject({ problem: 'vast_unreachable', heard: true, instances: [{ label: 'ana' }], account: { credit: 17 } });
    feed.close();
  });
  it('tells nothing of a user who left while a question was open', async () => {
    const { feed, seen, world } = setUp();
    let release: () => void = () => undefined;
    world.hold = new Promise((resolve) => (release = resolve));
    feed.signedIn(ana);
    feed.signedIn(bob);
    release();
    await feed.refresh();
    expect(new Set(seen.map(({ userId }) => userId))).toEqual(new Set(['bob']));
    feed.signedOut('ana');
    expect(feed.caller).toBe(bob);
    feed.signedOut('bob');
    expect(seen.at(-1)).toMatchObject({ userId: null, known: { heard: false, instances: [] } });
  });
  it('looks anew after a sleep', async () => {
    const { feed, time } = setUp();
    feed.signedIn(ana);
    await feed.refresh();
    time.now += 60_000;
    await feed.refresh();
    expect(feed.known.watchedSince).toBe(noon);
    time.now += 8 * 3_600_000;
    await feed.refresh();
    expect(feed.known.watchedSince).toBe(time.now);
    feed.close();
  });
  it('holds an operation that runs since long before the newest ones', async () => {
    const { feed, seen, world } = setUp();
    world.operations = [anOperation()];
    feed.signedIn(ana);
    await feed.refresh();
    expect(seen.at(-1)?.known.operations).toHaveLength(1);
    feed.close();
  });
});
