// Tray and notifications from the first moment on: what this computer knows is told before Vast.ai has answered, and not again when it does.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, aSchedule, at, noon } from '../../../test/fakes/desk-samples';
import { AppError } from '../domain/app-error';
import type { Caller } from '../domain/ports';
import { BesideWindow, type BesideWindowOptions } from './beside-window';
import type { TrayModel } from './tray-model';

const ana: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const nothing = (): undefined => undefined;

function setUp(vast: AppError) {
  const world = { vast: vast as AppError | null, now: noon };
  const told: string[] = [];
  const drawn: TrayModel[] = [];
  const answer = <T>(value: T): Promise<T> => (world.vast === null ? Promise.resolve(value) : Promise.reject(world.vast));
  const failure = aFailure({ kind: 'snapshot', title: 'train: /workspace' });
  const beside = new BesideWindow({
    services: {
      instances: { list: () => answer({ instances: [anInstance({ state: 'offline' })], count: 1, as_of: at(noon), stale: false }), account: () => answer(anAccount()) },
      operations: { list: (_caller: Caller, { active }: { active?: boolean }) => ({ operations: active === true ? [] : [failure], count: 1 }) },
      schedules: { list: () => ({ schedules: [aSchedule({ source: null, kind: 'rolling_check', asking: { slot: at(noon), state: 'asking', reason: 'missed', covers: 2, late: false, by_hand: false, operation_id: null, started_at: null, ended_at: null } })], count: 1 }) },
      sources: { list: () => ({ sources: [], count: 0, defaults: {} }) },
      events: { watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(nothing) }) }) },
    },
    draw: (model: TrayModel) => drawn.push(model),
    notify: ({ title, body }: { title: string; body: string }) => told.push(title.startsWith('Needs you') ? body : title),
    preferences: { get: (name: string) => (name === 'seen' ? [] : null), set: nothing },
    settings: () => ({ notifications: 'warnings', credit_warning_hours: 12, quiet_hours: false, quiet_from: '22:00', quiet_to: '07:00' }),
    language: () => 'en',
    open: nothing, toggle: nothing, quit: nothing,
    clock: { now: () => world.now },
    log: { info: nothing, warn: nothing, error: nothing, hide: nothing },
  } as unknown as BesideWindowOptions);
  return { beside, world, told, drawn };
}

describe('started without Vast.ai', () => {
  it('tells failed snapshots and open questions at once, and with the first answer only what is new', async () => {
    const { beside, world, told } = setUp(new AppError('vast_unreachable', 'no', { attempts: 3 }));
    beside.signedIn(ana);
    await beside.refresh();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^Missed runs: Check of the data, part by part\nSnapshot failed: train: \/workspace$/);
    world.vast = null;
    await beside.refresh();
    await beside.refresh();
    expect(told.slice(1)).toEqual(['Host offline: train']);
    beside.close();
  });
  it('with a key that is rejected says so, in the tray too', async () => {
    const { beside, told, drawn } = setUp(new AppError('vast_key_rejected', 'no', {}));
    beside.signedIn(ana);
    await beside.refresh();
    expect(told[0]).toMatch(/^No access to the Vast\.ai account\n/);
    expect(drawn.at(-1)?.icon).toBe('attention');
    beside.close();
  });
});
