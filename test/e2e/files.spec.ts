// Looking into snapshots in the browser: a file found by name, its version, what is in it, and back to a folder; two snapshots compared.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expectNoWider } from '../support/at-rest';
import { expectAccessible } from '../support/axe';
import { destroyOne, expect, openSection, rentOne, test, waitState, type World } from './world';

test.describe.configure({ timeout: 180_000 });

const done = { timeout: 60_000 };

const taken = async (world: World, id: number): Promise<string> => {
  const answer = await world.rest('POST', '/snapshots', { instance_id: id });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return String(answer.body['id']);
};

/** An instance with two snapshots, between which its log has grown. */
const twoSnapshots = async (world: World, label: string): Promise<{ readonly id: number; readonly first: string; readonly second: string }> => {
  const id = await rentOne(world, label);
  await waitState(world, id, 'running');
  // It logs its first step after a second; a snapshot before that would hold an empty log.
  await expect.poll(async () => JSON.stringify((await world.rest('GET', `/instances/${id}/logs`)).body), done).toContain('step 8 loss');
  const first = await taken(world, id);
  let second = first;
  await expect.poll(async () => {
    second = await taken(world, id);
    return second === first;
  }, { ...done, intervals: [1000] }).toBe(false);
  return { id, first, second };
};

const files = (page: Page) => page.getByRole('grid', { name: 'Files' });

test('a file is found by name, its older version looked at and restored', async ({ page, world }) => {
  const { id, first } = await twoSnapshots(world, 'find-box');
  await openSection(page, world, '#/snapshots');
  await page.getByRole('searchbox', { name: 'Search files in all snapshots' }).fill('TRAIN.L');
  const results = page.getByRole('list', { name: 'Files found' });
  // Until the second snapshot is read too, the result is one of the first, and another one takes its place.
  await expect(results.getByRole('button', { name: /train\.log.*find-box/ })).toContainText('2 versions', done);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const versions = results.getByRole('list', { name: 'Versions' }).getByRole('listitem');
  await expect(versions).toHaveCount(2);
  await versions.last().getByRole('link', { name: /^Open the version/ }).click();
  await expect(page).toHaveURL(new RegExp(first));
  const details = page.getByRole('complementary', { name: 'Details of the file' });
  await expect(details.getByRole('region', { name: 'Preview' })).toContainText('step 8 loss', done);
  const shown = (await details.getByRole('region', { name: 'Preview' }).locator('pre').textContent()) ?? '';
  await details.getByRole('button', { name: 'Restore', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /^Restore the snapshot/ });
  await expect(dialog.getByText('logs/train.log')).toBeVisible();
  await dialog.getByLabel('Folder', { exact: true }).fill('found-log');
  await dialog.getByRole('button', { name: 'Restore' }).click();
  const result = dialog.getByText(/^Restored to /);
  await expect(result).toBeVisible(done);
  const folder = /^Restored to (.*)\.$/.exec((await result.textContent()) ?? '')?.[1] ?? '';
  expect(readFileSync(`${folder}/logs/train.log`, 'utf8').replaceAll('\r', '')).toContain(shown.slice(0, 40));
  await destroyOne(world, id);
});

test('folders are walked by keyboard, filtered as one types, compared, and downloaded', async ({ page, world }) => {
  const { id, first, second } = await twoSnapshots(world, 'walk-box');
  await openSection(page, world, `#/snapshots/${second}`);
  await expect(files(page).getByText('README.md')).toBeVisible(done);
  await files(page).getByRole('gridcell', { name: 'logs', exact: true }).click();
  await expect(files(page).getByText('train.log')).toBeVisible();
  await files(page).locator('[data-cell="0:1"]').focus();
  await page.keyboard.press('Backspace');
  await expect(files(page).getByText('README.md')).toBeVisible();
  await expect(files(page).locator('[data-cell="0:1"]')).toBeFocused();
  await page.keyboard.press('r');
  await expect(page.getByRole('textbox', { name: 'Filter this folder' })).toHaveValue('r');
  await page.keyboard.type('ead');
  await expect(files(page).getByText('requirements.txt')).toBeHidden();
  await files(page).locator('[data-cell="0:1"]').focus();
  await page.keyboard.press(' ');
  await expect(page.getByText(/^1 chosen/)).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('README.md');
  expect(readFileSync(await (await download).path(), 'utf8')).toContain('tiny-classifier');

  await files(page).locator('[data-cell="0:1"]').focus();
  await page.keyboard.press(' ');
  await page.getByRole('textbox', { name: 'Filter this folder' }).fill('');
  await expect(files(page).getByText('requirements.txt')).toBeVisible();
  await files(page).locator('[data-cell="0:1"]').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByText(/^3 chosen/)).toBeVisible();
  await expect(files(page).locator('[data-cell="2:1"]')).toBeFocused();
  await files(page).getByRole('checkbox').nth(3).click({ modifiers: ['Shift'] });
  await expect(page.getByText(/^4 chosen/)).toBeVisible();

  await page.goto(`${world.app.url}/#/snapshots/${second}?with=${first}`);
  const changes = page.getByRole('grid', { name: 'Changes' });
  await expect(changes.getByRole('row').filter({ hasText: 'logs/train.log' })).toContainText('changed', done);
  await expectAccessible(page, 'differences');
  await page.setViewportSize({ width: 420, height: 800 });
  await page.goto(`${world.app.url}/#/snapshots/${second}?file=t:README.md`);
  await expect(page.getByRole('region', { name: 'Preview' })).toContainText('tiny-classifier', done);
  await expectAccessible(page, 'details, narrow');
  await expectNoWider(page, 420);
  await destroyOne(world, id);
});
