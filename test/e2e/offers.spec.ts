// The offers page in a browser: filters, order, details, the rent dialog and its refusals.
import type { Page } from '@playwright/test';
import { expectNoWider } from '../support/at-rest';
import { expectAccessible } from '../support/axe';
import { expect, openSection, test } from './world';

// Rows wait for the whole market, and axe looks at every cell.
test.describe.configure({ timeout: 180_000 });

const grid = (page: Page) => page.getByRole('grid', { name: 'Offers of the market' });
const rows = (page: Page) => grid(page).locator('[role=row][aria-rowindex]:not([aria-rowindex="1"])');
const count = (page: Page) => page.getByTestId('offers-count');

/** The texts of one column of the rows on screen, top to bottom. */
const columnTexts = async (page: Page, header: string): Promise<string[]> => {
  const at = await grid(page).getByRole('columnheader').allTextContents();
  const index = at.findIndex((text) => text === header);
  expect(index, `column ${header}`).toBeGreaterThanOrEqual(0);
  return rows(page).evaluateAll(
    (list, column) =>
      list
        .toSorted((left, right) => Number(left.getAttribute('aria-rowindex')) - Number(right.getAttribute('aria-rowindex')))
        .map((row) => row.querySelectorAll('[role=gridcell]')[column]?.textContent ?? ''),
    index,
  );
};
const prices = async (page: Page): Promise<number[]> => (await columnTexts(page, 'Price/h')).map((text) => Number(text.replace('$', '')));

const openDetails = async (page: Page): Promise<void> => {
  await rows(page).first().click();
  await expect(page.getByRole('dialog')).toBeVisible();
};

const openRent = async (page: Page): Promise<void> => {
  await openDetails(page);
  await page.getByRole('button', { name: 'Rent', exact: true }).click();
  await expect(page.getByRole('dialog', { name: /^Rent / })).toBeVisible();
};

test('everything the search gave is there, cheapest first, and any column sorts', async ({ page, world }) => {
  await openSection(page, world, '#/offers');
  await expect(rows(page).first()).toBeVisible();
  const total = Number((await world.rest('GET', '/instances/offers?limit=1')).body['total']);
  expect(total).toBeGreaterThan(1000);
  await expect(count(page)).toHaveText(new RegExp(`^${total.toLocaleString('en')} offers`));
  expect(Number(await grid(page).getAttribute('aria-rowcount'))).toBe(total + 1);
  const cheap = await prices(page);
  expect(cheap).toEqual(cheap.toSorted((left, right) => left - right));

  await page.getByRole('columnheader', { name: 'Price/h' }).click();
  await expect(page.getByRole('columnheader', { name: 'Price/h' })).toHaveAttribute('aria-sort', 'descending');
  const dear = await prices(page);
  expect(dear).toEqual(dear.toSorted((left, right) => right - left));
  expect(dear[0]).toBeGreaterThan(cheap[0] ?? 0);

  await page.getByRole('columnheader', { name: 'GPU' }).click();
  await expect(page.getByRole('columnheader', { name: 'GPU' })).toHaveAttribute('aria-sort', 'ascending');
  const names = await columnTexts(page, 'GPU');
  expect(names).toEqual(names.toSorted(new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare));
});

