// The instances page in a browser: states and costs in words, and everything that can be done to an instance.
import type { Page } from '@playwright/test';
import { expectNoWider } from '../support/at-rest';
import { expectAccessible } from '../support/axe';
import { destroyOne, expect, openSection, rentOne, test, waitState } from './world';

test.describe.configure({ timeout: 180_000 });

const card = (page: Page, label: string) => page.getByRole('article', { name: label, exact: true });
/** Long enough for the app to hear of a change from its own poll. */
const heard = { timeout: 45_000 };

test('an instance runs, is paused, resumed, renamed and destroyed by typing its label', async ({ page, world }) => {
  const id = await rentOne(world, 'whole-life');
  await openSection(page, world, `#/instances/${id}`);
  const mine = card(page, 'whole-life');
  await expect(mine).toBeFocused();
  await expect(mine.getByTestId('state')).toHaveText('Running', heard);
  await expect(mine.getByText(/ssh .*root@/)).toBeVisible();
  await expect(mine.getByRole('progressbar', { name: 'GPU load' })).toBeVisible(heard);
  const now = mine.getByText(/^\$[\d.]+\/h$/);
  const running = await now.textContent();

  await expect(mine.getByRole('button', { name: 'Pause' })).toBeEnabled(heard);
  await mine.getByRole('button', { name: 'Pause' }).click();
  await expect(mine.getByTestId('state')).toHaveText('Paused', heard);
  await expect(mine.getByText(/The GPU is free for others/)).toBeVisible();
  await expect(mine.getByText(/^Paused: \$[\d.]+ per day$/)).toBeVisible();
  await expect(now).not.toHaveText(running ?? '');
  await expect(mine.getByRole('button', { name: 'Snapshot', exact: true })).toBeDisabled();

  await expect(mine.getByRole('button', { name: 'Resume' })).toBeEnabled(heard);
  await mine.getByRole('button', { name: 'Resume' }).click();
  await expect(mine.getByTestId('state')).toHaveText('Running', heard);

  await mine.getByRole('button', { name: 'More actions for whole-life' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  const field = page.getByRole('dialog', { name: 'Rename' }).getByLabel('Label');
  await expect(field).toBeFocused();
  await field.fill('renamed life');
  await page.keyboard.press('Enter');
  const renamed = card(page, 'renamed life');
  await expect(renamed).toBeVisible(heard);

  await renamed.getByRole('button', { name: 'Destroy' }).click();
  const dialog = page.getByRole('dialog', { name: 'Destroy renamed life?' });
  await expect(dialog.getByText(/are lost for good/)).toBeVisible();
  await expect(dialog.getByText('There is no snapshot of it. Nothing can be brought back.')).toBeVisible(heard);
  const verb = dialog.getByRole('button', { name: 'Destroy' });
  await expect(verb).toBeDisabled();
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.type('renamed lif');
  await expect(verb).toBeDisabled();
  await page.keyboard.type('e');
  await expect(verb).toBeDisabled();
  await dialog.getByRole('checkbox', { name: 'I want to lose everything on it' }).press('Space');
  await expect(verb).toBeEnabled();
  await dialog.getByRole('textbox').press('Enter');
  await expect(renamed).toBeHidden(heard);
  await expect.poll(async () => (await world.rest('GET', `/instances/${id}`)).status).toBe(404);
});

test('a resume that has to wait, and a host that is away, are said in words', async ({ page, world }) => {
  const id = await rentOne(world, 'in-the-queue');
  await waitState(world, id, 'running');
  await world.rest('POST', `/instances/${id}/pause`);
  await waitState(world, id, 'stopped');
  await world.faults({ queued_start: true });
  try {
    await openSection(page, world, '#/instances');
    const mine = card(page, 'in-the-queue');
    await expect(mine.getByRole('button', { name: 'Resume' })).toBeEnabled(heard);
    await mine.getByRole('button', { name: 'Resume' }).click();
    await expect(mine.getByTestId('state')).toHaveText('Waiting for its GPU', heard);
    await expect(mine.getByText(/Someone else has the GPU/)).toBeVisible();
    await world.faults({ queued_start: null, host_offline: id });
    await expect(mine.getByTestId('state')).toHaveText('Host offline', heard);
    await expect(mine.getByText('Nothing is billed now')).toBeVisible();
  } finally {
    await world.faults({ queued_start: null, host_offline: null });
    await destroyOne(world, id);
  }
});

test('the log is plain text and can be filtered', async ({ page, world }) => {
  const id = await rentOne(world, 'talks-a-lot');
  await waitState(world, id, 'running');
  await world.faults({ logs_delay: 0 });
  await openSection(page, world, '#/instances');
  await card(page, 'talks-a-lot').getByRole('button', { name: 'Logs' }).click();
  const drawer = page.getByRole('dialog', { name: 'Logs of talks-a-lot' });
  const log = drawer.getByLabel('Log lines');
  await expect(log).toBeVisible(heard);
  const lines = ((await log.textContent()) ?? '').split('\n');
  expect(lines.length).toBeGreaterThan(1);
  const word = lines.at(-1)?.split(/\s+/).findLast((part) => /^[a-z]{4,}$/i.test(part)) ?? '';
  expect(word).not.toBe('');
  await drawer.getByLabel('Show lines with').fill(word);
  await expect.poll(async () => ((await log.textContent()) ?? '').split('\n').every((line) => line.includes(word)), heard).toBe(true);
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
  await world.faults({ logs_delay: null });
  await destroyOne(world, id);
});

test('without instances the page leads to the offers', async ({ page, world }) => {
  const { body } = await world.rest('GET', '/instances');
  for (const { id } of body['instances'] as readonly { id: number }[]) await destroyOne(world, id);
  await openSection(page, world, '#/instances');
  await expect(page.getByRole('heading', { name: 'Nothing is rented' })).toBeVisible(heard);
  await page.getByRole('button', { name: 'Find a GPU' }).click();
  await expect(page).toHaveURL(/#\/offers/);
});

test('nothing serious for axe, light and dark, wide and at 420 pixels', async ({ page, world }) => {
  const id = await rentOne(world, 'looked-at');
  await waitState(world, id, 'running');
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openSection(page, world, '#/instances');
  const mine = card(page, 'looked-at');
  await expect(mine.getByTestId('state')).toHaveText('Running', heard);
  await expectAccessible(page, 'light');
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expectAccessible(page, 'dark');
  await mine.getByRole('button', { name: 'Destroy' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'destroy', '[role=dialog]');
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 420, height: 800 });
  await expectNoWider(page, 420);
  await destroyOne(world, id);
});
