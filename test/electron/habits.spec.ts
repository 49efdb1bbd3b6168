// What people expect of a desktop app by habit, on a real Electron. One app for most of it; the last ones start it again on the same data.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { DesktopApp } from '../support/electron-app';
import { makeTempDir } from '../support/temp-dir';
import { clickTray, crashPage, enterDemo, launchDemo, rentOne, restOf, windowNow } from './desk';

test.describe.configure({ mode: 'serial' });

const data = makeTempDir('dumont-habits');
const preferencesFile = path.join(data.path, 'demo', 'window', 'shell.json');
let desktop: DesktopApp;

const start = async (args: readonly string[] = []): Promise<void> => {
  desktop = await launchDemo({ port: true, dataDir: data.path, args });
};

test.beforeAll(async () => {
  await start();
  await enterDemo(desktop.page);
});
test.afterAll(async () => {
  await desktop.stop();
  data.remove();
});

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly role: string | null;
  readonly enabled: boolean;
  readonly accelerator: string | null;
}

/** Every entry of the application menu, without the menus' own names. */
const menu = (): Promise<readonly Entry[]> =>
  desktop.app.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.items ?? []).flatMap(({ submenu }) => (submenu?.items ?? []).map(({ id, label, role, enabled, accelerator }) => ({ id, label, role: role ?? null, enabled, accelerator: accelerator === undefined ? null : String(accelerator) }))));

const choose = (id: string): Promise<void> =>
  desktop.app.evaluate(({ Menu }, wanted) => {
    Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click();
  }, id);

const zoom = (): Promise<number> => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor() ?? 0);

test('UI-02 the application menu is there, with roles, keys and no reload of the page', async () => {
  await expect.poll(async () => (await menu()).find(({ id }) => id === 'palette')?.enabled).toBe(true);
  const entries = await menu();
  expect(entries.map(({ role }) => role).filter((role) => role !== null)).toEqual(expect.arrayContaining(['undo', 'cut', 'copy', 'paste', 'selectall', 'togglefullscreen', 'minimize', 'close', 'quit']));
  expect(entries.map(({ role }) => role)).not.toContain('reload');
  expect(entries.find(({ id }) => id === 'refresh')).toMatchObject({ accelerator: 'CmdOrCtrl+R' });
  expect(entries.find(({ id }) => id === 'instances')).toMatchObject({ label: 'Instances', accelerator: 'CmdOrCtrl+2' });
});

test('UI-02 its entries act: a section, the palette, the sheet, the filter', async () => {
  const { page } = desktop;
  await choose('instances');
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/instances' });
  await choose('next_section');
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/snapshots' });
  await choose('palette');
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await choose('sheet');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText('Zoom in');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await choose('new_schedule');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await choose('report');
  await expect(page.getByRole('dialog', { name: 'Diagnostic report' })).toContainText('electron: ');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/settings' });
});

