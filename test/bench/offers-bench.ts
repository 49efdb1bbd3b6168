// Filter and sort of 20,000 offers, in Chromium, against a plain filter and sort of the same objects; and what a search of the whole market costs the simulator.
import { chromium } from '@playwright/test';
import { Market } from '../../src/simulator/market';
import { offerJson, viewRow } from '../../src/simulator/offer-row';
import { searchOffers } from '../../src/simulator/offers-query';
import { inTurns, median, milliseconds, quantile, ratio, timed, type Result } from './measure';
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

/** Five megabytes of rows, found and written, against JSON's writing of the same rows. */
export async function benchSearch(): Promise<readonly Result[]> {
  const asks = new Market({ seed: '1', epoch: 1_795_392_000 }, () => new Set()).asks();
  const found = (): ReturnType<typeof searchOffers> => searchOffers({ limit: 5000 }, { asks, nowS: 1_795_400_000, limitCap: 10_000, serverDefaults: true, rentedMachines: new Set(), strayRows: 0 });
  const answer = (): string => found().map((item) => offerJson(item.ask, item.view)).join(',');
  const rows = found().map((item) => viewRow(item.view));
  if (answer().length < 3_000_000) throw new Error('the market is too small to be measured');
  const taken = await inTurns(15, () => timed(answer), () => timed(() => JSON.stringify(rows)));
  return [ratio('offers-simulated', "a search of the simulated market, against JSON's writing of its rows (medians)", median(taken.ours), median(taken.reference), 3)];
}