test('filters apply at once, stay in the address, survive a reload and are taken away together', async ({ page, world }) => {
  await openSection(page, world, '#/offers');
  await expect(rows(page).first()).toBeVisible();
  await page.keyboard.press('Control+f');
  await expect(page.getByRole('searchbox', { name: 'Search GPUs' })).toBeFocused();
  await page.keyboard.type('rtx 4090');
  await expect.poll(async () => [...new Set(await columnTexts(page, 'GPU'))]).toEqual(['RTX 4090']);
  await page.getByLabel('Maximum price').fill('0.6');
  await page.getByRole('switch', { name: 'Data centres only' }).press('Space');
  await expect(page).toHaveURL(/search=rtx\+4090.*max_price=0\.6.*datacenter=1/);
  await expect.poll(async () => Math.max(...(await prices(page)))).toBeLessThanOrEqual(0.6);
  await expect.poll(async () => (await columnTexts(page, 'Marks')).every((marks) => marks.includes('Data centre'))).toBe(true);
  // Pages of the market that are still to come would add to what passes.
  await expect(count(page)).not.toContainText('loaded');
  const shown = await count(page).textContent();
  await page.reload();
  await expect(page.getByRole('searchbox', { name: 'Search GPUs' })).toHaveValue('rtx 4090');
  await expect(count(page)).toHaveText(shown ?? '');
  await page.getByRole('button', { name: 'Reset filters' }).click();
  await expect(page).toHaveURL(/#\/offers$/);
  await expect(page.getByRole('searchbox', { name: 'Search GPUs' })).toHaveValue('');
});

test('a filter that changes the search asks the market again', async ({ page, world }) => {
  await openSection(page, world, '#/offers');
  await expect(rows(page).first()).toBeVisible();
  const verified = (await world.rest('GET', '/instances/offers?limit=1')).body['total'];
  const all = (await world.rest('GET', '/instances/offers?limit=1&verified_only=false')).body['total'];
  expect(Number(all)).toBeGreaterThan(Number(verified));
  await page.getByRole('switch', { name: 'Unverified machines too' }).press('Space');
  await expect(count(page)).toHaveText(`${Number(all).toLocaleString('en')} offers`);
  await page.getByText('Interruptible', { exact: true }).click();
  await expect(page.getByText('You bid; a higher bid stops yours')).toBeVisible();
  await expect(page).toHaveURL(/interruptible=1/);
});

test('an empty list says which filter to drop', async ({ page, world }) => {
  await openSection(page, world, '#/offers?search=4090&max_price=0.01');
  await expect(page.getByRole('heading', { name: 'No offer passes these filters' })).toBeVisible();
  await page.getByRole('button', { name: /^Without “Maximum price”: \d/ }).click();
  await expect.poll(async () => [...new Set(await columnTexts(page, 'GPU'))]).toEqual(['RTX 4090']);
});

test('rows nobody asked for are dropped, and that is said', async ({ page, world }) => {
  await world.faults({ ignore_filters: 3 });
  try {
    await openSection(page, world, '#/offers');
    await expect(rows(page).first()).toBeVisible();
    await page.getByRole('button', { name: 'Ask the market again' }).click();
    await expect(page.getByText(/The server sent \d+ rows? that (?:was|were) not asked for/)).toBeVisible();
  } finally {
    await world.faults({ ignore_filters: null });
  }
});

test('the grid and the details work by keyboard', async ({ page, world }) => {
  await openSection(page, world, '#/offers?search=4090');
  await expect(rows(page).first()).toBeVisible();
  await page.getByRole('columnheader', { name: 'GPU' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect(rows(page).first().getByRole('gridcell').nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /RTX 4090/ });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByText('Memory bandwidth')).toBeVisible();
  await expect(page).toHaveURL(/#\/offers\/\d+\?search=4090/);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/#\/offers\?search=4090/);
});

test('pages of the grid turn as fast as the key is pressed, and the way back is counted from the cell', async ({ page, world }) => {
  await openSection(page, world, '#/offers');
  await expect(rows(page).first()).toBeVisible();
  await page.getByRole('columnheader', { name: 'GPU' }).focus();
  await page.keyboard.press('ArrowDown');
  const focused = (): Promise<number> => page.evaluate(() => Number(document.activeElement?.closest('[role="row"]')?.getAttribute('aria-rowindex') ?? 0));
  await expect.poll(focused).toBe(2);
  for (const key of ['PageDown', 'PageDown', 'PageDown', 'ArrowDown', 'PageUp', 'PageUp', 'PageUp']) await page.keyboard.press(key);
  expect(await focused()).toBe(3);
  await expect(page.locator('[role="gridcell"]:focus')).toBeInViewport();
  // Scrolled away by the wheel it keeps the focus: the next key goes on from it.
  await page.getByRole('grid').evaluate((grid) => { if (grid.parentElement !== null) grid.parentElement.scrollTop = 100_000; });
  await expect(page.locator('[role="gridcell"]:focus')).not.toBeInViewport();
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe(4);
  await expect(page.locator('[role="gridcell"]:focus')).toBeInViewport();
});

test('the rent dialog says what every state costs and follows the disk', async ({ page, world }) => {
  await openSection(page, world, '#/offers?search=4090');
  await openRent(page);
  const dialog = page.getByRole('dialog', { name: /^Rent / });
  const button = dialog.getByRole('button', { name: /^Rent for \$[\d.]+\/h$/ });
  await expect(button).toBeEnabled();
  await expect(dialog.getByText(/per GB in, .* per GB out/)).toBeVisible();
  await expect(dialog.getByText(/lasts about/)).toBeVisible();
  const before = await button.textContent();
  const month = dialog.getByText(/^\$[\d.,]+ per month$/);
  const monthBefore = await month.textContent();
  await dialog.getByLabel('Disk in GB').fill('200');
  await expect(month).not.toHaveText(monthBefore ?? '');
  await expect(button).not.toHaveText(before ?? '');
  await dialog.getByLabel('Disk in GB').fill('1');
  await expect(dialog.getByText('At least 8 GB')).toBeVisible();
  await dialog.getByLabel('Disk in GB').fill('30');
  await dialog.getByLabel('Container image').fill('not an image');
  await dialog.getByRole('button', { name: /^Rent for/ }).click();
  await expect(dialog.getByText('A name such as pytorch/pytorch:latest')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('an interruptible offer asks for a bid and warns', async ({ page, world }) => {
  await openSection(page, world, '#/offers?search=4090&interruptible=1');
  await openRent(page);
  const dialog = page.getByRole('dialog', { name: /^Rent / });
  await expect(dialog.getByText(/stopped without warning/)).toBeVisible();
  await dialog.getByLabel('Your bid in $/h').fill('0.0011');
  await expect(dialog.getByText(/Below the lowest bid/)).toBeVisible();
});

test('an offer that is gone is said to be gone, and the next best one is offered', async ({ page, world }) => {
  await openSection(page, world, '#/offers?search=RTX+3090&num_gpus=1');
  await rows(page).first().click();
  await expect(page).toHaveURL(/#\/offers\/\d+/);
  const id = Number(/offers\/(\d+)/.exec(page.url())?.[1]);
  await page.getByRole('button', { name: 'Rent', exact: true }).click();
  const taken = await world.rest('POST', '/instances', { offer_id: id, disk_size: 10, label: 'somebody-else' });
  expect(taken.status).toBe(200);
  const dialog = page.getByRole('dialog', { name: /^Rent / });
  await dialog.getByRole('button', { name: /^Rent for/ }).click();
  await expect(dialog.getByText('Someone else was faster: this offer is gone. Nothing was rented.')).toBeVisible();
  await expect(dialog.getByText(/^Next best: 1× RTX 3090/)).toBeVisible();
  await dialog.getByRole('button', { name: 'Look at that one' }).click();
  await expect(dialog.getByText('Someone else was faster')).toBeHidden();
  await expect(dialog.getByRole('button', { name: /^Rent for/ })).toBeEnabled();
  await page.keyboard.press('Escape');
  await world.rest('DELETE', `/instances/${String(taken.body['id'])}`);
});

test('a dearer price is agreed to for one disk: with another one it is asked anew', async ({ page, world }) => {
  const asked: { readonly disk_size: number; readonly max_dph: number }[] = [];
  await page.route('**/api/v1/instances', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    asked.push(route.request().postDataJSON() as { readonly disk_size: number; readonly max_dph: number });
    return route.fulfill({ status: 409, json: { error: 'The offer costs more now.', details: { code: 'price_changed', data: { shown_dph: asked.at(-1)?.max_dph, dph_total: 77 } } } });
  });
  await openSection(page, world, '#/offers?search=4090');
  await openRent(page);
  const dialog = page.getByRole('dialog', { name: /^Rent / });
  const rent = dialog.getByRole('button', { name: /^Rent for/ });
  const accept = dialog.getByRole('button', { name: 'Accept $77.000/h' });
  await rent.click();
  await accept.click();
  await expect(rent).toHaveText(/\$77\.000/);
  await expect.poll(() => asked.at(-1)?.max_dph).toBeGreaterThanOrEqual(77);

  await dialog.getByLabel('Disk in GB').fill('31');
  await expect(accept).toBeHidden();
  await expect(rent).not.toHaveText(/\$77\.000/);
  await rent.click();
  await expect.poll(() => asked.at(-1)).toMatchObject({ disk_size: 31 });
  expect(asked.at(-1)?.max_dph).toBeLessThan(77);
  await expect(accept).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  test(`nothing serious for axe, ${scheme}`, async ({ page, world }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await openSection(page, world, '#/offers?search=b200');
    await expect(rows(page).first()).toBeVisible();
    await expectAccessible(page, 'offers');
    await openDetails(page);
    await expectAccessible(page, 'details', '[role=dialog]');
    await page.getByRole('button', { name: 'Rent', exact: true }).click();
    await page.getByRole('button', { name: 'Ports, variables and start script' }).click();
    await expectAccessible(page, 'rent dialog', '[role=dialog]');
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox', { name: 'Search GPUs' }).fill('no such gpu');
    await expect(page.getByRole('heading', { name: 'No offer passes these filters' })).toBeVisible();
    await expectAccessible(page, 'no offers', 'main');
  });
}

test('the page is usable at 420 pixels: filters in a drawer, nothing wider than the window', async ({ page, world }) => {
  await page.setViewportSize({ width: 420, height: 800 });
  await openSection(page, world, '#/offers');
  await expect(rows(page).first()).toBeVisible();
  await expectNoWider(page, 420);
  await page.getByRole('button', { name: 'Filters', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'Filters' });
  await expect(drawer).toBeVisible();
  await expectAccessible(page, 'filters in a drawer', '[role=dialog]');
  await drawer.getByText('Interruptible', { exact: true }).click();
  await expect(page).toHaveURL(/interruptible=1/);
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await expect(page.getByRole('button', { name: 'Filters (1)' })).toBeVisible();
});

for (const [language, header] of [['en', 'Price/h'], ['pt-BR', 'Preço/h']] as const) {
  test(`no price is cut off, in ${language}`, async ({ page, world }) => {
    await world.rest('PUT', '/settings', { settings: { language } });
    try {
      await openSection(page, world, '#/offers');
      const price = page.getByRole('columnheader', { name: header });
      await price.click();
      await expect(price).toHaveAttribute('aria-sort', 'descending');
      await expect(page.getByRole('gridcell').filter({ hasText: '$' }).first()).toBeVisible();
      const cells = await page.getByRole('gridcell').filter({ hasText: '$' }).evaluateAll((found) => found.map((cell) => ({ text: cell.textContent, cut: cell.scrollWidth > cell.clientWidth })));
      expect(cells.length).toBeGreaterThan(10);
      expect(cells.filter(({ cut }) => cut)).toEqual([]);
    } finally {
      await world.rest('PUT', '/settings', { settings: { language: 'en' } });
    }
  });
}
