// Operations: what runs is seen running and ending, its log is plain text, a question can be answered, and a dead app is said to be dead.
import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { startHeadless, type RunningApp } from '../support/run-app';

let app: RunningApp;
test.beforeAll(async () => { app = await startHeadless({ demo: true }); });
test.afterAll(() => app.stop());

async function enter(page: Page): Promise<string> {
  await page.goto(app.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await expect(page.getByTestId('money')).toContainText('Credit');
  return page.evaluate(() => (JSON.parse(sessionStorage.getItem('dumont.session') ?? '{}') as { token: string }).token);
}

async function rent(request: APIRequestContext, token: string, label: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const { offers } = (await (await request.get(`${app.url}/api/v1/instances/offers?limit=1&fresh=true`, { headers })).json()) as { offers: { id: number }[] };
  const rented = (await (await request.post(`${app.url}/api/v1/instances`, { headers, data: { offer_id: offers[0]?.id, label } })).json()) as { operation_id: string };
  return rented.operation_id;
}

test('an operation is seen running in the bar, and its end in the list with its log', async ({ page, request }) => {
  const token = await enter(page);
  await page.getByRole('link', { name: 'Operations' }).click();
  await expect(page.getByText('Nothing has run yet')).toBeVisible();
  const id = await rent(request, token, 'first-box');
  await expect(page.getByRole('button', { name: '1 operation running' })).toBeVisible();
  const grid = page.getByRole('grid', { name: 'Operations' });
  await expect(grid).toHaveAttribute('aria-rowcount', '2');
  await grid.getByRole('gridcell', { name: 'first-box' }).click();
  await expect(page).toHaveURL(new RegExp(`#/operations/${id}$`));
  const detail = page.getByTestId('operation');
  await expect(detail.getByRole('heading', { name: 'first-box' })).toBeVisible();
  await expect(detail.getByText(/^Done/)).toBeVisible({ timeout: 30_000 });
  await expect(detail.getByRole('log').locator('[data-src="remote"]').first()).toContainText('host');
  await expect(page.getByRole('button', { name: 'Nothing running' })).toBeVisible();
});

test('the list is walked and opened by keyboard alone', async ({ page }) => {
  await enter(page);
  await page.keyboard.press('Control+6');
  const grid = page.getByRole('grid', { name: 'Operations' });
  const header = grid.getByRole('columnheader', { name: 'What' });
  await header.focus();
  await page.keyboard.press('Enter');
  await expect(header).toHaveAttribute('aria-sort', 'ascending');
  await page.keyboard.press('ArrowDown');
  await expect(grid.locator('[data-cell="0:0"]')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(grid.locator('[data-cell="0:1"]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('operation')).toBeVisible();
});

test('the drawer shows one operation in full, and Escape closes it', async ({ page }) => {
  await enter(page);
  await page.getByRole('button', { name: 'Nothing running' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('button', { name: /first-box/ }).click();
  await expect(drawer.getByTestId('operation')).toContainText('first-box');
  await page.keyboard.press('Escape');
  await expect(drawer).toBeHidden();
});

test('a question shows what it has cost, and destroying asks once more', async ({ page, request }) => {
  const token = await enter(page);
  const headers = { authorization: `Bearer ${token}` };
  const { instances } = (await (await request.get(`${app.url}/api/v1/instances`, { headers })).json()) as { instances: { id: number }[] };
  const operation = {
    id: '00000000-0000-4000-8000-000000000001', kind: 'create', state: 'running', instance_id: instances[0]?.id ?? 1, snapshot_id: null, title: 'slow\u202ebox', progress: null,
    cancellable: true, asks: 'still_loading', error: null, warnings: [], created_at: new Date(Date.now() - 25 * 60_000).toISOString(), ended_at: null,
  };
  // A boot of twenty minutes cannot be waited for: the list and the stream say that there is one.
  await page.route('**/api/v1/operations?*', (route) => route.fulfill({ json: { operations: [operation], count: 1 } }));
  await page.route(`**/api/v1/operations/${operation.id}/events`, (route) => route.fulfill({ contentType: 'text/event-stream', body: `event: message\ndata: ${JSON.stringify({ type: 'operation', operation })}\n\nevent: done\ndata: \n\n` }));
  const answers: unknown[] = [];
  await page.route(`**/api/v1/operations/${operation.id}/answer`, (route) => {
    answers.push(route.request().postDataJSON());
    return route.fulfill({ json: operation });
  });
  await page.reload();
  await page.getByRole('button', { name: 'An operation needs your answer' }).click();
  const drawer = page.getByRole('dialog').first();
  await expect(drawer.getByText(/loading for 25 min.* and has cost about \$\d/)).toBeVisible();
  await expect(drawer.getByRole('heading', { name: 'slow⟨U+202E⟩box' })).toBeVisible();
  await drawer.getByRole('button', { name: 'Destroy' }).click();
  const confirm = page.getByRole('dialog', { name: 'Destroy this instance?' });
  await confirm.getByRole('button', { name: 'Cancel' }).click();
  expect(answers).toEqual([]);
  await drawer.getByRole('button', { name: 'Keep waiting' }).click();
  await expect.poll(() => answers).toEqual([{ answer: 'wait' }]);
});

test('a credit that Vast.ai said long ago is shown with its age, one of now without', async ({ page }) => {
  await enter(page);
  const money = page.getByTestId('money');
  await expect(money).toContainText('$');
  await expect(money.getByRole('note')).toHaveCount(0);
  await page.route('**/api/v1/account', async (route) => {
    const answer = await route.fetch();
    const account = (await answer.json()) as object;
    await route.fulfill({ response: answer, json: { ...account, credit_as_of: new Date(Date.now() - 2 * 3_600_000 - 60_000).toISOString() } });
  });
  await page.reload();
  await expect(money.getByRole('note', { name: 'The credit is what Vast.ai said 2 hours ago.' })).toBeVisible();
});

test('a dead app is said to be dead, with the age of what is shown, and what was there stays', async ({ page }) => {
  const doomed = await startHeadless({ demo: true });
  await page.goto(doomed.url);
  await page.getByRole('button', { name: 'Enter the demo' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Vast.ai key' })).toBeVisible();
  // What is to stay must have been there.
  await expect(page.getByTestId('money')).toContainText('$25.00');
  await doomed.stop();
  await expect(page.getByTestId('offline')).toContainText('The app is not answering.');
  await expect(page.getByTestId('offline')).toContainText('was last updated');
  await expect(page.getByTestId('money')).toContainText('$25.00');
  await expect(page.getByRole('heading', { name: 'Vast.ai key' })).toBeVisible();
});
