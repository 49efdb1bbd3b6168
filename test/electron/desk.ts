// What several desktop specs do: sign in to the demo, read the tray's menu, click in it, call the REST API that the window's app also serves.
import { expect, type Page } from '@playwright/test';
import type { ElectronApplication } from 'playwright';
import { demoClient, type DemoClient } from '../support/demo-client';
import { demoKey, setRate } from '../support/demo-clock';
import { launchDesktop, type DesktopApp, type DesktopOptions } from '../support/electron-app';

/** The desktop in demo mode with its handle for specs; `port` also serves the REST API on a free port. */
export function launchDemo(options: DesktopOptions & { readonly port?: boolean } = {}): Promise<DesktopApp> {
  const { port, args, env, ...rest } = options;
  return launchDesktop({ demo: true, ...rest, args: [...(args ?? []), ...(port === true ? ['--port', '0'] : [])], env: { DUMONT_TEST_HANDLE: '1', LANGUAGE: 'en', LANG: 'en_US.UTF-8', ...env } });
}

/** Through the first screen and past the first steps. */
export async function enterDemo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await expect(page.getByRole('navigation').first()).toBeVisible();
}

interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly type: string;
  readonly click: () => void;
}

interface TestHandle {
  readonly trayMenu: () => { readonly items: readonly MenuEntry[] } | null;
  readonly trayModel: () => { readonly icon: string; readonly tooltip: string } | null;
  readonly notifications: () => readonly { readonly title: string; readonly body: string; emit(event: string): void }[];
  readonly passTime: (ms: number) => Promise<void>;
}

/** The tray's entries as they are drawn now. */
export function trayItems(app: ElectronApplication): Promise<readonly { readonly id: string; readonly label: string; readonly enabled: boolean }[]> {
  return app.evaluate(() => {
    const { dumontTest } = globalThis as unknown as { readonly dumontTest: TestHandle };
    return (dumontTest.trayMenu()?.items ?? []).filter((item) => item.type !== 'separator').map(({ id, label, enabled }) => ({ id, label, enabled }));
  });
}

/** Clicks an entry as the user would. */
export async function clickTray(app: ElectronApplication, id: string): Promise<void> {
  await expect.poll(async () => (await trayItems(app)).find((item) => item.id === id)?.enabled, { timeout: 20_000 }).toBe(true);
  await app.evaluate((_electron, wanted) => {
    const { dumontTest } = globalThis as unknown as { readonly dumontTest: TestHandle };
    dumontTest.trayMenu()?.items.find((item) => item.id === wanted)?.click();
  }, id);
}

/** What the window shows, asked in main: its address, and whether it can be seen. */
export function windowNow(app: ElectronApplication): Promise<{ readonly url: string; readonly visible: boolean }> {
  return app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0];
    return { url: window?.webContents.getURL() ?? '', visible: window?.isVisible() ?? false };
  });
}

/** Crashes the page, and gives what the one that comes back says once this word is on it. */
export const crashPage = (app: ElectronApplication, word: string): Promise<string> =>
  app.evaluate(async ({ BrowserWindow }, wanted) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents === undefined) return '';
    const loaded = new Promise<void>((resolve) => void contents.once('did-finish-load', () => resolve()));
    contents.forcefullyCrashRenderer();
    await loaded;
    return (await contents.executeJavaScript(`new Promise((resolve) => { const look = () => (document.body.innerText.includes(${JSON.stringify(wanted)}) ? resolve(document.body.innerText) : setTimeout(look, 50)); look(); })`)) as string;
  }, word);

/** From now on native questions get the answer of this button, and are written to stdout for `asked`: it outlives the app. */
export async function answerQuestions(app: ElectronApplication, button: number): Promise<void> {
  await app.evaluate(({ dialog }, response) => {
    dialog.showMessageBox = (...args: unknown[]) => {
      process.stdout.write(`asked ${JSON.stringify(args.at(-1))}\n`);
      return Promise.resolve({ response, checkboxChecked: false });
    };
  }, button);
}

