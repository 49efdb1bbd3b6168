// Signing in and out, the demo, the first account with its set-up code, and the first steps, in Chromium against the headless app.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { newestRestic } from '../support/restics';
import { startHeadless, startSimulator, type RunningApp, type RunningSimulator } from '../support/run-app';

const tokenOf = (page: Page): Promise<string> => page.evaluate(() => (JSON.parse(sessionStorage.getItem('dumont.session') ?? '{}') as { token: string }).token);

test.describe('the demo', () => {
  let app: RunningApp;
  test.beforeAll(async () => { app = await startHeadless({ demo: true }); });
  test.afterAll(() => app.stop());

  test('is entered with one button, and money is in sight', async ({ page }) => {
    await page.goto(app.url);
    await expect(page).toHaveTitle('Dumont Cloud');
    await page.getByRole('button', { name: 'Enter the demo' }).click();
    await expect(page.getByTestId('money')).toContainText('Credit');
    await expect(page.getByTestId('money')).toContainText('$25.00');
    await expect(page.getByRole('link', { name: 'Offers' })).toHaveAttribute('aria-current', 'page');
  });

  test('signs in by keyboard with what the start printed, and out again', async ({ page }) => {
    const { email, password } = app.demoAccount ?? { email: '', password: '' };
    await page.goto(app.url);
    const field = page.getByLabel('Email');
    await expect(field).toHaveAttribute('autocomplete', 'username');
    await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('autocomplete', 'current-password');
    await field.focus();
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Account/ }).click();
    await expect(page.getByText(email)).toBeVisible();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.getItem('dumont.session'))).toBeNull();
  });

  test('says in words that a password is wrong, and counts down after too many', async ({ page }) => {
    await page.goto(app.url);
    await page.getByLabel('Email').fill('nobody@example.org');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    const signIn = page.getByRole('button', { name: 'Sign in', exact: true });
    await signIn.click();
    await expect(page.getByRole('alert')).toContainText('The email or the password is wrong.');
    const blocked = page.getByRole('button', { name: /^Wait \d+ sec$/ });
    await expect(async () => {
      if (await signIn.isVisible()) await signIn.click();
      await expect(blocked).toBeDisabled({ timeout: 500 });
    }).toPass();
    await expect(page.getByRole('alert')).toContainText('Too many wrong passwords.');
    await expect(signIn).toBeEnabled();
  });

  test('takes the language that was chosen first into the account', async ({ page, request }) => {
    await page.goto(app.url);
    await page.getByText('Português').click();
    await expect(page.getByRole('heading', { name: 'Entrar' })).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', 'pt-BR');
    await page.getByRole('button', { name: 'Entrar na demonstração' }).click();
    await expect(page.getByRole('link', { name: 'Ofertas' })).toBeVisible();
    const headers = { authorization: `Bearer ${await tokenOf(page)}` };
    await expect.poll(async () => ((await (await request.get(`${app.url}/api/v1/settings`, { headers })).json()) as { settings: { language: string } }).settings.language).toBe('pt-BR');
    await request.put(`${app.url}/api/v1/settings`, { headers, data: { settings: { language: 'system' } } });
  });

  test('shows the sign-in with a word of why when the session was ended elsewhere', async ({ page, request }) => {
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Enter the demo' }).click();
    await expect(page.getByTestId('money')).toContainText('Credit');
    await request.post(`${app.url}/api/v1/auth/logout`, { headers: { authorization: `Bearer ${await tokenOf(page)}` } });
    await expect(page.getByText('You have been signed out.')).toBeVisible();
  });

  test('asks again in a new tab, which has no token', async ({ page, context }) => {
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Enter the demo' }).click();
    await expect(page.getByTestId('money')).toContainText('Credit');
    const other = await context.newPage();
    await other.goto(app.url);
    await expect(other.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  });
});

