// The demo in the app's window, signed in, for the benches that watch it while it is hidden.
import { setTimeout as delay } from 'node:timers/promises';
import type { InspectedApp } from '../support/inspected-app';

/** Milliseconds that the app takes to come to rest, and for which it is watched then. */
export const settling = 20_000;
export const watched = 120_000;

/** The app's window, in its main process. */
export const shell = 'electron.BrowserWindow.getAllWindows()[0]';

/** Runs a script in the page. */
export const inPage = (app: InspectedApp, script: string): Promise<unknown> => app.evaluate(`${shell}.webContents.executeJavaScript(${JSON.stringify(script)})`);

/** Waits until it holds; throws after a minute. */
export const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
  const limit = Date.now() + 60_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > limit) throw new Error(`${what}: not within a minute`);
    await delay(250);
  }
};

/** Enters the demo. */
export const signIn = async (app: InspectedApp): Promise<void> => {
  await until('the demo is entered', async () => (await inPage(app, `(() => { const one = [...document.querySelectorAll('button')].find((button) => button.textContent === 'Enter the demo'); one?.click(); return one !== undefined; })()`)) === true);
  await until('the first view is there', async () => (await inPage(app, `document.querySelector('nav a[href="#/snapshots"]') !== null`)) === true);
};

/** Ids of the app's helper processes of this name. */
export const helpers = async (app: InspectedApp, name: 'keychain' | 'simulator'): Promise<readonly number[]> =>
  (await app.evaluate(`electron.app.getAppMetrics().flatMap(({ pid, name, serviceName }) => /${name}/i.test([name, serviceName].join()) ? [pid] : [])`)) as readonly number[];