test('UI-01 keys act once, though menu and page both know them', async () => {
  const { page } = desktop;
  await page.keyboard.press('ControlOrMeta+2');
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/instances' });
  await page.keyboard.press('Control+Tab');
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/snapshots' });
  await page.keyboard.press(process.platform === 'darwin' ? 'Meta+[' : 'Alt+ArrowLeft');
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/instances' });
  // In a field these keys belong to the text.
  await page.keyboard.press('ControlOrMeta+1');
  await page.keyboard.press('ControlOrMeta+f');
  await page.keyboard.type('two words');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.keyboard.type('!');
  await expect(page.locator('main [data-filter]')).toHaveValue(/!/);
  expect((await windowNow(desktop.app)).url).toMatch(/^dumont:\/\/app\/#\/offers/);
  await page.locator('main [data-filter]').fill('');
});

test('UI-05 the zoom goes from 80 to 200 % and no further', async () => {
  await choose('zoom_in');
  await expect.poll(zoom).toBeCloseTo(1.1);
  for (let times = 0; times < 8; times += 1) await choose('zoom_in');
  await expect.poll(zoom).toBeCloseTo(2);
  for (let times = 0; times < 12; times += 1) await choose('zoom_out');
  await expect.poll(zoom).toBeCloseTo(0.8);
  await choose('zoom_reset');
  await expect.poll(zoom).toBeCloseTo(1);
  await choose('zoom_in');
});

test('UI-02 context menus: an input, a link, and nothing where there is nothing to do', async () => {
  await desktop.app.evaluate(({ Menu }) => {
    Menu.prototype.popup = function (this: Electron.Menu) {
      process.stdout.write(`popup ${this.items.map(({ label }) => label).filter((label) => label !== '').join('|')}\n`);
    };
  });
  const { page } = desktop;
  const popups = (): readonly string[] => [...desktop.stdout().matchAll(/^popup (.*)$/gm)].map(([, labels]) => labels ?? '');
  await page.keyboard.press('ControlOrMeta+1');
  await page.locator('main [data-filter]').click({ button: 'right' });
  await expect.poll(popups).toEqual(['Undo|Cut|Copy|Paste|Select all']);
  await page.getByRole('banner').click({ button: 'right', position: { x: 2, y: 2 } });
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.emit('context-menu', {}, { isEditable: false, selectionText: '', linkURL: 'dumont://app/#/instances/12', editFlags: {} }));
  await expect.poll(popups).toEqual(['Undo|Cut|Copy|Paste|Select all', 'Copy link']);
});

test('UI-13 the menu follows the language', async () => {
  const rest = await restOf(desktop);
  await rest.send('PUT', '/api/v1/settings', { settings: { language: 'pt-BR' } });
  await expect.poll(async () => (await menu()).map(({ label }) => label)).toContain('Instâncias');
  await rest.send('PUT', '/api/v1/settings', { settings: { language: 'en' } });
  await expect.poll(async () => (await menu()).map(({ label }) => label)).toContain('Instances');
});

test('after sleep, wake and unlock there is one refresh', async () => {
  const rest = await restOf(desktop);
  const id = await rentOne(rest, 'sleeper');
  const log = (): string => readFileSync(path.join(data.path, 'demo', 'logs', 'dumont.log'), 'utf8');
  const count = (event: string): number => log().split(`"${event}"`).length - 1;
  await desktop.app.evaluate(({ powerMonitor }) => {
    powerMonitor.emit('suspend');
    powerMonitor.emit('lock-screen');
    powerMonitor.emit('resume');
    powerMonitor.emit('suspend');
    powerMonitor.emit('resume');
    powerMonitor.emit('unlock-screen');
  });
  await expect.poll(() => count('power.resumed')).toBe(1);
  expect(count('power.paused')).toBe(1);
  expect((await rest.get<{ state: string }>(`/api/v1/instances/${String(id)}`)).state).toBe('running');
});

test('UI-10 without a network the banner says so, actions wait with their reason, and it all comes back', async () => {
  const { page } = desktop;
  const network = (online: boolean): Promise<void> =>
    desktop.app.evaluate((_electron, now) => (globalThis as unknown as { dumontTest: { network: (online: boolean) => void } }).dumontTest.network(now), online);
  await page.keyboard.press('ControlOrMeta+2');
  const card = page.getByRole('article', { name: 'sleeper' });
  await expect(card.getByRole('button', { name: 'Pause' })).toBeEnabled();
  await network(false);
  await expect(page.getByTestId('offline')).toContainText('Vast.ai cannot be reached.');
  await expect(card.getByRole('button', { name: 'Pause' })).toBeDisabled();
  await card.getByRole('button', { name: 'Pause' }).hover({ force: true });
  await expect(page.getByRole('tooltip')).toContainText('nothing can be asked of it now');
  await network(true);
  await expect(page.getByTestId('offline')).toHaveCount(0);
  await expect(card.getByRole('button', { name: 'Pause' })).toBeEnabled();
});

