// Strings of the market and of hosts are text: nothing in them runs, loads, rearranges a line or is filled in by the translations.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test as base, type Page } from '@playwright/test';
import { startHeadless, startSimulator } from '../support/run-app';
import { callJson, expect, openAccount, openSection } from './world';

const payloads = [
  '<img src=x onerror="window.hit=1">',
  '<script>window.hit=1</script>',
  '"><svg/onload=window.hit=1>',
  '<a href="javascript:window.hit=1">RTX 4090</a>',
  '<iframe src="http://evil.example/"></iframe>',
  '$t(common:cancel) {{count}} {{- shown}}',
  '**bold** [link](http://evil.example/) &lt;b&gt;',
] as const;
const reversed = 'RTX \u202e0904\u202c \u0007\u200bTi';
const label = '<b onmouseover="window.hit=1">\u202eevil</b> $t(title)';

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
};

type Row = Record<string, unknown>;

/** What the market says, with hostile words in the first offers and in every instance. */
const poison = (json: Row): Row => {
  const offers = json['offers'];
  if (Array.isArray(offers)) [...payloads, reversed].forEach((text, at) => offers[at] !== undefined && Object.assign(offers[at] as Row, { gpu_name: text, geolocation: `${text}, US`, cpu_name: text, driver_version: text, disk_name: text }));
  const instances = json['instances'];
  if (Array.isArray(instances)) for (const row of instances as Row[]) Object.assign(row, { gpu_name: payloads[0], geolocation: `${payloads[1]}, US`, cpu_name: payloads[2], status_msg: `${payloads[3]} ${reversed}`, image_uuid: payloads[4] });
  return json;
};

/** Stands before the simulator and changes its words. */
const startPoisoner = async (target: string): Promise<{ url: string; server: Server }> => {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { authorization, 'content-type': type } = request.headers;
      const answer = await fetch(target + (request.url ?? '/'), {
        method: request.method ?? 'GET',
        headers: { ...(authorization === undefined ? {} : { authorization }), ...(type === undefined ? {} : { 'content-type': type }) },
        ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
      });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      response.end(isJson ? JSON.stringify(poison(JSON.parse(text) as Row)) : text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};

/** Counts what must not happen. */
const watch = (page: Page, own: string): { readonly dialogs: string[]; readonly foreign: string[]; readonly violations: string[] } => {
  const seen = { dialogs: [] as string[], foreign: [] as string[], violations: [] as string[] };
  page.on('dialog', (dialog) => { seen.dialogs.push(dialog.message()); void dialog.dismiss(); });
  page.on('request', (request) => { if (!request.url().startsWith(own) && !request.url().startsWith('data:')) seen.foreign.push(request.url()); });
  page.on('console', (message) => { if (/content security policy/i.test(message.text())) seen.violations.push(message.text()); });
  return seen;
};

const rawSigns = (page: Page) => page.evaluate(() => /[\u200b\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent) || document.body.textContent.includes(String.fromCodePoint(7)));
const wasHit = (page: Page) => page.evaluate(() => 'hit' in window);

base('hostile words of offers and instances are shown as they are, and do nothing', async ({ page }) => {
  base.setTimeout(240_000);
  const simulator = await startSimulator({ seed: 3 });
  const poisoner = await startPoisoner(simulator.url);
  const app = await startHeadless({ vastUrl: poisoner.url });
  try {
    const session = await openAccount(app, simulator.apiKey);
    const seen = watch(page, app.url);
    await openSection(page, { app, session }, '#/offers');
    const grid = page.getByRole('grid', { name: 'Offers of the market' });
    const search = page.getByRole('searchbox', { name: 'Search GPUs' });
    await expect(grid.getByRole('row').nth(1)).toBeVisible({ timeout: 60_000 });
    for (const text of payloads) {
      await search.fill(text.slice(0, 20));
      await expect(grid.getByRole('gridcell').getByText(text, { exact: true }).first()).toBeVisible();
    }
    await search.fill('0904');
    await expect(grid.locator('[aria-rowindex="2"]')).toContainText('0904');
    expect(await rawSigns(page)).toBe(false);

    await search.fill('$t(common');
    // Rows follow a moment after what is typed: a click before that opens the row of the search before.
    await expect(grid.locator('[aria-rowindex="2"]')).toContainText('$t(common');
    await grid.locator('[aria-rowindex="2"]').click();
    await expect(page.getByRole('dialog', { name: '1× $t(common:cancel) {{count}} {{- shown}}' })).toBeVisible();
    await page.getByRole('button', { name: 'Rent', exact: true }).click();
    await expect(page.getByRole('dialog', { name: 'Rent 1× $t(common:cancel) {{count}} {{- shown}}' })).toBeVisible();
    await page.keyboard.press('Escape');

    const offers = await callJson(`${app.url}/api/v1/instances/offers?limit=30`, 'GET', undefined, session.token);
    const offer = (offers.body['offers'] as readonly { id: number }[]).at(-1);
    const rented = await callJson(`${app.url}/api/v1/instances`, 'POST', { offer_id: offer?.id, disk_size: 20, label }, session.token);
    expect(rented.status, JSON.stringify(rented.body)).toBe(200);
    await page.goto(`${app.url}/#/instances`);
    const card = page.getByRole('article');
    await expect(card).toContainText('<b onmouseover="window.hit=1">', { timeout: 60_000 });
    await expect(card).toContainText('$t(title)');
    await expect(card).toContainText(payloads[0], { timeout: 60_000 });
    await expect(card).toContainText(payloads[4]);
    await card.getByRole('heading').hover();
    expect(await rawSigns(page)).toBe(false);
    await card.getByRole('button', { name: 'Destroy' }).click();
    // A label that cannot be typed as it is shown is not asked for: the number is.
    await expect(page.getByRole('dialog').getByLabel(`Type “${String(rented.body['id'])}” to confirm`)).toBeVisible();
    await page.keyboard.press('Escape');
    await page.goto(`${app.url}/#/operations`);
    await expect(page.getByRole('main')).toContainText('onmouseover', { timeout: 30_000 });

    expect(await wasHit(page)).toBe(false);
    expect(seen).toEqual({ dialogs: [], foreign: [], violations: [] });
  } finally {
    await app.stop();
    poisoner.server.closeAllConnections();
    poisoner.server.close();
    await simulator.stop();
  }
});
