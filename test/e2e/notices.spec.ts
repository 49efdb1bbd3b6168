// What the desktop tells by notifications, the page tells where there is no desktop: once for a user, by their settings and in their language, with a way there.
import type { Page } from '@playwright/test';
import { expectNoWider } from '../support/at-rest';
import { expectAccessible } from '../support/axe';
import { expect, openSection, rentOne, test, waitState, type World } from './world';

test.describe.configure({ timeout: 240_000 });

const toasts = (page: Page, text: string | RegExp) => page.locator('.mantine-Notification-root').filter({ hasText: text });
const settle = (world: World, settings: object): Promise<unknown> => world.rest('PUT', '/settings', { settings });

/** Done, such as a reload, until the page has asked what there is to tell and was answered. */
async function untilAsked(page: Page, doing: () => Promise<unknown>): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/notices/take') && response.ok());
  await doing();
  await (await answered).finished();
}

/** A snapshot of a folder that is not there; gives the id of its operation once that has failed. */
async function failSnapshot(world: World, id: number, path = '/not/there'): Promise<string> {
  const begun = await world.rest('POST', '/snapshots', { instance_id: id, source_path: path, wait: false });
  const operation = String(begun.body['operation_id']);
  await expect.poll(async () => (await world.rest('GET', `/operations/${operation}`)).body['state']).toBe('failed');
  return operation;
}

test('a snapshot that fails is told to one of two pages, not again after a reload or a cut stream, and leads to its operation', async ({ page, context, world }) => {
  const id = await rentOne(world, 'told-box');
  await waitState(world, id, 'running');
  await expect.poll(async () => (await world.rest('GET', `/instances/${String(id)}`)).body['operation_id']).toBeNull();
  const other = await context.newPage();
  await openSection(page, world, '#/offers');
  await openSection(other, world, '#/operations');
  for (const one of [page, other]) await expect(one.getByTestId('money')).toContainText('Credit');

  await failSnapshot(world, id);
  const words = /Snapshot · told-box: \/not\/there/;
  const count = async (): Promise<number> => (await toasts(page, words).count()) + (await toasts(other, words).count());
  await expect.poll(count).toBe(1);
  // What the other page knows of it by itself it says no more.
  await expect(other.getByRole('gridcell', { name: 'Failed' }).first()).toBeVisible();
  for (const one of [page, other]) await untilAsked(one, () => one.reload());
  await page.route('**/api/v1/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: 'event: message\ndata: {"type":"alive"}\n\n' }), { times: 1 });
  await untilAsked(page, () => untilAsked(page, () => page.reload()).then(() => page.unroute('**/api/v1/events')));
  expect(await count()).toBe(0);
  await other.close();

  const again = await failSnapshot(world, id);
  const toast = toasts(page, words);
  await expect(toast).toHaveCount(1);
  await expect(toast).toContainText('does not exist on the instance');
  await expect(toast).toHaveAttribute('role', 'alert');
  await expectAccessible(page, 'with a notice');
  await toast.getByRole('link', { name: /^Show/ }).click();
  await expect(page).toHaveURL(new RegExp(`#/operations/${again}$`));
  await expect(toast).toHaveCount(0);
  await world.rest('DELETE', `/instances/${String(id)}`);
});

test('low credit is told in the language of the user, and after quiet hours', async ({ page, world }) => {
  const id = await rentOne(world, 'costly-box');
  await waitState(world, id, 'running');
  const timeIn = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5);
  try {
    await settle(world, { language: 'pt-BR', quiet_hours: true, quiet_from: timeIn(-1), quiet_to: timeIn(1), credit_warning_hours: 720 });
    await openSection(page, world, '#/settings');
    await expect(page.getByText('Na página aberta, ou na próxima que você abrir')).toBeVisible();
    const toast = toasts(page, 'Crédito baixo: dura');
    await untilAsked(page, () => page.reload());
    await expect(toast).toHaveCount(0);
    await settle(world, { quiet_hours: false });
    await expect(toast).toHaveCount(1);
    await expect(toast).toContainText(/Restam US\$.*por hora/);
    await page.setViewportSize({ width: 360, height: 640 });
    await expectNoWider(page, 360);
    await toast.getByRole('link', { name: 'Mostrar' }).click();
    await expect(page).toHaveURL(/#\/instances$/);
  } finally {
    await settle(world, { language: 'en', quiet_hours: false, credit_warning_hours: 12 });
    await world.rest('DELETE', `/instances/${String(id)}`);
  }
});

test('what many things need waits for a page and is told as one, with a way to each', async ({ page, world }) => {
  const id = await rentOne(world, 'many-box');
  await waitState(world, id, 'running');
  await expect.poll(async () => (await world.rest('GET', `/instances/${String(id)}`)).body['operation_id']).toBeNull();
  const failed: string[] = [];
  for (const folder of ['/a', '/b', '/c', '/d', '/e']) failed.push(await failSnapshot(world, id, `/not/there${folder}`));
  await openSection(page, world, '#/offers');
  const toast = toasts(page, '5 notices');
  await expect(toast.getByRole('link')).toHaveCount(4);
  await expect(toast).toContainText('and 1 more');
  await toast.getByRole('link', { name: 'Failed: Snapshot · many-box: /not/there/b' }).click();
  await expect(page).toHaveURL(new RegExp(`#/operations/${failed[1] ?? ''}$`));
  await expect(toast).toHaveCount(1);
  await toast.getByRole('button', { name: 'Close' }).click();
  await expect(page.locator('.mantine-Notification-root')).toHaveCount(0);
  await world.rest('DELETE', `/instances/${String(id)}`);
});
