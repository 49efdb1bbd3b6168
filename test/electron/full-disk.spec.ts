// A disk that is full when the app starts, on a real Electron: what the dialog says, that nothing is lost, and that room makes it start again.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { electronProgram, launchDesktop, type DesktopApp } from '../support/electron-app';
import { noKeyringEnv } from '../support/keyring';
import { makeSmallDisk, type SmallDisk } from '../support/small-disk';

test.skip(process.platform !== 'linux', 'the disk that is filled is a tmpfs, which Linux mounts');

const password = 'correct horse battery';
let disk: SmallDisk;
test.beforeEach(() => {
  disk = makeSmallDisk(32 * 1024 * 1024);
});
test.afterEach(() => disk.remove());

const open = (): Promise<DesktopApp> => launchDesktop({ dataDir: disk.path, env: { DUMONT_TEST_HANDLE: '1', LANG: 'en_US.UTF-8', LANGUAGE: 'en' } });

/** A start that is to fail: its exit code, what its dialog says, and its line for a terminal. */
function failedStart(): { readonly status: number | null; readonly title: string; readonly text: string; readonly lines: readonly string[] } {
  const { status, stdout, stderr } = spawnSync(electronProgram(), ['--no-sandbox', process.cwd(), '--data-dir', disk.path], {
    encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL', env: { ...process.env, ...noKeyringEnv, DUMONT_TEST_HANDLE: '1', LANG: 'en_US.UTF-8', LANGUAGE: 'en' },
  });
  const told = JSON.parse(/^failed (.*)$/m.exec(stdout)?.[1] ?? '{"title":"","text":""}') as { title: string; text: string };
  return { status, ...told, lines: stderr.split('\n').filter((line) => line.startsWith('dumont-cloud:')) };
}

/** SHA-256 of each file of ours; Chromium's own, and what fills the disk, left out. */
function ours(): Readonly<Record<string, string>> {
  const names = readdirSync(disk.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.relative(disk.path, path.join(entry.parentPath, entry.name)));
  const kept = names.filter((name) => name === 'window/shell.json' || !/^(window|crashes)\/|^filling$/.test(name));
  return Object.fromEntries(kept.map((name) => [name, createHash('sha256').update(readFileSync(path.join(disk.path, name))).digest('hex')]));
}

async function createAccount({ page }: DesktopApp): Promise<void> {
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
}

test('full at the first start: the dialog says so and where, nothing is left lying, and with room it opens', async () => {
  disk.fill();
  const failed = failedStart();
  expect(failed).toMatchObject({ status: 1, title: 'Dumont Cloud could not start', lines: [expect.stringContaining('The disk is full')] });
  expect(failed.text).toBe(`The disk is full. Free some space, then start again.\n\nThe disk is full. What was complete is kept.\n${disk.path}`);
  expect(ours()).toEqual({});
  disk.free();
  const desktop = await open();
  await expect(desktop.page.getByRole('button', { name: 'Create account' })).toBeVisible();
  await desktop.stop();
});

for (const [name, room] of [['not a byte', 0], ['too little for the database', 16 * 1024]] as const) {
  test(`full at a later start (${name}): said in the last language, every file is what it was, and with room the account is there`, async () => {
    const first = await open();
    await createAccount(first);
    await first.stop();
    const preferences = path.join(disk.path, 'window', 'shell.json');
    writeFileSync(preferences, JSON.stringify({ ...(JSON.parse(readFileSync(preferences, 'utf8')) as object), language: 'pt-BR' }));
    const before = ours();
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['dumont.sqlite', 'window/shell.json', expect.stringMatching(/^vault\//)]));
    disk.fill(room);
    for (let start = 0; start < 2; start += 1) {
      const failed = failedStart();
      expect(failed).toMatchObject({ status: 1, title: 'O Dumont Cloud não conseguiu iniciar' });
      expect(failed.text).toMatch(/^O disco está cheio\. Libere espaço e inicie de novo\./);
      expect(failed.text).toContain(disk.path);
    }
    // SQLite may have made its empty log and shared memory beside it.
    expect(ours()).toMatchObject(before);
    disk.free();
    const again = await open();
    await again.page.getByLabel('E-mail').fill('ada@example.com');
    await again.page.getByLabel('Senha', { exact: true }).fill(password);
    await again.page.getByRole('button', { name: 'Entrar', exact: true }).click();
    // The first steps go on, in the language of the account.
    await expect(again.page.getByRole('dialog')).toBeVisible();
    await again.stop();
  });
}

test('full while it is open: a change is refused in words, the app goes on, and quits', async () => {
  const desktop = await open();
  await createAccount(desktop);
  const { page } = desktop;
  await page.getByRole('button').filter({ hasText: 'Later' }).click();
  await page.evaluate(() => void (window.location.hash = '#/settings'));
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  disk.fill();
  const theme = page.getByRole('combobox', { name: 'Theme' });
  await theme.click();
  await page.getByRole('option', { name: 'Dark' }).click();
  await expect(page.getByText(/The disk is full \(.*dumont\.sqlite\)/).first()).toBeVisible();
  disk.free();
  await theme.click();
  await page.getByRole('option', { name: 'Light' }).click();
  await expect.poll(() => desktop.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe('light');
  await desktop.stop();
});