/** The native questions since the start of the app. */
export function asked(desktop: DesktopApp): readonly { readonly message: string; readonly detail: string; readonly buttons: readonly string[] }[] {
  return [...desktop.stdout().matchAll(/^asked (\{.*\})$/gm)].map(([, question]) => JSON.parse(question ?? '') as { message: string; detail: string; buttons: string[] });
}

/** Labels of the tray, one a line. */
export const trayText = async (app: ElectronApplication): Promise<string> => (await trayItems(app)).map(({ label }) => label).join('\n');

/** The icon that the tray shows: idle, spending or attention. */
export const trayIcon = (app: ElectronApplication): Promise<string | undefined> => app.evaluate(() => (globalThis as unknown as { readonly dumontTest: TestHandle }).dumontTest.trayModel()?.icon);

/** Titles of the notifications that were shown so far, the oldest first. */
export const notificationTitles = (app: ElectronApplication): Promise<readonly string[]> =>
  app.evaluate(() => (globalThis as unknown as { readonly dumontTest: TestHandle }).dumontTest.notifications().map(({ title }) => title));

/** Clicks the newest notification with this title. */
export const clickNotification = (app: ElectronApplication, wanted: string): Promise<void> =>
  app.evaluate((_electron, title) => {
    const { dumontTest } = globalThis as unknown as { readonly dumontTest: TestHandle };
    const found = dumontTest.notifications().findLast((one) => one.title === title);
    if (found === undefined) throw new Error(`No notification "${title}"`);
    found.emit('click');
  }, wanted);

/** Tray and notifications see a time so much later, at once. */
export const passTime = (app: ElectronApplication, ms: number): Promise<void> => app.evaluate((_electron, later) => (globalThis as unknown as { readonly dumontTest: TestHandle }).dumontTest.passTime(later), ms);

/** The place of the app that its window shows: `#/instances/7`. */
export const placeOf = (page: Page): string => new URL(page.url()).hash;

/** The simulated Vast.ai of a demo: its faults, its speed, and a look at it by the app, now. */
export async function simulatorOf(desktop: DesktopApp, rest: DemoClient): Promise<{ faults: (changes: object) => Promise<void>; rate: (times: number) => Promise<void> }> {
  const { vast_url: url } = await rest.get<{ vast_url: string }>('/api/v1/settings');
  const key = demoKey(desktop.dataDir);
  return {
    faults: async (changes) => {
      const answer = await fetch(`${url}/sim/faults/`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify(changes) });
      if (!answer.ok) throw new Error(`The simulator's faults: ${String(answer.status)} ${await answer.text()}`);
    },
    rate: (times) => setRate(url, key, times),
  };
}

/** Lets the app ask Vast.ai until the instance is in this state. */
export const untilState = (rest: DemoClient, id: number, state: string): Promise<void> =>
  expect.poll(async () => (await rest.get<{ instances: readonly { id: number; state: string }[] }>('/api/v1/instances?fresh=true')).instances.find((one) => one.id === id)?.state, { timeout: 30_000 }).toBe(state);

/** A client of the REST API that this desktop serves (start it with `port`). */
export async function restOf(desktop: DesktopApp): Promise<DemoClient> {
  await expect.poll(() => desktop.stdout()).toMatch(/ready at http/);
  return demoClient(/ready at (http:\S+)/.exec(desktop.stdout())?.[1] ?? '');
}

/** Rents the cheapest offer of a GPU that is still there and waits until it runs. */
export async function rentOne(rest: DemoClient, label: string, bid = false): Promise<number> {
  const { offers } = await rest.get<{ offers: readonly { id: number }[] }>('/api/v1/instances/offers?gpu_name=RTX+4090&limit=10&fresh=true');
  for (const offer of offers) {
    const rented = await rest.send<{ id: number }>('POST', '/api/v1/instances', { offer_id: offer.id, disk_size: 20, label, ...(bid ? { bid: 0.6 } : {}) }).catch((error: unknown) => {
      if (!String(error).includes('offer_gone')) throw error;
      return null;
    });
    if (rented === null) continue;
    await expect.poll(async () => (await rest.get<{ state: string }>(`/api/v1/instances/${String(rented.id)}`)).state, { timeout: 40_000 }).toBe('running');
    return rented.id;
  }
  throw new Error('No offer of the first ten was left');
}
