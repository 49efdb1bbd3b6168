// What several desktop specs do: sign in to the demo, read the tray's menu, click in it, call the REST API that the window's app also serves.
import { expect, type Page } from '@playwright/test';
import type { ElectronApplication } from 'playwright';
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

interface TestHandle {
  readonly trayMenu: () => { readonly items: readonly { readonly id: string; readonly label: string; readonly enabled: boolean; readonly type: string; readonly click: () => void }[] } | null;
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

/** A client of the REST API that this desktop serves (start it with `port`). */
export async function restOf(desktop: DesktopApp): Promise<{ get: <Body>(path: string) => Promise<Body>; send: <Body>(method: string, path: string, body?: unknown) => Promise<Body> }> {
  await expect.poll(() => desktop.stdout()).toMatch(/ready at http/);
  const url = /ready at (http:\S+)/.exec(desktop.stdout())?.[1] ?? '';
  const welcome = (await (await fetch(`${url}/api/v1/welcome`)).json()) as { demo: { email: string; password: string } };
  const call = async <Body>(method: string, path: string, body?: unknown, token?: string): Promise<Body> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as Body;
  };
  const { token } = await call<{ token: string }>('POST', '/api/v1/auth/login', { username: welcome.demo.email, password: welcome.demo.password });
  return { get: (path) => call('GET', path, undefined, token), send: (method, path, body) => call(method, path, body, token) };
}

/** Rents the cheapest offer of a GPU and waits until it runs. */
export async function rentOne(rest: Awaited<ReturnType<typeof restOf>>, label: string): Promise<number> {
  const { offers } = await rest.get<{ offers: readonly { id: number }[] }>('/api/v1/instances/offers?gpu_name=RTX+4090&limit=1');
  const { id } = await rest.send<{ id: number }>('POST', '/api/v1/instances', { offer_id: offers[0]?.id, disk_size: 20, label });
  await expect.poll(async () => (await rest.get<{ state: string }>(`/api/v1/instances/${String(id)}`)).state, { timeout: 40_000 }).toBe('running');
  return id;
}
