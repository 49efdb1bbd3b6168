// Settings: what is changed holds, what only the window may change is not offered, secrets go in and do not come out.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { newestRestic } from '../support/restics';
import { startHeadless, type RunningApp } from '../support/run-app';

let app: RunningApp;
test.beforeAll(async () => { app = await startHeadless({ demo: true, restic: newestRestic().file }); });
test.afterAll(() => app.stop());

test.beforeEach(async ({ page }) => {
  await page.goto(app.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

interface View {
  readonly vast_api_key: { readonly set: boolean; readonly last4: string };
  readonly settings: Readonly<Record<string, unknown>>;
}

async function settingsOf(page: Page, request: APIRequestContext): Promise<View> {
  const token = await page.evaluate(() => (JSON.parse(sessionStorage.getItem('dumont.session') ?? '{}') as { token: string }).token);
  // The app closes a connection that was idle for 5 s, perhaps in the moment it is used again: then it is asked over a new one.
  return (await (await request.get(`${app.url}/api/v1/settings`, { headers: { authorization: `Bearer ${token}` }, maxRetries: 2 })).json()) as View;
}

test('the theme changes at once and holds', async ({ page, request }) => {
  const html = page.locator('html');
  await page.getByRole('combobox', { name: 'Theme' }).click();
  await page.getByRole('option', { name: 'Dark' }).click();
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await expect.poll(async () => (await settingsOf(page, request)).settings['theme']).toBe('dark');
  await page.reload();
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await page.getByRole('combobox', { name: 'Theme' }).click();
  await page.getByRole('option', { name: 'Same as the system' }).click();
  await expect(html).toHaveAttribute('data-mantine-color-scheme', 'light');
  // The page has it before the app: one that closes meanwhile would leave the account, and what follows, in the dark.
  await expect.poll(async () => (await settingsOf(page, request)).settings['theme']).toBe('system');
});

test('who asks for less motion sees a new theme at once, however deep a word lies', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
  await expect(page.getByText(/OpenSSH/).first()).toBeVisible();
  const { words, late } = await page.evaluate(async () => {
    const all = [...document.querySelectorAll('header *, nav *, main *')];
    const seen = () => all.map((word) => getComputedStyle(word).color);
    seen();
    document.documentElement.setAttribute('data-mantine-color-scheme', 'dark');
    const atOnce = seen();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const atLast = seen();
    return { words: all.length, late: all.filter((word, index) => word.isConnected && atOnce[index] !== atLast[index]).map((word) => word.outerHTML.slice(0, 200)) };
  });
  expect(words).toBeGreaterThan(50);
  expect(late).toEqual([]);
});

test('the language changes every word, and back', async ({ page, request }) => {
  await page.getByRole('combobox', { name: 'Language' }).click();
  await page.getByRole('option', { name: 'Português' }).click();
  await expect(page.getByRole('heading', { name: 'Ajustes', level: 1 })).toBeVisible();
  await expect.poll(async () => (await settingsOf(page, request)).settings['language']).toBe('pt-BR');
  await expect(page.getByTestId('money')).toContainText('Crédito');
  await expect(page.getByTestId('money')).toContainText('US$');
  await page.getByRole('combobox', { name: 'Idioma' }).click();
  await page.getByRole('option', { name: 'Igual ao do sistema' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await expect.poll(async () => (await settingsOf(page, request)).settings['language']).toBe('system');
});

test('default image and disk are saved by Enter, and put back by Escape', async ({ page, request }) => {
  const image = page.getByRole('textbox', { name: 'Default image' });
  const before = await image.inputValue();
  await image.fill('nvidia/cuda:12.4.1-devel-ubuntu22.04');
  await image.press('Escape');
  await expect(image).toHaveValue(before);
  await image.fill('nvidia/cuda:12.4.1-devel-ubuntu22.04');
  await image.press('Enter');
  await expect.poll(async () => (await settingsOf(page, request)).settings['default_image']).toBe('nvidia/cuda:12.4.1-devel-ubuntu22.04');
  const disk = page.getByRole('textbox', { name: 'Default disk' });
  await disk.fill('120');
  await disk.press('Enter');
  await expect(page.getByText('Saved').first()).toBeVisible();
  await expect.poll(async () => (await settingsOf(page, request)).settings['default_disk_size']).toBe(120);
});

test('a key that Vast.ai refuses leaves the former one in place', async ({ page, request }) => {
  const before = await settingsOf(page, request);
  await expect(page.getByText(before.vast_api_key.last4)).toBeVisible();
  await page.getByRole('button', { name: 'Replace' }).click();
  const field = page.getByLabel('Vast.ai API key');
  await field.fill('with a space');
  await expect(page.getByText('without spaces')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Check and save' })).toBeDisabled();
  await field.fill('nobody-knows-this-key');
  await page.getByRole('button', { name: 'Check and save' }).click();
  await expect(page.getByRole('alert')).toContainText('What was set before is kept.');
  expect((await settingsOf(page, request)).vast_api_key).toEqual(before.vast_api_key);
});

test('a browser is not offered what only the window may change', async ({ page }) => {
  await expect(page.getByText('REST API')).toBeVisible();
  await expect(page.getByText(app.url, { exact: false })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Path of restic' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Choose' })).toHaveCount(0);
  await expect(page.getByRole('switch', { name: 'REST API' })).toBeDisabled();
});

test('tools say which restic and ssh there are', async ({ page }) => {
  await expect(page.getByText(`restic ${newestRestic().version}`)).toBeVisible();
  await expect(page.getByText(/OpenSSH/).first()).toBeVisible();
});

test('the recovery key asks for the password and is shown once', async ({ page }) => {
  await page.getByRole('button', { name: 'Make a recovery key' }).click();
  const dialog = page.getByRole('dialog', { name: 'Recovery key' });
  await dialog.getByLabel('Password of this app').fill('not it');
  await dialog.getByRole('button', { name: 'Make a recovery key' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The email or the password is wrong.');
  await dialog.getByLabel('Password of this app').fill(app.demoAccount?.password ?? '');
  await dialog.getByRole('button', { name: 'Make a recovery key' }).click();
  const shown = dialog.getByTestId('recovery-key');
  await expect(shown).not.toBeEmpty();
  const key = (await shown.textContent()) ?? '';
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await expect(dialog).toBeHidden();
  expect(await page.evaluate(() => document.documentElement.innerHTML)).not.toContain(key);
  await expect(page.getByRole('button', { name: 'Make another one' })).toBeVisible();
});

test('nothing but the section scrolls, and not sideways, at 1280 and 420 pixels in the longer language', async ({ page, request }) => {
  await page.getByRole('combobox', { name: 'Language' }).click();
  await page.getByRole('option', { name: 'Português' }).click();
  await expect(page.getByRole('heading', { name: 'Ajustes', level: 1 })).toBeVisible();
  for (const width of [1280, 420]) {
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(() => page.locator('main').evaluate((main) => main.scrollWidth - main.clientWidth), { message: `${width} px` }).toBeLessThanOrEqual(0);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollHeight - document.documentElement.clientHeight), { message: `${width} px, the page itself` }).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('combobox', { name: 'Idioma' }).click();
  await page.getByRole('option', { name: 'Igual ao do sistema' }).click();
  await expect.poll(async () => (await settingsOf(page, request)).settings['language']).toBe('system');
});
