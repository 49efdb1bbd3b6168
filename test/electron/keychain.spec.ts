// A keychain that is locked or hangs, on a real Electron and a real gnome-keyring: what the window says, that no secret is overwritten or moved, and that the app ends cleanly.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { launchDesktop, type DesktopApp } from '../support/electron-app';
import { startSimulator, type RunningSimulator } from '../support/run-app';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { startSecretService, type SecretService } from '../suites/support/secret-service';
import { trayText } from './desk';

test.skip(process.platform !== 'linux', 'the Secret Service is Linux’s keychain');

const password = 'correct horse battery';
let data: TempDir;
let service: SecretService;
let simulator: RunningSimulator;
test.beforeEach(async () => {
  data = makeTempDir('dumont-keychain');
  service = await startSecretService();
  simulator = await startSimulator();
});
test.afterEach(async () => {
  await simulator.stop();
  await service.end();
  data.remove();
});

const open = (): Promise<DesktopApp> => {
  const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = service.env;
  return launchDesktop({ dataDir: data.path, vastUrl: simulator.url, env: { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR, DUMONT_TEST_HANDLE: '1', LANG: 'en_US.UTF-8', LANGUAGE: 'en' } });
};

/** What the keychain holds of the app, with each entry's label and times; a locked one shows no secrets. */
const kept = (): string => execFileSync('secret-tool', ['search', '--all', 'service', 'dumont-cloud'], { env: service.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const entries = (): string => kept().replaceAll(/^secret = .*\n/gm, '');

const openSettings = (page: Page): Promise<void> => page.evaluate(() => void (window.location.hash = '#/settings'));

/** An account whose Vast.ai key is in the keychain, made in an earlier run of the app. */
async function makeAccount(): Promise<void> {
  const desktop = await open();
  try {
    const { page } = desktop;
    await expect(page.getByText("Secrets are kept in this computer's keychain.")).toBeVisible();
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByLabel(/API key/).first().fill(simulator.apiKey);
    await page.getByRole('button', { name: 'Check and save' }).click();
    await expect.poll(kept).toContain(simulator.apiKey);
  } finally {
    await desktop.stop();
  }
}

/** With the password, since the keychain does not give back who was signed in. */
async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Email').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button').filter({ hasText: 'Later' }).click();
}

/** Tries to keep a key in place of the one that is there: refused in words. */
async function changeInVain(page: Page): Promise<void> {
  const refused = page.getByText(/The place where secrets are kept does not answer.*Nothing was changed or overwritten\./);
  await page.getByRole('button', { name: 'Replace' }).click();
  await page.getByLabel(/API key/).first().fill(simulator.apiKey);
  await page.getByRole('button', { name: 'Check and save' }).click();
  await expect(refused).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText(/A key is set/)).toBeVisible();
}

/** Nothing was put where it is safer or less safe, and the app still answers. */
async function isAsItWas({ page }: DesktopApp): Promise<void> {
  expect(readdirSync(data.path)).not.toContain('vault');
  await page.evaluate(() => void (window.location.hash = '#/snapshots'));
  await expect(page.getByRole('heading', { name: 'Snapshots', level: 1 })).toBeVisible();
}

test('KEY-02 locked at the start: it asks for the password, says that the keychain is locked, overwrites nothing, and ends cleanly', async () => {
  await makeAccount();
  const before = entries();
  service.lock();
  const desktop = await open();
  try {
    await signIn(desktop.page);
    await openSettings(desktop.page);
    // On a computer too busy for an answer within five seconds it passes for silent, which is as true.
    await expect(desktop.page.getByText(/Locked right now: unlock the keychain of this computer\.|Does not answer right now\./).first()).toBeVisible();
    await changeInVain(desktop.page);
    await isAsItWas(desktop);
    await expect.poll(() => trayText(desktop.app)).toContain('The key cannot be read: the store for secrets does not answer');
  } finally {
    await desktop.stop();
  }
  expect(entries()).toBe(before);
});

test('KEY-05 hanging at the start: the window opens all the same, says that nothing answers, overwrites nothing, and has the key once it answers', async () => {
  await makeAccount();
  const before = kept();
  service.hang();
  const desktop = await open();
  try {
    await signIn(desktop.page);
    await openSettings(desktop.page);
    await expect(desktop.page.getByText('Does not answer right now.').first()).toBeVisible();
    await changeInVain(desktop.page);
    await isAsItWas(desktop);
    service.go();
    expect(kept()).toBe(before);
  } finally {
    service.go();
    // No process of the app waits for the keychain after its end.
    await desktop.stop();
  }
  const next = await open();
  try {
    // Signed in by the keychain, and the key is what it was.
    await expect(next.page.getByTestId('money')).toContainText('$');
  } finally {
    await next.stop();
  }
});

test('a keychain that hangs before there is an account: the window opens and says where secrets go', async () => {
  service.hang();
  const desktop = await open();
  try {
    await expect(desktop.page.getByText('This computer has no keychain that answers.')).toBeVisible();
  } finally {
    await desktop.stop();
    service.go();
  }
  expect(kept()).toBe('');
});
