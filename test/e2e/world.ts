// What the browser specs of offers, instances and snapshots stand on: a simulator, the built app before it, an account, and a signed-in page.
import { expect as plainExpect, test as base, type Page } from '@playwright/test';
import { newestRestic } from '../support/restics';
import { startHeadless, startSimulator, type RunningApp, type RunningSimulator } from '../support/run-app';

/**
 * Waits longer than usual: the app asks the market ten times a minute at most, and a rental asks it too. Where specs are quick and share a world,
 * an eleventh question waits for the better part of a minute before the whole market is loaded.
 */
export const expect = plainExpect.configure({ timeout: 75_000 });

/** An answer of the app's REST API. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A running world; one for all specs of a worker, so labels are each spec's own. */
export interface World {
  readonly app: RunningApp;
  readonly session: { readonly token: string; readonly user: string };
  /** Calls the app's REST API as the signed-in user. */
  rest(method: string, path: string, body?: object): Promise<Answer>;
  /** Switches faults of the simulator on and off. */
  faults(changes: object): Promise<void>;
}

const jsonOf = async (response: Response): Promise<Readonly<Record<string, unknown>>> => (await response.json()) as Readonly<Record<string, unknown>>;

/** Calls a JSON API; `token` goes into the authorization header. */
export const callJson = async (url: string, method: string, body?: object, token?: string): Promise<Answer> => {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await jsonOf(response) };
};

/** Makes the first account of a fresh app and sets its key; done with the first steps, in English. */
export const openAccount = async (app: RunningApp, apiKey: string): Promise<World['session']> => {
  const setupCode = /^Setup code for the first account: (\S+)$/m.exec(app.stdout())?.[1];
  const password = 'a long pass phrase';
  const made = await callJson(`${app.url}/api/v1/auth/register`, 'POST', { email: 'ana@example.com', password, ...(setupCode === undefined ? {} : { setup_code: setupCode }) });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const session = { token: String(made.body['token']), user: String(made.body['user']) };
  const kept = await callJson(`${app.url}/api/v1/settings`, 'PUT', { vast_api_key: apiKey, settings: { first_steps_done: true, language: 'en', theme: 'system' } }, session.token);
  expect(kept.status, JSON.stringify(kept.body)).toBe(200);
  return session;
};

const worldOf = (simulator: RunningSimulator, app: RunningApp, session: World['session']): World => ({
  app,
  session,
  rest: (method, path, body) => callJson(`${app.url}/api/v1${path}`, method, body, session.token),
  faults: async (changes) => {
    const set = await callJson(`${simulator.url}/sim/faults/`, 'POST', changes, simulator.apiKey);
    expect(set.status, JSON.stringify(set.body)).toBe(200);
  },
});

/** Opens a section of the app as the signed-in user. */
export const openSection = async (page: Page, world: Pick<World, 'app' | 'session'>, hash: string): Promise<void> => {
  await page.addInitScript((session) => sessionStorage.setItem('dumont.session', session), JSON.stringify(world.session));
  await page.goto(`${world.app.url}/${hash}`);
};

/** Rents the cheapest offer of a kind of GPU through REST and gives its id. */
export const rentOne = async (world: World, label: string, gpu = 'RTX 3060'): Promise<number> => {
  const offers = await world.rest('GET', `/instances/offers?gpu_name=${encodeURIComponent(gpu)}&limit=20&fresh=true`);
  for (const { id } of offers.body['offers'] as readonly { id: number }[]) {
    const rented = await world.rest('POST', '/instances', { offer_id: id, disk_size: 20, label });
    if (rented.status === 200) return Number(rented.body['id']);
    expect(rented.status, JSON.stringify(rented.body)).toBe(410);
  }
  throw new Error(`no ${gpu} could be rented`);
};

/** Waits until an instance is in a state, asking the app. */
export const waitState = (world: World, id: number, state: string): Promise<void> =>
  expect.poll(async () => (await world.rest('GET', `/instances/${id}`)).body['state'], { timeout: 60_000, intervals: [250] }).toBe(state);

/** Destroys an instance and waits until it is gone. */
export const destroyOne = async (world: World, id: number): Promise<void> => {
  await world.rest('DELETE', `/instances/${id}`);
  await expect.poll(async () => (await world.rest('GET', `/instances/${id}`)).status, { timeout: 60_000, intervals: [250] }).toBe(404);
};

/** Starts the parts in order; `stop` ends them in reverse, whichever of them had started. */
const startWorld = async (): Promise<{ readonly world: World; readonly stop: () => Promise<void> }> => {
  const simulator = await startSimulator({ seed: 11 });
  const app = await startHeadless({ vastUrl: simulator.url, restic: newestRestic().file }).catch(async (error: unknown) => {
    await simulator.stop();
    throw error;
  });
  const stop = (): Promise<void> => app.stop().finally(() => simulator.stop());
  try {
    return { world: worldOf(simulator, app, await openAccount(app, simulator.apiKey)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

export const test = base.extend<object, { world: World }>({
  world: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, provide) => {
      const { world, stop } = await startWorld();
      await provide(world);
      await stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});