test('start at login is asked of the system, and what it says is shown', async () => {
  test.skip(process.platform !== 'linux', 'elsewhere it would be written into the settings of whoever runs the tests; on Linux it is a file below XDG_CONFIG_HOME');
  const { page } = desktop;
  await page.keyboard.press('ControlOrMeta+,');
  const login = page.getByRole('switch', { name: 'Start with the computer' });
  await expect(login).not.toBeChecked();
  await login.click({ force: true });
  await expect(login).toBeChecked();
  const file = await desktop.app.evaluate(() => `${process.env['XDG_CONFIG_HOME'] ?? ''}/autostart/dumont-cloud.desktop`);
  expect(readFileSync(file, 'utf8')).toMatch(/^Exec=.*"--hidden"$/m);
  await login.click({ force: true });
  await expect(login).not.toBeChecked();
  expect(existsSync(file)).toBe(false);
});

test('UI-07 the log of an operation is dragged out as a file at a path that main made', async () => {
  const { page } = desktop;
  await desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents !== undefined) contents.startDrag = ({ file }: { file?: string }) => void process.stdout.write(`dragged ${file ?? ''}\n`);
  });
  await page.keyboard.press('ControlOrMeta+6');
  await page.getByRole('gridcell', { name: 'sleeper' }).first().click();
  await page.getByTestId('operation').locator('[draggable="true"]').dispatchEvent('dragstart');
  await expect.poll(() => desktop.stdout()).toMatch(/^dragged .+[\\/]demo[\\/]drag[\\/][0-9a-f-]{36}[\\/]create-[0-9a-f]{8}\.log$/m);
  const file = /^dragged (.+)$/m.exec(desktop.stdout())?.[1] ?? '';
  expect(readFileSync(file, 'utf8')).toContain('"title": "sleeper"');
});

test('a page that crashes comes back where it was, and says so', async () => {
  await desktop.page.keyboard.press('ControlOrMeta+2');
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ url: 'dumont://app/#/instances' });
  const text = await crashPage(desktop.app, 'crashed');
  expect(text).toContain('The window crashed and was loaded again');
  // The notice has left the address.
  expect((await windowNow(desktop.app)).url).toBe('dumont://app/#/instances');
});

test('UI-05 place and zoom outlive a restart', async () => {
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setBounds({ x: 60, y: 40, width: 1010, height: 650 }));
  await desktop.stop();
  await start();
  await expect.poll(zoom).toBeCloseTo(1.1);
  const bounds = await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
  expect([bounds?.width, bounds?.height]).toEqual([1010, 650]);
  const least = await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getMinimumSize());
  expect(least).toEqual([900, 600]);
});

test('settings of the window that cannot be read are set aside, and that is said', async () => {
  await desktop.stop();
  writeFileSync(preferencesFile, '{"bounds": {"width": 10');
  await start();
  await expect(desktop.page.getByText('The window’s own settings could not be read')).toBeVisible();
  expect(readFileSync(preferencesFile.replace('.json', '.damaged.json'), 'utf8')).toBe('{"bounds": {"width": 10');
  await expect.poll(zoom).toBeCloseTo(1);
});

test('started hidden it is in the tray only, and opens from there', async () => {
  await desktop.stop();
  await start(['--hidden']);
  await expect.poll(() => desktop.stdout()).toContain('Dumont Cloud is ready in its tray\n');
  expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(0);
  await clickTray(desktop.app, 'open');
  await expect.poll(async () => (await windowNow(desktop.app)).visible).toBe(true);
});

test('a window opens also when Chromium does not say that it was painted', async () => {
  await desktop.stop();
  await start(['--hidden']);
  await expect.poll(() => desktop.stdout()).toContain('Dumont Cloud is ready in its tray\n');
  await desktop.app.evaluate(({ app }) => {
    // After the window's own code has begun to listen.
    app.once('browser-window-created', (_event, window) => setImmediate(() => window.removeAllListeners('ready-to-show')));
  });
  await clickTray(desktop.app, 'open');
  await expect.poll(async () => (await windowNow(desktop.app)).visible).toBe(true);
});
