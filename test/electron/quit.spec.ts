// Quitting while something runs, and links from outside, on a real Electron: two starts on one data folder.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { expect, test } from '@playwright/test';
import { electronProgram, type DesktopApp } from '../support/electron-app';
import { makeTempDir } from '../support/temp-dir';
import { answerQuestions, asked, enterDemo, launchDemo, restOf, simulatorOf, windowNow } from './desk';

test.describe.configure({ mode: 'serial' });

const answer = { wait: 0, stop: 1, stay: 2 } as const;
const data = makeTempDir('dumont-quit');
let desktop: DesktopApp;
let rented: { readonly id: number; readonly operation_id: string };

const rent = async (label: string): Promise<typeof rented> => {
  const rest = await restOf(desktop);
  const { offers } = await rest.get<{ offers: readonly { id: number }[] }>('/api/v1/instances/offers?gpu_name=RTX+4090&limit=1');
  return rest.send('POST', '/api/v1/instances', { offer_id: offers[0]?.id, disk_size: 20, label });
};

/** Asks the app to quit, and goes on before it did. */
const askToQuit = (): Promise<void> => desktop.app.evaluate(({ app }) => void setTimeout(() => app.quit(), 0));

const exit = (): Promise<number | null> => {
  const main = desktop.app.process();
  return main.exitCode === null ? new Promise((resolve) => main.once('exit', resolve)) : Promise.resolve(main.exitCode);
};

/** A second start, as the system does it for a link. */
const secondStart = (...args: readonly string[]): number | null =>
  spawnSync(electronProgram(), ['--no-sandbox', process.cwd(), '--demo', '--data-dir', data.path, ...args], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' }).status;

const operationState = (id: string): unknown => {
  const database = new DatabaseSync(path.join(data.path, 'demo', 'dumont.sqlite'));
  try {
    return database.prepare('SELECT state FROM operations WHERE id = ?').get(id)?.['state'];
  } finally {
    database.close();
  }
};

test.beforeAll(async () => {
  desktop = await launchDemo({ port: true, dataDir: data.path });
  await enterDemo(desktop.page);
});
test.afterAll(async () => {
  await desktop.stop();
  data.remove();
});

test('UI-06 a link of a second start leads the first window to a page, and is never loaded itself', async () => {
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  expect(secondStart('dumont://offer/123')).toBe(0);
  await expect.poll(() => windowNow(desktop.app)).toEqual({ url: expect.stringMatching(/^dumont:\/\/app\/#\/offers\/123/) as unknown, visible: true });
  await expect(desktop.page.getByRole('navigation').first()).toBeVisible();
});

test('UI-06 hostile links bring the window to the front and lead nowhere', async () => {
  const before = (await windowNow(desktop.app)).url;
  expect(secondStart('dumont://app/#/settings')).toBe(0);
  await desktop.app.evaluate(({ app }) => {
    for (const link of ['dumont://instance/12?destroy=1', 'dumont://evil/', 'dumont://operation/../../x', 'https://example.com/', 'dumont://offer/1#/settings']) app.emit('open-url', { preventDefault: () => undefined }, link);
  });
  await expect(desktop.page.getByRole('navigation').first()).toBeVisible();
  expect((await windowNow(desktop.app)).url).toBe(before);
});

test('UI-06 the link that macOS delivers as an event leads to its page', async () => {
  await desktop.app.evaluate(({ app }) => app.emit('open-url', { preventDefault: () => undefined }, 'dumont://instance/77'));
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/instances/77' });
});

test('quitting while something runs asks, and staying changes nothing', async () => {
  rented = await rent('on its way');
  await answerQuestions(desktop.app, answer.stay);
  await askToQuit();
  await expect.poll(() => asked(desktop)).toHaveLength(1);
  const [question] = asked(desktop);
  expect(question?.message).toBe('One operation is running');
  expect(question?.detail).toContain('Rent: on its way');
  expect(question?.buttons[0]).toBe('Wait, then quit');
  expect(desktop.app.process().exitCode).toBeNull();
  expect((await windowNow(desktop.app)).visible).toBe(true);
  // A window that is closed afterwards still only hides: the quit was really given up.
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await expect.poll(async () => (await windowNow(desktop.app)).visible).toBe(false);
});

test('waiting ends the app once the operation has ended', async () => {
  await answerQuestions(desktop.app, answer.wait);
  const ended = exit();
  await askToQuit();
  expect(await ended).toBe(0);
  expect(operationState(rented.operation_id)).toBe('succeeded');
  await desktop.stop();
});

test('UI-06 a link at the start leads to its page after the sign-in', async () => {
  desktop = await launchDemo({ port: true, dataDir: data.path, args: [`dumont://operation/${rented.operation_id}`] });
  // The demo account is remembered where a keychain is there.
  const enter = desktop.page.getByRole('button', { name: 'Enter the demo' });
  await expect(enter.or(desktop.page.getByRole('navigation')).first()).toBeVisible();
  if (await enter.isVisible()) await enterDemo(desktop.page);
  await expect(desktop.page.getByTestId('operation')).toContainText('on its way');
});

test('cancelling hands the operation over, quits within five seconds, and names what is still billed', async () => {
  const rest = await restOf(desktop);
  // No stop has an effect while the market's clock stands.
  await (await simulatorOf(desktop, rest)).rate(0);
  const { operation_id: id } = await rest.send<{ operation_id: string }>('POST', `/api/v1/instances/${String(rented.id)}/pause`, { snapshot_first: false });
  await answerQuestions(desktop.app, answer.stop);
  const ended = exit();
  const began = Date.now();
  await askToQuit();
  expect(await ended).toBe(0);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(asked(desktop)[0]?.detail).toMatch(/Pause: on its way[^]*on its way: \$\d/);
  expect(operationState(id)).not.toBe('cancelled');
});