test.describe('the first account', () => {
  let simulator: RunningSimulator;
  let app: RunningApp;
  let disk = '';
  test.beforeAll(async () => {
    disk = mkdtempSync(path.join(tmpdir(), 'dumont-spec-'));
    simulator = await startSimulator();
    app = await startHeadless({ vastUrl: simulator.url, restic: newestRestic().file });
  });
  test.afterAll(async () => {
    await app.stop();
    await simulator.stop();
    rmSync(disk, { recursive: true, force: true });
  });

  test('needs the code that the start printed, and then leads through the first steps', async ({ page }) => {
    const code = /Setup code for the first account: (\S+)/.exec(app.stdout())?.[1] ?? '';
    expect(code).not.toBe('');
    await page.goto(app.url);
    await expect(page.getByRole('heading', { name: 'Create your account' })).toBeVisible();
    await page.getByLabel('Email').fill('ana@example.org');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByLabel('Set-up code').fill('wrong');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByText('Between 8 and 1024 bytes, please.')).toBeVisible();
    await page.getByLabel('Password', { exact: true }).fill('um dirigível no céu');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('alert')).toContainText('The set-up code is missing or wrong.');
    await page.getByLabel('Set-up code').fill(code);
    await page.getByRole('button', { name: 'Create account' }).click();

    const steps = page.getByRole('dialog', { name: 'Welcome aboard' });
    await expect(steps.getByRole('heading', { name: 'How should it look and speak?' })).toBeVisible();
    await steps.getByRole('button', { name: 'Continue' }).click();
    await expect(steps.getByText('only your password opens')).toBeVisible();
    await steps.getByLabel('Vast.ai API key').fill('a-key-that-vast-does-not-know');
    await steps.getByRole('button', { name: 'Check and save' }).click();
    await expect(steps.getByRole('alert')).toContainText('Vast.ai does not accept this key.');

    // Put off and taken up again where they were.
    await steps.getByRole('button', { name: 'Later' }).first().click();
    await expect(steps).toBeHidden();
    await page.reload();
    await expect(steps.getByRole('heading', { name: 'Connect your Vast.ai account' })).toBeVisible();

    await steps.getByLabel('Vast.ai API key').fill(simulator.apiKey);
    await steps.getByRole('button', { name: 'Check and save' }).click();
    await expect(steps.getByRole('heading', { name: 'Ready for snapshots?' })).toBeVisible();
    await steps.getByRole('button', { name: 'Continue' }).click();

    // The app's own folder is there; a place of one's own takes its part.
    await expect(steps.getByRole('heading', { name: 'Where should snapshots be kept?' })).toBeVisible();
    await expect(steps.getByRole('listitem', { name: 'This computer' })).toContainText('Default');
    await steps.getByRole('button', { name: 'One that exists' }).click();
    await expect(page.getByRole('dialog', { name: 'Import a repository' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog', { name: 'Import a repository' })).toBeHidden();
    await expect(steps).toBeVisible();
    await steps.getByRole('button', { name: 'Another place' }).click();
    const making = page.getByRole('dialog', { name: 'New repository' });
    await making.getByLabel('Name').fill('second disk');
    await making.getByRole('textbox', { name: 'Folder' }).fill(path.join(disk, 'kept'));
    await expect(making.getByRole('switch', { name: 'Keep new snapshots here' })).toBeChecked();
    await making.getByRole('button', { name: 'Make it' }).click();
    await expect(steps.getByRole('listitem', { name: 'second disk' })).toContainText('Default');
    await expect(steps.getByRole('listitem', { name: 'This computer' })).not.toContainText('Default');
    expect(existsSync(path.join(disk, 'kept', 'config'))).toBe(true);
    await steps.getByRole('button', { name: 'Continue' }).click();
    await expect(steps.getByText('Everything is set.')).toBeVisible();
    await steps.getByRole('button', { name: 'See the offers' }).click();
    await expect(steps).toBeHidden();
    await expect(page.getByTestId('money')).toContainText('$');
    await page.reload();
    await expect(page.getByTestId('money')).toContainText('$');
    await expect(steps).toBeHidden();
    expect(await page.evaluate(() => document.body.innerHTML)).not.toContain(simulator.apiKey);
  });
});
