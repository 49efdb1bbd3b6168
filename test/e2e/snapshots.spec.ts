// The snapshots page in a browser: taking, results, restoring to a folder and to an instance, deleting, the repository.
import { existsSync, readdirSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expectNoWider } from '../support/at-rest';
import { expectAccessible } from '../support/axe';
import { startHeadless } from '../support/run-app';
import { destroyOne, expect, openSection, rentOne, test, waitState, type World } from './world';

test.describe.configure({ timeout: 240_000 });

const done = { timeout: 90_000 };
const group = (page: Page, label: string) => page.getByRole('region', { name: `Snapshots of ${label}` });

const runningOne = async (world: World, label: string): Promise<number> => {
  const id = await rentOne(world, label);
  await waitState(world, id, 'running');
  // Keys reach an instance a moment after it runs; the operation of the rental ends when they have.
  await expect.poll(async () => (await world.rest('GET', `/instances/${id}`)).body['operation_id'], done).toBeNull();
  return id;
};

test('a snapshot is taken of the data directory, shows its result, and restores whole or in part', async ({ page, world }) => {
  const id = await runningOne(world, 'kept-box');
  await openSection(page, world, `#/snapshots?take=${id}`);
  const take = page.getByRole('dialog', { name: 'Take a snapshot' });
  await expect(take.getByLabel('Folder on the instance')).toHaveValue('/workspace');
  await take.getByLabel('Folder on the instance').fill('workspace');
  await expect(take.getByText('A path such as /workspace')).toBeVisible();
  await expect(take.getByRole('button', { name: 'Take it' })).toBeDisabled();
  await take.getByLabel('Folder on the instance').fill('/workspace');
  await take.getByLabel('Tags').fill('nightly');
  await page.keyboard.press('Enter');
  await take.getByRole('button', { name: 'Take it' }).click();
  await expect(take).toBeHidden();
  const row = group(page, 'kept-box').getByRole('listitem').filter({ hasText: 'nightly' });
  await expect(row.getByText('Complete', { exact: true })).toBeVisible(done);
  await expect(row).toContainText(/\d+ files/);
  await expect(row).toContainText('/workspace');

  await expect(row.getByText('Not proven')).toBeVisible();
  await row.getByRole('button', { name: /^Rehearse restoring/ }).click();
  await expect(row.getByText(/^Proven /)).toBeVisible(done);
  await expect(page.getByTestId('snapshot-operation').filter({ hasText: 'Rehearsing kept-box' })).toContainText('Done');

  await row.getByRole('button', { name: /^Restore the snapshot/ }).click();
  const restore = page.getByRole('dialog', { name: /^Restore the snapshot/ });
  await restore.getByLabel('Folder', { exact: true }).fill('../outside');
  await expect(restore.getByText('A name for the new folder, without ..')).toBeVisible();
  await restore.getByLabel('Folder', { exact: true }).fill('kept-here');
  await restore.getByRole('switch', { name: 'Verify what was written' }).press('Space');
  await restore.getByRole('button', { name: 'Restore' }).click();
  const result = restore.getByText(/^Restored to /);
  await expect(result).toBeVisible(done);
  const folder = /^Restored to (.*)\.$/.exec((await result.textContent()) ?? '')?.[1] ?? '';
  expect(existsSync(folder), folder).toBe(true);
  expect(readdirSync(folder).length).toBeGreaterThan(0);
  await restore.getByRole('button', { name: 'Close' }).last().click();

  await row.getByRole('button', { name: /^Restore the snapshot/ }).click();
  await restore.getByLabel('Folder', { exact: true }).fill('kept-here');
  await restore.getByRole('button', { name: 'Restore' }).click();
  await expect(restore.getByRole('alert')).toContainText(/not empty/i, done);
  await page.keyboard.press('Escape');

  await row.getByRole('button', { name: /^Restore the snapshot/ }).click();
  await restore.getByText('An instance', { exact: true }).click();
  await expect(restore.getByLabel('Folder on the instance')).toHaveValue('/workspace');
  await restore.getByLabel('Folder on the instance').fill('/workspace/back');
  await restore.getByRole('button', { name: 'Restore' }).click();
  await expect(restore.getByText(/^Restored to /)).toBeVisible(done);
  await page.keyboard.press('Escape');

  const remove = row.getByRole('button', { name: /^Delete the snapshot/ });
  const ask = page.getByRole('dialog', { name: 'Delete this snapshot?' });
  await remove.press('Delete');
  await ask.getByRole('button', { name: 'Cancel' }).click();
  await expect(ask).toBeHidden();
  await remove.click();
  await expect(ask.getByText('It is the only one of kept-box.')).toBeVisible();
  await ask.getByRole('button', { name: 'Delete' }).click();
  await expect(row).toBeHidden(done);
  await destroyOne(world, id);
});

test('nothing serious for axe, light and dark, and nothing wider than 420 pixels', async ({ page, world }) => {
  const id = await runningOne(world, 'seen-box');
  const taken = await world.rest('POST', '/snapshots', { instance_id: id, tags: ['axe'] });
  expect(taken.status, JSON.stringify(taken.body)).toBe(200);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await openSection(page, world, '#/snapshots');
  const row = group(page, 'seen-box').getByRole('listitem');
  await expect(row).toBeVisible(done);
  await expect(page.getByRole('region', { name: 'Repository' })).toBeVisible(done);
  await expectAccessible(page, 'light');
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expectAccessible(page, 'dark');
  await row.getByRole('button', { name: /^Restore the snapshot/ }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'restore dialog', '[role=dialog]');
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 420, height: 800 });
  await expectNoWider(page, 420);
  await destroyOne(world, id);
  await expect(group(page, 'seen-box').getByText(/instance is gone/)).toBeVisible(done);
});

test('without restic the page says so and what to do', async ({ page }) => {
  const app = await startHeadless({ demo: true, restic: '/nowhere/restic' });
  try {
    await page.goto(app.url);
    await page.getByRole('button', { name: 'Enter the demo' }).click();
    await page.getByRole('link', { name: 'Snapshots' }).click();
    await expect(page.getByText('restic is not installed on this computer.')).toBeVisible(done);
    await expect(page.getByText(/apt install restic/).first()).toBeVisible();
  } finally {
    await app.stop();
  }
});
