// The whole job as a user does it, in the demo: sign in, filter, rent, snapshot, change, snapshot, restore, pause, resume, destroy.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { newestRestic } from '../support/restics';
import { startHeadless } from '../support/run-app';

test.describe.configure({ timeout: 300_000 });

/** Long enough for a boot, a capture and the app's own polls on a busy machine. */
const done = { timeout: 90_000 };

const taken = (page: Page, tag: string) => page.getByRole('listitem').filter({ hasText: tag });

const takeSnapshot = async (page: Page, tag: string, timeout = done.timeout): Promise<void> => {
  const dialog = page.getByRole('dialog', { name: 'Take a snapshot' });
  await expect(dialog.getByLabel('Folder on the instance')).toHaveValue('/workspace');
  await dialog.getByLabel('Tags').fill(tag);
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Take it' }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(taken(page, tag)).toBeVisible({ timeout });
  await expect(taken(page, tag).getByText(/^Complete$/)).toBeVisible(done);
};

test('from signing in to destroying, by keyboard and mouse', async ({ page }) => {
  const app = await startHeadless({ demo: true, restic: newestRestic().file });
  try {
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Enter the demo' }).press('Enter');
    const grid = page.getByRole('grid', { name: 'Offers of the market' });
    await expect(grid.getByRole('row').nth(1)).toBeVisible(done);

    // Find: a word in the filter, then the cheapest by keyboard.
    await page.keyboard.press('Control+f');
    await page.keyboard.type('3060');
    await expect(grid.locator('[aria-rowindex="2"]')).toContainText('RTX 3060', done);
    await grid.getByRole('columnheader', { name: 'GPU' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Rent', exact: true }).press('Enter');
    const rent = page.getByRole('dialog', { name: /^Rent 1× RTX 3060/ });
    await expect(rent.getByLabel('Label')).toBeFocused();
    await page.keyboard.type('my-training');
    await expect(rent.getByLabel('Container image')).toHaveValue(/pytorch/, done);
    await page.keyboard.press('Enter');

    // It runs.
    const mine = page.getByRole('article', { name: 'my-training' });
    await expect(mine).toBeVisible(done);
    await expect(mine.getByTestId('state')).toHaveText('Running', done);
    await expect(mine.getByRole('button', { name: 'Snapshot', exact: true })).toBeEnabled(done);
    await mine.getByRole('button', { name: 'Snapshot', exact: true }).click();
    await takeSnapshot(page, 'first');

    // Its files grow by themselves; until they have, a snapshot is the one before and there is no second row.
    await expect(async () => {
      // One that was only slow is not taken again.
      if ((await taken(page, 'second').count()) > 0) return;
      await page.getByRole('region', { name: 'Snapshots of my-training' }).getByRole('button', { name: 'Take a snapshot' }).click();
      await takeSnapshot(page, 'second', 30_000);
    }).toPass(done);
    await expect(taken(page, 'second').getByText(/^Complete$/)).toBeVisible(done);
    await expect(page.getByRole('listitem').filter({ hasText: /first|second/ })).toHaveCount(2);

    // Restore to a new folder here.
    await page.getByRole('listitem').filter({ hasText: 'second' }).getByRole('button', { name: /^Restore the snapshot of/ }).click();
    const restore = page.getByRole('dialog', { name: /^Restore the snapshot of/ });
    await restore.getByLabel('Folder', { exact: true }).fill('brought-back');
    await restore.getByRole('button', { name: 'Restore' }).click();
    const result = restore.getByText(/^Restored to .*brought-back\.$/);
    await expect(result).toBeVisible(done);
    const folder = /^Restored to (.*)\.$/.exec((await result.textContent()) ?? '')?.[1] ?? '';
    expect(folder.startsWith(app.dataDir), folder).toBe(true);
    const files = readdirSync(folder, { recursive: true }).map((name) => path.basename(String(name)));
    expect(files.length, files.join(' ')).toBeGreaterThan(3);
    await page.keyboard.press('Escape');
    await expect(restore).toBeHidden();

    // Pause, resume, destroy.
    await page.keyboard.press('Control+2');
    await expect(mine.getByRole('button', { name: 'Pause' })).toBeEnabled(done);
    await mine.getByRole('button', { name: 'Pause' }).press('Enter');
    await expect(mine.getByTestId('state')).toHaveText('Paused', done);
    await expect(mine.getByRole('button', { name: 'Resume' })).toBeEnabled(done);
    await mine.getByRole('button', { name: 'Resume' }).press('Enter');
    await expect(mine.getByTestId('state')).toHaveText('Running', done);
    await mine.getByRole('button', { name: 'Destroy' }).press('Enter');
    const destroy = page.getByRole('dialog', { name: 'Destroy my-training?' });
    await expect(destroy.getByText(/The newest snapshot of it is of/)).toBeVisible(done);
    await expect(destroy.getByText('It was never proven that this snapshot can be restored.')).toBeVisible(done);
    await expect(destroy.getByRole('textbox')).toBeFocused();
    await page.keyboard.type('my-training');
    await destroy.getByRole('checkbox', { name: 'Destroy it all the same' }).press('Space');
    await destroy.getByRole('textbox').press('Enter');
    await expect(page.getByRole('heading', { name: 'Nothing is rented' })).toBeVisible(done);

    // What was kept outlives the instance.
    await page.keyboard.press('Control+3');
    // With what was taken by itself before the pause and before the end.
    await expect(page.getByText(/instance is gone · [34] snapshots/)).toBeVisible(done);
  } finally {
    await app.stop();
  }
});
