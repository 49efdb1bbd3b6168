// What is clicked in the tray: pending until it shows, marked when refused, remembered as seen.
import { describe, expect, it } from 'vitest';
import { aFailure, anInstance, anOperation, noon } from '../../../test/fakes/desk-samples';
import type { Operation } from '../../contract';
import { AppError } from '../domain/app-error';
import type { Caller, Log } from '../domain/ports';
import { nothingKnown, type Known } from '../domain/facts-feed';
import { TrayActions, type TrayActionsOptions } from './tray-actions';
import type { Refusal } from './tray-state';

const caller: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const log: Log = { info: () => undefined, warn: () => undefined, error: () => undefined, hide: () => undefined };

function setUp(services: { pause?: (id: number) => Promise<string>; resume?: () => Promise<string>; snapshot?: (input: object) => Promise<string> } = {}) {
  const feed = { caller, known: { ...nothingKnown, instances: [anInstance(), anInstance({ id: 8, label: 'serve' }), anInstance({ id: 9, state: 'stopped' })] } as Known, refresh: () => Promise.resolve() };
  const refusals: Refusal[] = [];
  const kept: string[][] = [];
  const options = {
    services: {
      instances: {
        pause: async (_caller: Caller, id: number) => ({ operation_id: await (services.pause?.(id) ?? Promise.resolve(`pause-${String(id)}`)) }),
        resume: async () => ({ operation_id: await (services.resume?.() ?? Promise.resolve('resume')) }),
      },
      snapshots: { create: async (_caller: Caller, input: object) => ({ operation_id: await (services.snapshot?.(input) ?? Promise.resolve('snapshot')) }) },
    },
    feed, log, clock: { now: () => noon }, changed: () => undefined,
    refused: (_user: string, refusal: Refusal) => void refusals.push(refusal),
    seen: { load: () => ['old'], save: (seen: readonly string[]) => void kept.push([...seen]) },
  };
  const actions = new TrayActions(options as unknown as TrayActionsOptions);
  const operate = (...operations: Operation[]): void => {
    feed.known = { ...feed.known, operations };
  };
  return { actions, refusals, kept, operate };
}

describe('tray actions', () => {
  it('are pending until they show, and their operations are known as begun here', async () => {
    let answer: (id: string) => void = () => undefined;
    const { actions } = setUp({ pause: () => new Promise((resolve) => (answer = resolve)) });
    const done = actions.do({ type: 'pause', instanceId: 7 });
    expect([...actions.doings.pending]).toEqual(['pause 7']);
    answer('op');
    await done;
    expect(actions.doings.pending.size).toBe(0);
    expect([...actions.doings.begun]).toEqual(['op']);
  });
  it('clicked twice are done once', async () => {
    let calls = 0;
    const { actions } = setUp({ pause: () => Promise.resolve(`op-${String(++calls)}`) });
    await Promise.all([actions.do({ type: 'pause', instanceId: 7 }), actions.do({ type: 'pause', instanceId: 7 })]);
    expect(calls).toBe(1);
  });
  it('that are refused stay marked until seen or done again', async () => {
    let refuse = true;
    const { actions, refusals } = setUp({ resume: () => (refuse ? Promise.reject(new AppError('insufficient_credit', 'no', { credit: 0 })) : Promise.resolve('op')) });
    await actions.do({ type: 'resume', instanceId: 9 });
    expect(actions.doings.refused).toMatchObject([{ kind: 'resume', instanceId: 9, label: 'train', problem: 'insufficient_credit' }]);
    expect(refusals).toHaveLength(1);
    actions.see(actions.doings.refused[0]?.id ?? '');
    expect(actions.doings.refused).toEqual([]);
    await actions.do({ type: 'resume', instanceId: 9 });
    expect(actions.doings.refused).toHaveLength(1);
    refuse = false;
    await actions.do({ type: 'resume', instanceId: 9 });
    expect(actions.doings.refused).toEqual([]);
  });
  it('whose failure is an operation are marked by that alone', async () => {
    const { actions, operate, refusals } = setUp({
      pause: () => {
        operate(aFailure());
        return Promise.reject(new AppError('vast_unreachable', 'no', { attempts: 1 }));
      },
    });
    await actions.do({ type: 'pause', instanceId: 7 });
    expect(actions.doings.refused).toEqual([]);
    expect(refusals).toEqual([]);
  });
  it('give the snapshot its folder', async () => {
    const asked: object[] = [];
    const { actions } = setUp({ snapshot: (input) => (asked.push(input), Promise.resolve('op')) });
    await actions.do({ type: 'snapshot', instanceId: 7, path: '/workspace/out' });
    await actions.do({ type: 'snapshot', instanceId: 8, path: null });
    expect(asked).toEqual([{ instance_id: 7, source_path: '/workspace/out', tags: [], wait: false }, { instance_id: 8, tags: [], wait: false }]);
  });
  it('pause all: what runs and nothing else, counted until each has ended; one refusal does not stop the others', async () => {
    const paused: number[] = [];
    const { actions, operate } = setUp({ pause: (id) => (paused.push(id), id === 8 ? Promise.reject(new AppError('vast_rate_limited', 'no', { retry_after_s: 1 })) : Promise.resolve('op')) });
    const all = actions.pauseAll();
    expect(actions.doings.pausingAll).toEqual({ done: 0, total: 2 });
    operate(anOperation({ kind: 'pause' }));
    await all;
    expect(paused).toEqual([7, 8]);
    expect(actions.doings.pausingAll).toEqual({ done: 1, total: 2 });
    expect(actions.doings.refused).toMatchObject([{ instanceId: 8 }]);
    operate(anOperation({ kind: 'pause', state: 'succeeded', ended_at: new Date(noon).toISOString() }));
    expect(actions.doings.pausingAll).toBeNull();
  });
  it('remember what was seen beyond a restart, and no more than needed', () => {
    const { actions, kept, operate } = setUp();
    expect(actions.wasSeen('old')).toBe(true);
    operate(aFailure({ id: 'failed' }), anOperation({ id: 'runs' }));
    actions.seeOperations();
    expect(kept).toEqual([['old', 'failed']]);
    actions.seeOperations();
    expect(kept).toHaveLength(1);
    for (let index = 0; index < 300; index += 1) actions.see(`mark ${String(index)}`);
    expect(kept.at(-1)).toHaveLength(200);
    expect(kept.at(-1)?.at(-1)).toBe('mark 299');
  });
  it('of one user are not shown to the next', async () => {
    const { actions } = setUp({ resume: () => Promise.reject(new Error('broken')) });
    await actions.do({ type: 'resume', instanceId: 9 });
    expect(actions.doings.refused).toMatchObject([{ problem: 'internal' }]);
    actions.forget();
    expect(actions.doings.refused).toEqual([]);
  });
});
