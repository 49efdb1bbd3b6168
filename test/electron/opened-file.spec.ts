// A schedule's file that the system hands over, on a real Electron: from a second start, from macOS's event, at the first start; and files that are refused.
import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import type { DemoClient } from '../support/demo-client';
import { electronProgram, type DesktopApp } from '../support/electron-app';
import { makeTempDir } from '../support/temp-dir';
import { enterDemo, launchDemo, placeOf, rentOne, restOf, windowNow } from './desk';

test.describe.configure({ mode: 'serial' });

const data = makeTempDir('dumont-opening');
const files = makeTempDir('dumont-files');
let desktop: DesktopApp;
let rest: DemoClient;

const nightly = (change: object = {}): string =>
  JSON.stringify({ dumont_cloud: 'schedule', version: 1, kind: 'snapshot', instance_id: 1, source_path: '/workspace/runs', timing: { type: 'cron', pattern: '30 4 * * 1' }, time_zone: 'America/Sao_Paulo', catch_up: 'ask', power: 'start_and_stop', ...change });

const write = (name: string, text: string): string => {
  const file = files.at(`${name}.dumont-schedule`);
  writeFileSync(file, text);
  return file;
};

/** A second start, as a file manager does it, in the folder of the files. */
const openWith = (...args: readonly string[]): number | null =>
  spawnSync(electronProgram(), ['--no-sandbox', process.cwd(), '--demo', '--data-dir', data.path, ...args], { cwd: files.path, encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' }).status;

const openEvent = (file: string): Promise<boolean> => desktop.app.evaluate(({ app }, given) => app.emit('open-file', { preventDefault: () => undefined }, given), file);

const schedules = async (): Promise<readonly object[]> => (await rest.get<{ schedules: readonly object[] }>('/api/v1/schedules')).schedules;

const editor = () => desktop.page.getByRole('dialog', { name: 'New schedule' });
const refusal = () => desktop.page.getByRole('dialog', { name: 'This file was not opened' });

test.beforeAll(async () => {
  desktop = await launchDemo({ port: true, dataDir: data.path });
  await enterDemo(desktop.page);
  rest = await restOf(desktop);
});
test.afterAll(async () => {
  await desktop.stop();
  data.remove();
  files.remove();
});

test('UI-06 a second start with a file shows what it would set up, and sets nothing up until that is saved', async () => {
  const id = await rentOne(rest, 'nightly-box');
  const file = write('nightly', nightly({ instance_id: id }));
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  expect(openWith(pathToFileURL(file).href)).toBe(0);
  await expect.poll(() => windowNow(desktop.app)).toMatchObject({ visible: true });
  await expect(editor()).toContainText('From the file nightly.dumont-schedule. Nothing is set up until you save.');
  await expect(editor().getByLabel('Folder on the instance')).toHaveValue('/workspace/runs');
  await expect(editor().getByRole('combobox', { name: 'Instance' })).toHaveValue(`nightly-box · ${String(id)}`);
  await expect(editor().getByLabel('Time', { exact: true })).toHaveValue('04:30');
  await expect(editor().getByRole('combobox', { name: 'Time zone' })).toHaveValue('America/Sao_Paulo');
  expect(await schedules()).toEqual([]);
  await editor().getByRole('button', { name: 'Cancel' }).click();
  await expect(editor()).toBeHidden();
  expect(placeOf(desktop.page)).toBe('#/schedules');
  expect(await schedules()).toEqual([]);
  // The same file again, by a path that begins where the second start did.
  expect(openWith('nightly.dumont-schedule')).toBe(0);
  await editor().getByRole('button', { name: 'Save' }).click();
  await expect(editor()).toBeHidden();
  expect(await schedules()).toMatchObject([{ kind: 'snapshot', source: { instance_id: id, path: '/workspace/runs' }, timing: { type: 'cron', pattern: '30 4 * * 1' }, time_zone: 'America/Sao_Paulo', catch_up: 'ask', power: 'start_and_stop' }]);
});

test('UI-06 a file of another account names an instance that is not there: nothing can be saved before one is chosen', async () => {
  await openEvent(write('foreign', nightly({ instance_id: 999_999_999 })));
  await expect(editor()).toContainText('Instance 999999999, which it names, is not one of yours');
  await expect(editor().getByRole('button', { name: 'Save' })).toBeDisabled();
  await editor().getByRole('button', { name: 'Cancel' }).click();
});

test('UI-06 files that are no schedule are refused in words, and main goes on', async () => {
  const before = await schedules();
  const good = write('good', nightly());
  mkdirSync(files.at('folder.dumont-schedule'));
  const refused: [string, string][] = [
    [write('huge', nightly().padEnd(5_000_000)), 'It is larger than a schedule ever is.'],
    [write('text', 'not JSON'), 'It is damaged, or another kind of file by this name.'],
    [write('types', nightly({ instance_id: '1; rm -rf /' })), 'It does not hold a schedule of this app'],
    [write('destroys', nightly({ kind: 'destroy' })), 'It does not hold a schedule of this app'],
    [write('newer', nightly({ version: 9 })), 'A newer version of the app wrote it.'],
    [files.at('folder.dumont-schedule'), 'It is not an ordinary file.'],
    [files.at('gone.dumont-schedule'), 'It cannot be read, or is no longer there.'],
  ];
  if (process.platform !== 'win32') {
    symlinkSync(good, files.at('link.dumont-schedule'));
    refused.push([files.at('link.dumont-schedule'), 'It is a link to another file.']);
  }
  if (process.getuid?.() === 0) {
    chownSync(write('theirs', nightly()), 65_534, 65_534);
    refused.push([files.at('theirs.dumont-schedule'), 'It belongs to another user of this computer.']);
  }
  for (const [file, words] of refused) {
    await openEvent(file);
    await expect(refusal()).toContainText(words);
    await refusal().getByRole('button', { name: 'Close' }).last().click();
    await expect(refusal()).toBeHidden();
  }
  // No file of ours: the window comes to the front where it was.
  await openEvent('/etc/passwd');
  await openEvent('file://evil.example/x.dumont-schedule');
  expect(placeOf(desktop.page)).toBe('#/schedules');
  await expect(desktop.page.getByRole('dialog')).toHaveCount(0);
  expect(await schedules()).toEqual(before);
});

test('UI-06 a file at the first start waits for the sign-in, and a page cannot ask for another file', async () => {
  await desktop.stop();
  desktop = await launchDemo({ port: true, dataDir: data.path, args: [write('first', nightly({ kind: 'prune', instance_id: null, source_path: null }))] });
  const enter = desktop.page.getByRole('button', { name: 'Enter the demo' });
  await expect(enter.or(desktop.page.getByRole('navigation')).first()).toBeVisible();
  if (await enter.isVisible()) await enter.click();
  await expect(editor()).toContainText('From the file first.dumont-schedule.');
  await expect(editor().getByRole('combobox', { name: 'What' })).toHaveValue('Free space');
  rest = await restOf(desktop);
  await expect(rest.get('/api/v1/shell/opened-files/1')).rejects.toThrow(/501.*desktop_only/s);
  await desktop.page.evaluate(() => void (window.location.hash = '#/schedules?file=77'));
  await expect(refusal()).toContainText('It cannot be read, or is no longer there.');
});
