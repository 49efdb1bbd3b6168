// Filter and sort of 20,000 offers, in Chromium, against a plain filter and sort of the same objects.
import { chromium } from '@playwright/test';
import { median, milliseconds, quantile, ratio, type Result } from './measure';
import { pageScript } from './page-script';

export async function benchOffers(): Promise<readonly Result[]> {
  const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-background-networking'] });
  try {
    const page = await browser.newPage();
    await page.evaluate(await pageScript());
    await page.evaluate(() => window.pageBench?.offersTable(20));
    const taken = await page.evaluate(() => window.pageBench?.offersTable(200));
    if (taken === undefined) throw new Error('the page bench did not load');
    return [
      ratio('offers-sort', 'filter and sort of 20,000 offers, against sort and filter of the plain array (medians)', median(taken.ours), median(taken.plain), 0.8),
      milliseconds('offers-sort-p95', 'the same, p95 (meant to stay under 16 ms)', quantile(taken.ours, 0.95)),
      milliseconds('offers-filter-p95', 'filter only, the order being known, p95', quantile(taken.refilter, 0.95)),
      milliseconds('offers-plain-p95', 'the plain array, p95', quantile(taken.plain, 0.95)),
    ];
  } finally {
    await browser.close();
  }
}
