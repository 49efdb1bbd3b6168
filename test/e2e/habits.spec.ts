// Habits that need no desktop, in a browser: the palette's actions, the sheet of shortcuts, menus of rows, the banner, drops.
import type { Page } from '@playwright/test';
import { expectFocusIn } from '../support/at-rest';
import { expectAccessible } from '../support/axe';
import { expect, openSection, rentOne, test, waitState } from './world';

test.describe.configure({ timeout: 180_000 });

const openPalette = async (page: Page): Promise<void> => {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog').getByRole('textbox')).toBeFocused();
};

test('UI-01 the palette pauses an instance, and shows the keys of what has some', async ({ page, world }) => {
  const id = await rentOne(world, 'for-the-palette');
  await waitState(world, id, 'running');
  await openSection(page, world, '#/settings');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await openPalette(page);
  await expect(page.getByRole('button', { name: /^Instances/ })).toContainText('Ctrl+2');
  await page.keyboard.type('pause for-the');
  await expect(page.getByRole('button', { name: 'Pause for-the-palette' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await waitState(world, id, 'stopped');
  await page.keyboard.press('Escape');
  await openPalette(page);
  await page.keyboard.type('for-the-palette');
  await expect(page.getByRole('button', { name: 'Resume for-the-palette' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Snapshot for-the-palette' })).toHaveCount(0);
});

test('UI-01 the sheet lists what a browser leaves to the page, and no more', async ({ page, world }) => {
  await openSection(page, world, '#/settings');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await page.keyboard.press('F1');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet.getByRole('row', { name: /Go to the filter/ })).toContainText('CtrlF');
  await expect(sheet.getByRole('row', { name: /Repositories/ })).toContainText('Ctrl5');
  await expect(sheet.getByText('Next section')).toHaveCount(0);
  await expectAccessible(page, 'sheet');
});

test('UI-02 rows and cards have menus, by the right button and by keys, and give the focus back', async ({ page, world }) => {
  const id = await rentOne(world, 'with-a-menu');
  await openSection(page, world, `#/instances/${id}`);
  const card = page.getByRole('article', { name: 'with-a-menu' });
  await expect(card.getByTestId('state')).toHaveText('Running');
  await card.getByRole('heading').click({ button: 'right' });
  const menu = page.getByRole('menu', { name: 'with-a-menu' });
  await expect(menu.getByRole('menuitem')).toHaveText(['Pause', 'Snapshot', 'Snapshots', 'Logs', 'Copy the SSH command', 'Rename', 'Destroy']);
  await expectAccessible(page, 'menu of an instance');
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();

  const logs = card.getByRole('button', { name: 'Logs' });
  await logs.focus();
  await page.keyboard.press('Shift+F10');
  await expect(menu).toBeVisible();
  await expectFocusIn(menu);
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(logs).toBeFocused();
  await page.keyboard.press('Shift+F10');
  await menu.getByRole('menuitem', { name: 'Rename' }).click();
  await expect(page.getByRole('dialog', { name: 'Rename' })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.keyboard.press('Control+1');
  const row = page.getByRole('grid', { name: 'Offers of the market' }).locator('[aria-rowindex="2"]');
  await row.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Rent…' }).click();
  await expect(page.getByRole('dialog', { name: /^Rent / })).toBeVisible();
});

test('UI-10 while Vast.ai cannot be reached the banner says how old the page is, and renting waits', async ({ page, world }) => {
  let problem: string | null = 'vast_unreachable';
  await page.route('**/api/v1/account', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), as_of: new Date(Date.now() - 180_000).toISOString(), stale: problem !== null, problem } });
  });
  // It can be reached again from the question on that "Try again" asks. Sooner, any hint would take the banner away before the click.
  await page.route(({ pathname, searchParams }) => pathname === '/api/v1/instances' && searchParams.get('fresh') === 'true', async (route) => {
    problem = null;
    await route.continue();
  });
  await openSection(page, world, '#/offers');
  const banner = page.getByTestId('offline');
  await expect(banner).toContainText('Vast.ai cannot be reached. What you see was last updated 3 minutes ago.');
  await page.getByRole('grid', { name: 'Offers of the market' }).locator('[aria-rowindex="2"]').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Rent…' }).click();
  const rent = page.getByRole('dialog', { name: /^Rent / });
  await expect(rent.getByText('nothing can be asked of it now')).toBeVisible();
  await expect(rent.getByRole('button', { name: /^Rent for/ })).toBeDisabled();
  await expectAccessible(page, 'banner');
  await page.keyboard.press('Escape');
  await banner.getByRole('button', { name: 'Try again' }).click();
  await expect(banner).toHaveCount(0);
  // A hint may have it ask once more: an answer that is still under way when the page closes would be a failure.
  await page.unrouteAll({ behavior: 'wait' });
});

test('UI-07 a file that is dropped beside everything does not take the page away', async ({ page, world }) => {
  await openSection(page, world, '#/settings');
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  const prevented = await page.evaluate(() => ['dragover', 'drop'].map((type) => !document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() }))));
  expect(prevented).toEqual([true, true]);
});
