// The job on a real Electron: through the window, and with the key in a real keychain.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { launchDesktop } from '../support/electron-app';
import { startKeyring } from '../support/keyring';
import { startSimulator } from '../support/run-app';
import { enterDemo, launchDemo, restOf } from './desk';

test('the native folder dialog answers the window, and links off the list are refused', async () => {
  const desktop = await launchDemo({ port: true });
  try {
    await enterDemo(desktop.page);
    const rest = await restOf(desktop);
    await expect(rest.send('POST', '/api/v1/shell/pick-folder')).rejects.toThrow(/501.*desktop_only/s);
    await expect(rest.send('POST', '/api/v1/shell/open-external', { url: 'https://vast.ai/' })).rejects.toThrow(/501/);
  } finally {
    await desktop.stop();
  }
});

test('the key goes into a real Secret Service, and into no file', async () => {
  test.skip(process.platform !== 'linux', 'the Secret Service is Linux’s keychain');
  const keyring = await startKeyring('unlocked');
  const simulator = await startSimulator();
  try {
    const desktop = await launchDesktop({ vastUrl: simulator.url, env: { ...keyring.env, DUMONT_TEST_HANDLE: '1', LANG: 'en_US.UTF-8', LANGUAGE: 'en' } });
    try {
      const { page } = desktop;
      await page.getByLabel('Email').fill('ada@example.com');
      await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
      await expect(page.getByText("Secrets are kept in this computer's keychain.")).toBeVisible();
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel(/API key/).first().fill(simulator.apiKey);
      await page.getByRole('button', { name: /Check and keep|Check|Keep|Save/ }).first().click();
      const service = { env: { ...process.env, ...keyring.env }, encoding: 'utf8' as const };
      await expect.poll(() => execFileSync('secret-tool', ['search', '--all', 'service', 'dumont-cloud'], { ...service, stdio: ['ignore', 'pipe', 'pipe'] }), { timeout: 15_000 }).toContain(simulator.apiKey);
      await expect.poll(() => spawnGrep(simulator.apiKey, desktop.dataDir)).toBe('');
    } finally {
      await desktop.stop();
    }
  } finally {
    await simulator.stop();
    await keyring.stop();
  }
});

test('without a keychain the first screen says that an encrypted file is used', async () => {
  test.skip(process.platform !== 'linux', 'Windows and macOS always have a keychain');
  const desktop = await launchDesktop({ env: { LANG: 'en_US.UTF-8', LANGUAGE: 'en' } });
  try {
    await expect(desktop.page.getByText('This computer has no keychain that answers.')).toBeVisible();
  } finally {
    await desktop.stop();
  }
});

/** Names of the files below a folder that hold the text. */
function spawnGrep(text: string, folder: string): string {
  mkdirSync(path.join(folder), { recursive: true });
  try {
    return execFileSync('grep', ['-rlF', '--', text, folder], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
