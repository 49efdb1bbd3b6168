// The app's life on a real Electron: start, one instance, close to tray, renderer crash, quit, signals, files of its own.
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { electronProgram, launchDesktop } from '../support/electron-app';
import { descendants, waitGone } from '../support/processes';
import { makeTempDir } from '../support/temp-dir';
import { answerQuestions, asked, clickTray, crashPage, enterDemo, launchDemo, trayItems } from './desk';

test('it starts, says that it is ready, and shows the first screen', async () => {
  const desktop = await launchDemo();
  try {
    await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
    await expect.poll(() => desktop.stdout()).toContain('Dumont Cloud is ready in its window\n');
    expect(desktop.stdout()).not.toContain('ready at');
    expect(await desktop.app.evaluate(() => process.versions.electron)).toBe(desktop.electronVersion);
  } finally {
    await desktop.stop();
  }
});

test('with --port it also serves the API, and says where', async () => {
  const desktop = await launchDemo({ port: true });
  try {
    await expect.poll(() => desktop.stdout()).toMatch(/^Dumont Cloud is ready at http:\/\/127\.0\.0\.1:\d+$/m);
    const url = /ready at (http:\S+)/.exec(desktop.stdout())?.[1] ?? '';
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok', name: 'Dumont Cloud' });
  } finally {
    await desktop.stop();
  }
});

