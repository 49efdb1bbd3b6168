// `npm run bench [-- --json FILE] [-- --only ID-PREFIX] [-- --rounds N]`: measures against a reference in the same run; only ratios have limits.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchLarge, benchMany, benchMemory, benchMixed, benchSmall } from './capture-bench';
import { benchHeadless, benchMain, benchSizes, benchWindow } from './cost-bench';
import { benchHidden } from './hidden-bench';
import { benchIndex } from './index-bench';
import { benchKeychain } from './keychain-bench';
import type { Result } from './measure';
import { benchOffers, benchSearch } from './offers-bench';
import { benchHttp, benchIpc } from './transports-bench';

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' }, rounds: { type: 'string' } } });

/** Of the capture benches; the published figures are medians of five. */
const rounds = Number(values.rounds ?? 5);

const benches: readonly (readonly [string, (rounds: number) => Promise<readonly Result[]>])[] = [
  ['offers', benchOffers],
  ['offers-simulated', benchSearch],
  ['http', benchHttp],
  ['ipc', benchIpc],
  ['cost-sizes', benchSizes],
  ['cost-main', benchMain],
  ['cost-window', benchWindow],
  ['cost-headless', benchHeadless],
  ['cost-hidden', benchHidden],
  ['idle-keychain', benchKeychain],
  ['capture-small', benchSmall],
  ['capture-many', benchMany],
  ['capture-large', benchLarge],
  ['capture-mixed', benchMixed],
  ['capture-memory', benchMemory],
  ['index', benchIndex],
];

const verdict = (result: Result): string => (result.holds === null ? '' : result.holds ? 'holds' : 'FAILS');
const figure = (result: Result): string => `${result.value.toFixed(result.unit === 'ms' && result.value < 10 ? 3 : 2)} ${result.unit}`;

const results: Result[] = [];
for (const [name, bench] of benches) {
  if (values.only !== undefined && !name.startsWith(values.only)) continue;
  for (const result of await bench(rounds)) {
    results.push(result);
    const limit = result.limit === null ? '' : `limit ${String(result.limit)}`;
    process.stdout.write(`${result.id.padEnd(22)} ${figure(result).padStart(12)}  ${limit.padEnd(10)} ${verdict(result).padEnd(6)} ${result.what}\n`);
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
const failed = results.filter((result) => result.holds === false).length;
process.stdout.write(`${String(results.filter((result) => result.holds === true).length)} passed, ${String(failed)} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
