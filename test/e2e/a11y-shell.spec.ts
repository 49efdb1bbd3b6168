// Accessibility of the sign-in, the shell, operations and settings: axe finds nothing serious in both schemes and languages; the keyboard reaches everything.
import { expect, test } from '@playwright/test';
import { expectFocusIn } from '../support/at-rest';
import { seriousFindings } from '../support/axe';
import { startHeadless, type RunningApp } from '../support/run-app';

let app: RunningApp;
test.beforeAll(async ({ request }) => {
  app = await startHeadless({ demo: true });
  const { email: username, password } = app.demoAccount ?? { email: '', password: '' };
  const { token } = (await (await request.post(`${app.url}/api/v1/auth/login`, { data: { username, password } })).json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const { offers } = (await (await request.get(`${app.url}/api/v1/instances/offers?limit=1`, { headers })).json()) as { offers: { id: number }[] };
  expect((await request.post(`${app.url}/api/v1/instances`, { headers, data: { offer_id: offers[0]?.id, label: 'a box' } })).ok()).toBe(true);
});
test.afterAll(() => app.stop());

const words = {
  'en-US': { demo: 'Enter the demo', settings: 'Settings', operations: 'Operations', idle: /Nothing running|running/, account: /^Account/, open: 'Open', steps: 'Welcome aboard' },
  'pt-BR': { demo: 'Entrar na demonstração', settings: 'Ajustes', operations: 'Operações', idle: /Nada em andamento|em andamento/, account: /^Conta/, open: 'Abrir', steps: 'Boas-vindas a bordo' },
} as const;

for (const locale of ['en-US', 'pt-BR'] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${locale}, ${colorScheme}`, () => {
      test.use({ locale, colorScheme, reducedMotion: 'reduce' });
      const word = words[locale];

      test('no serious finding on any page', async ({ page }) => {
        const found: string[] = [];
        const look = async (place: string) => { found.push(...(await seriousFindings(page)).map((finding) => `${place}: ${finding}`)); };
        await page.goto(app.url);
        await expect(page.getByRole('button', { name: word.demo })).toBeVisible();
        await look('sign-in');

        await page.getByRole('button', { name: word.demo }).click();
        await expect(page.getByTestId('money')).toContainText('$');
        await page.getByRole('link', { name: word.settings }).click();
        await expect(page.getByRole('heading', { name: word.settings, level: 1 })).toBeVisible();
        await look('settings');

        await page.getByRole('button', { name: word.open, exact: true }).click();
        await expect(page.getByRole('dialog', { name: word.steps })).toBeVisible();
        await look('first steps');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toBeHidden();

        await page.getByRole('link', { name: word.operations }).click();
        await expect(page.getByRole('grid')).toBeVisible();
        await look('operations');
        await page.getByRole('gridcell', { name: 'a box' }).click();
        await expect(page.getByTestId('operation').getByRole('log')).toContainText('35');
        await look('operation');

        await page.getByRole('button', { name: word.idle }).first().click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await look('drawer');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toBeHidden();

        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
        await look('shortcuts');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toBeHidden();

        await page.keyboard.press('Control+k');
        await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
        await look('palette');
        await page.keyboard.press('Escape');
        await expect(page.getByRole('dialog')).toBeHidden();

        await page.getByRole('button', { name: word.account }).click();
        await expect(page.getByRole('menu')).toBeVisible();
        await look('menu');
        expect(found).toEqual([]);
      });
    });
  }
}

test('the skip link comes first and leads to the content', async ({ page }) => {
  await page.goto(app.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await expect(page.getByTestId('money')).toContainText('$');
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
});

test('keys lead to every section, and a dialog gives the focus back', async ({ page }) => {
  await page.goto(app.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await expect(page.getByTestId('money')).toContainText('$');
  for (const [key, name] of [['2', 'Instances'], ['3', 'Snapshots'], ['4', 'Schedules'], ['5', 'Repositories'], ['6', 'Operations'], ['7', 'Settings'], ['1', 'Offers']] as const) {
    await page.keyboard.press(`Control+${key}`);
    await expect(page.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
    await expect(page).toHaveTitle(`${name} · Dumont Cloud`);
  }
  const account = page.getByRole('button', { name: /^Account/ });
  await account.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menu')).toBeVisible();
  await expectFocusIn(page.getByRole('menu'));
  await page.keyboard.press('Escape');
  await expect(account).toBeFocused();
});

test('the palette goes to an instance by its name', async ({ page }) => {
  await page.goto(app.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await page.getByRole('link', { name: 'Instances' }).click();
  await expect(page.getByRole('heading', { name: 'a box' })).toBeVisible();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
  await page.keyboard.type('a bo');
  // The first of what is found is chosen while one types: the instance itself, before what can be done with it.
  await expect(page.getByRole('dialog').locator('[data-selected]')).toHaveText(/^a box/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#\/instances\/\d+$/);
});

test('targets in the frame are at least 24 pixels wide and high', async ({ page }) => {
  await page.goto(app.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await expect(page.getByTestId('money')).toContainText('$');
  for (const width of [1280, 420]) {
    await page.setViewportSize({ width, height: 800 });
    const small = () => page.locator('nav a, header button').evaluateAll((targets) => targets.map((target) => ({ name: target.textContent, box: target.getBoundingClientRect() })).filter(({ box }) => box.width > 0 && (box.width < 24 || box.height < 24)).map(({ name }) => name));
    await expect.poll(small, { message: `${width} px` }).toEqual([]);
  }
});