test('an unknown flag is one line and exit code 2', () => {
  const result = spawnSync(electronProgram(), ['--no-sandbox', process.cwd(), '--no-such-flag'], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
  expect(result.status).toBe(2);
  expect(result.stderr.split('\n').filter((line) => line.startsWith('dumont-cloud:'))).toEqual([expect.stringContaining('--no-such-flag')]);
});

test('a start that fails is told to whoever sees no terminal, in the last language, and keeps its line and exit code', () => {
  const data = makeTempDir('dumont-damaged');
  try {
    mkdirSync(data.at('demo', 'window'), { recursive: true });
    writeFileSync(data.at('demo', 'dumont.sqlite'), 'no database '.repeat(1000));
    writeFileSync(data.at('demo', 'window', 'shell.json'), '{"language":"pt-BR"}');
    const result = spawnSync(electronProgram(), ['--no-sandbox', process.cwd(), '--demo', '--data-dir', data.path], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL', env: { ...process.env, DUMONT_TEST_HANDLE: '1' } });
    expect(result.status).toBe(1);
    expect(result.stderr.split('\n').filter((line) => line.startsWith('dumont-cloud:'))).toEqual([expect.stringContaining('is damaged')]);
    const told = JSON.parse(/^failed (.*)$/m.exec(result.stdout)?.[1] ?? '{}') as { title?: string; text?: string };
    expect(told.title).toBe('O Dumont Cloud não conseguiu iniciar');
    expect(told.text).toMatch(/^O banco de dados está danificado\.[^]*dumont\.sqlite is damaged/);
  } finally {
    data.remove();
  }
});

test('a second start ends at once and brings the first window back', async () => {
  const desktop = await launchDemo();
  try {
    await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
    await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    const start = (...more: readonly string[]) => spawnSync(electronProgram(), ['--no-sandbox', process.cwd(), '--demo', '--data-dir', desktop.dataDir, ...more], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
    // One at login, hidden, leaves it where it is: its message comes before that of the next.
    await desktop.app.evaluate(({ app, BrowserWindow }) => {
      app.once('second-instance', () => setImmediate(() => process.stdout.write(`visible ${String(BrowserWindow.getAllWindows()[0]?.isVisible())}\n`)));
    });
    expect(start('--hidden').status).toBe(0);
    await expect.poll(() => desktop.stdout()).toContain('visible false\n');
    const second = start();
    expect(second.status).toBe(0);
    expect(second.stderr).toContain('running already');
    await expect.poll(() => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true);
  } finally {
    await desktop.stop();
  }
});

test('closing the window leaves it in the tray, and the tray opens it again', async () => {
  const desktop = await launchDemo();
  try {
    await enterDemo(desktop.page);
    // Said in a dialog where nothing shows notifications.
    await answerQuestions(desktop.app, 0);
    await desktop.app.evaluate(({ BrowserWindow, Notification }) => {
      Notification.isSupported = () => false;
      BrowserWindow.getAllWindows()[0]?.close();
    });
    await expect.poll(() => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(false);
    await expect.poll(() => asked(desktop).map(({ message }) => message)).toEqual(['Dumont Cloud goes on in the tray']);
    expect((await trayItems(desktop.app)).map((item) => item.id)).toEqual(expect.arrayContaining(['open', 'quit']));
    await clickTray(desktop.app, 'open');
    await expect.poll(() => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())).toBe(true);
  } finally {
    await desktop.stop();
  }
});

test('an update closes the window instead of hiding it in the tray', async () => {
  const desktop = await launchDemo();
  try {
    await enterDemo(desktop.page);
    await desktop.app.evaluate(({ BrowserWindow, autoUpdater }) => {
      autoUpdater.emit('before-quit-for-update');
      setTimeout(() => BrowserWindow.getAllWindows()[0]?.close(), 0);
    });
    const main = desktop.app.process();
    // Here the last window's end is the app's; on macOS the updater waits for it.
    await expect.poll(() => main.exitCode).toBe(0);
  } finally {
    await desktop.stop();
  }
});

test('quit from the tray ends every process within five seconds', async () => {
  const desktop = await launchDemo();
  const main = desktop.app.process();
  await enterDemo(desktop.page);
  const all = [main.pid ?? 0, ...descendants(main.pid ?? 0)];
  expect(all.length).toBeGreaterThan(3);
  await clickTray(desktop.app, 'quit').catch(() => undefined);
  expect(await waitGone(all, 5000)).toEqual([]);
  await expect.poll(() => main.exitCode).toBe(0);
  await desktop.stop();
});

test('SIGTERM ends it cleanly, children included', async () => {
  test.skip(process.platform === 'win32', 'Windows has no signals: a kill there asks nothing');
  const desktop = await launchDemo();
  await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
  const main = desktop.app.process();
  const all = [main.pid ?? 0, ...descendants(main.pid ?? 0)];
  main.kill('SIGTERM');
  expect(await waitGone(all, 5000)).toEqual([]);
  await expect.poll(() => main.exitCode).toBe(0);
  await desktop.stop();
});

test('a crashed page can be brought back, and main goes on', async () => {
  const desktop = await launchDemo();
  try {
    await enterDemo(desktop.page);
    const text = await crashPage(desktop.app, 'Dumont Cloud');
    expect(text).toContain('Dumont Cloud');
  } finally {
    await desktop.stop();
  }
});

test('SEC-50 its files are its user only', async () => {
  test.skip(process.platform === 'win32', 'Windows has access lists, no file modes');
  const desktop = await launchDemo();
  try {
    await enterDemo(desktop.page);
    const folder = path.join(desktop.dataDir, 'demo');
    const names = await readdir(folder, { recursive: true });
    const open = names.filter((name) => {
      const stat = statSync(path.join(folder, name), { throwIfNoEntry: false });
      return stat !== undefined && !stat.isSocket() && (stat.mode & 0o077) !== 0;
    });
    // Chromium links its own locks and names; a link's mode says nothing.
    expect(open.filter((name) => !/^window\/Singleton|^simulator\//.test(name))).toEqual([]);
  } finally {
    await desktop.stop();
  }
});

test('real mode never starts a simulator, and offers no demo', async () => {
  const desktop = await launchDesktop({ env: { DUMONT_TEST_HANDLE: '1' } });
  try {
    await expect(desktop.page.getByRole('heading').first()).toBeVisible();
    await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toHaveCount(0);
    expect(await readdir(desktop.dataDir)).not.toContain('demo');
  } finally {
    await desktop.stop();
  }
});
