// The demo's own world: a simulated Vast.ai beside the app, and an account whose key is set to it.
import { randomInt } from 'node:crypto';
import path from 'node:path';
import type { AppConfig } from './config';
import type { Log } from './domain/ports';
import type { Store } from './domain/store-port';
import type { LineProcess } from './providers/process/line-process';
import type { AppParts } from './services';

export interface DemoAccount {
  readonly email: string;
  readonly password: string;
}

export interface DemoSimulator {
  readonly url: string;
  readonly apiKey: string;
  stop(ms: number): Promise<void>;
}

const email = 'demo@dumont.cloud';
const passwordFact = 'demo-password';
/** Without letters and digits that look alike. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

const word = (length: number): string => Array.from({ length }, () => letters[randomInt(letters.length)]).join('');

/** The demo account of this data folder: made up once, and the same at every start. */
export function demoAccount(store: Pick<Store, 'settings'>): DemoAccount {
  const known = store.settings.getFact(passwordFact);
  if (known !== null) return { email, password: known };
  const password = `demo-${word(4)}-${word(4)}`;
  store.settings.putFact(passwordFact, password);
  return { email, password };
}

function readReady(line: string): { url: string; apiKey: string } {
  const { url, api_key: apiKey } = JSON.parse(line) as { url?: unknown; api_key?: unknown };
  if (typeof url !== 'string' || typeof apiKey !== 'string') throw new Error('the simulator did not say where it is');
  return { url, apiKey };
}

/** Starts the simulator in a process of its own; its world stays in the demo's data folder. */
export async function startDemoSimulator(config: AppConfig, log: Log, start: (script: string, args: readonly string[]) => LineProcess): Promise<DemoSimulator> {
  const child = start(config.files.simulator, ['--state', path.join(config.dataFolder, 'simulator'), '--exit-with-parent']);
  child.onExit(() => log.info('simulator.ended'));
  const stop = (ms: number): Promise<void> => child.stop(ms);
  try {
    const { url, apiKey } = readReady(await child.firstLine);
    log.hide(apiKey);
    return { url, apiKey, stop };
  } catch (error) {
    await stop(1_000);
    throw new Error('The simulated Vast.ai could not be started', { cause: error });
  }
}

/** Makes the demo account unless it is there, with its key set to the simulator's. */
export async function seedDemo({ accounts, secrets, log }: Pick<AppParts, 'accounts' | 'secrets' | 'log'>, simulator: Pick<DemoSimulator, 'apiKey'>): Promise<void> {
  const { userId, created } = await accounts.ensureDemoAccount();
  if ((await secrets.get(userId, 'vast-api-key')) !== simulator.apiKey) await secrets.set(userId, 'vast-api-key', simulator.apiKey, { showLast4: true });
  log.info('demo.ready', { created });
}
