// The tray on a real Electron, against rented machines of the simulator: what it shows, does, and says when something fails.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { startKeyring } from '../support/keyring';
import { newestRestic } from '../support/restics';
import { makeTempDir } from '../support/temp-dir';
import type { DesktopApp } from '../support/electron-app';
import { clickTray, enterDemo, launchDemo, notificationTitles, placeOf, rentOne, restOf, simulatorOf, trayIcon, trayItems, trayText } from './desk';

const soon = { timeout: 30_000 };

test.describe.serial('with one app', () => {
  test.skip(process.platform !== 'linux', 'restic for the tests comes from Debian’s archive');
  let desktop: DesktopApp;
  let rest: Awaited<ReturnType<typeof restOf>>;
  let simulator: Awaited<ReturnType<typeof simulatorOf>>;
  let first = 0;
  let second = 0;
  const stateOf = async (id: number): Promise<string> => (await rest.get<{ state: string }>(`/api/v1/instances/${String(id)}`)).state;
  const kinds = async (): Promise<string[]> => (await rest.get<{ operations: readonly { kind: string }[] }>('/api/v1/operations')).operations.map(({ kind }) => kind);

  test.beforeAll(async () => {
    desktop = await launchDemo({ port: true, args: ['--restic', newestRestic().file] });
    await enterDemo(desktop.page);
    rest = await restOf(desktop);
    simulator = await simulatorOf(desktop, rest);
    await simulator.rate(10);
  });
  test.afterAll(() => desktop.stop());

  test('with nothing rented it is idle, and offers nothing to pause', async () => {
    await expect.poll(() => trayText(desktop.app), soon).toContain('No instances');
    expect(await trayIcon(desktop.app)).toBe('idle');
    expect((await trayItems(desktop.app)).map(({ id }) => id)).not.toContain('pause-all');
  });

  test('a rented machine shows what it costs, and the icon says that money is spent', async () => {
    first = await rentOne(rest, 'from the tray & more');
    await expect.poll(() => trayText(desktop.app), soon).toContain('from the tray && more · running');
    await expect.poll(() => trayIcon(desktop.app), soon).toBe('spending');
    expect((await trayItems(desktop.app))[0]?.label).toMatch(/^\$\d.* per hour · credit \$.*, lasts \d+ (h|days)$/);
  });

  test('"Snapshot now" takes one, and says that it ended', async () => {
    await clickTray(desktop.app, `snapshot-${String(first)}`);
    await expect.poll(() => trayText(desktop.app), { timeout: 60_000 }).toMatch(/✓ Snapshot(, with warnings)?: from the tray && more/);
    expect(await trayText(desktop.app)).toMatch(/Last snapshot 1 min ago(, with warnings)?: from the tray && more: \/workspace/);
    const { snapshots } = await rest.get<{ snapshots: readonly { instance_id: number }[] }>('/api/v1/snapshots');
    expect(snapshots.map((one) => one.instance_id)).toEqual([first]);
  });

  test('the next scheduled snapshot is said', async () => {
    await rest.send('POST', '/api/v1/schedules', { instance_id: first, timing: { type: 'every', minutes: 120 }, time_zone: 'UTC' });
    await expect.poll(() => trayText(desktop.app), soon).toMatch(/Next snapshot in (2 h|1 h|\d+ min): from the tray && more: \/workspace/);
  });

  test('pause and resume are one click each, and say that they ended', async () => {
    await clickTray(desktop.app, `pause-${String(first)}`);
    await expect.poll(() => stateOf(first), soon).toBe('stopped');
    await expect.poll(() => trayText(desktop.app), soon).toContain('✓ Pause: from the tray && more');
    await clickTray(desktop.app, `resume-${String(first)}`);
    await expect.poll(() => stateOf(first), soon).toBe('running');
    await expect.poll(() => trayText(desktop.app), soon).toContain('✓ Resume: from the tray && more');
    expect((await kinds()).filter((kind) => kind === 'pause' || kind === 'resume')).toEqual(['resume', 'pause']);
  });

  test('"Pause all" pauses everything that runs, shows how far it is, and is gone afterwards', async () => {
    second = await rentOne(rest, 'second');
    await expect.poll(() => trayText(desktop.app), soon).toContain('Pause all (2)');
    await clickTray(desktop.app, 'pause-all');
    await expect.poll(() => trayText(desktop.app), { ...soon, intervals: [20] }).toMatch(/Pausing: [01] of 2…/);
    await expect.poll(async () => [await stateOf(first), await stateOf(second)], soon).toEqual(['stopped', 'stopped']);
    await expect.poll(async () => (await trayItems(desktop.app)).some(({ id }) => id === 'pause-all'), soon).toBe(false);
  });

  test('what fails is told, stays marked, and leads to what happened', async () => {
    await simulator.faults({ bad_gateway: { count: 50, path: `/instances/${String(second)}` } });
    await clickTray(desktop.app, `resume-${String(second)}`);
    await expect.poll(() => trayText(desktop.app), { timeout: 40_000 }).toContain('⚠ Resume failed: second');
    await simulator.faults({ bad_gateway: null });
    expect(await trayIcon(desktop.app)).toBe('attention');
    await expect.poll(() => notificationTitles(desktop.app), soon).toContain('Resume failed: second');
    const mark = (await trayItems(desktop.app)).find(({ label }) => label.startsWith('⚠ Resume failed: second'));
    await clickTray(desktop.app, mark?.id ?? '');
    await expect.poll(() => placeOf(desktop.page), soon).toMatch(/^#\/(operations\/[\w-]+|instances\/\d+)$/);
    await expect.poll(() => trayText(desktop.app), soon).not.toContain('⚠');
    expect(await trayIcon(desktop.app)).toBe('spending');
  });

  test('a failure is seen too when the window lists it', async () => {
    const { operations } = await rest.get<{ operations: readonly { id: string; kind: string; state: string }[] }>('/api/v1/operations');
    expect(operations.filter(({ state }) => state === 'failed').length).toBeLessThanOrEqual(1);
    await clickTray(desktop.app, `resume-${String(first)}`);
    await expect.poll(() => stateOf(first), soon).toBe('running');
    await expect.poll(() => trayText(desktop.app), soon).toContain('✓ Resume: from the tray && more');
    await desktop.page.evaluate(() => {
      location.hash = '#/operations';
    });
    await expect.poll(() => trayText(desktop.app), soon).not.toContain('✓');
  });

  test('signed out it shows the last spend with its age, and pauses nothing', async () => {
    await rest.send('POST', '/api/v1/auth/logout');
    await desktop.page.getByRole('button', { name: 'demo@dumont.cloud' }).click();
    await desktop.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect.poll(async () => (await trayItems(desktop.app)).map(({ id }) => id), soon).toEqual(['spend', 'open', 'quit']);
    expect(await trayText(desktop.app)).toMatch(/^Last known: \$\d.* per hour, 1 min ago\nSign in…\nQuit$/);
  });
});

test('where no panel shows a tray the app says so once, and closing quits', async () => {
  test.skip(process.platform !== 'linux', 'Windows and macOS always have a place for the tray');
  const bus = await startKeyring('none');
  const folder = makeTempDir('dumont-no-tray');
  try {
    const desktop = await launchDemo({ dataDir: folder.path, env: bus.env });
    try {
      await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
      await expect.poll(() => notificationTitles(desktop.app)).toEqual(['This desktop has no tray']);
      const main = desktop.app.process();
      await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()).catch(() => undefined);
      await expect.poll(() => main.exitCode, soon).toBe(0);
    } finally {
      await desktop.stop();
    }
    expect(JSON.parse(readFileSync(folder.at('demo', 'window', 'shell.json'), 'utf8'))).toMatchObject({ noTrayExplained: true });
  } finally {
    folder.remove();
    await bus.stop();
  }
});
