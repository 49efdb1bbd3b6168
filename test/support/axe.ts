// What axe finds on a page that has come to rest: one way for every spec.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Waits until a frame was drawn and what moves in it has ended: while a dialog opens, its colours are mixed. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity));
}

/** Every finding that axe calls serious or critical, a line each: rule, elements, what is wrong. */
export async function seriousFindings(page: Page, within = 'body'): Promise<string[]> {
  await atRest(page);
  const { violations } = await new AxeBuilder({ page }).include(within).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${String(target)} ${failureSummary ?? ''}`).join(' | ')}`);
}

/** Fails on anything serious. */
export async function expectAccessible(page: Page, where: string, within = 'body'): Promise<void> {
  expect(await seriousFindings(page, within), where).toEqual([]);
}
