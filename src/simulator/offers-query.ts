// The offer search: checks a query, applies the server's defaults and virtual fields, and answers rows.
import { isObject, operatorProblem, passes, sortRows, type Operators } from './filters';
import type { Ask } from './market';
import { fixedFields, offerRow, type Row } from './offer-row';

/** A query the server refuses, with the text it answers. */
export class BadQuery extends Error {}

/** What a search depends on besides its query. */
export interface SearchContext {
  readonly asks: readonly Ask[];
  readonly nowS: number;
  /** The most rows an answer may have, whatever was asked. */
  readonly limitCap: number;
  /** `/bundles/` adds verified and rentable by itself; `/search/asks/` does not. */
  readonly serverDefaults: boolean;
  /** Machines on which the caller rents. */
  readonly rentedMachines: ReadonlySet<number>;
  /** Rows to add although they do not match (a fault). */
  readonly strayRows: number;
}

const controls = new Set(['type', 'order', 'limit', 'allocated_storage', 'disable_bundling', 'select_cols', 'owner', 'client_id', 'sort_option']);
const defaultLimit = 64;
const defaultStorageGb = 8;

const aliases: Readonly<Record<string, string>> = {
  dphtotal: 'dph_total', dph: 'dph_total', gpu_totalram: 'gpu_total_ram', ubuntu_version: 'os_version', cuda_vers: 'cuda_max_good',
  display_active: 'gpu_display_active', dlperf_usd: 'dlperf_per_dphtotal', flops_usd: 'flops_per_dphtotal', driver_version: 'driver_vers',
};
const gigabytes: Readonly<Record<string, string>> = { gpu_ram_GB: 'gpu_ram', cpu_ram_GB: 'cpu_ram', gpu_totalram_GB: 'gpu_total_ram' };

const countryOf = (geolocation: unknown): string | null => (typeof geolocation === 'string' ? (geolocation.split(',').at(-1) ?? '').trim() : null);

/** The value a filter key looks at; `undefined` when the server knows no such key. */
const valueOf = (row: Row, key: string): unknown => {
  switch (key) {
    case 'verified':
      return row['verification'] === 'verified';
    case 'datacenter':
      return row['hosting_type'] === 1;
    case 'geolocation':
      return countryOf(row['geolocation']);
    case 'target_reliability':
      return row['expected_reliability'];
    // Filtering on the row's own id finds nothing on live servers; `ask_contract_id` is the way.
    case 'id':
      return null;
    default: {
      const scaled = gigabytes[key];
      if (scaled !== undefined) return Number(row[scaled]) / 1000;
      return row[aliases[key] ?? key];
    }
  }
};

const ignored = new Set(['rented']);

const withDefaults = (query: Row, serverDefaults: boolean): Row => ({
  ...(serverDefaults ? { verified: { eq: true }, rentable: { eq: true } } : {}),
  ...query,
});

const filtersOf = (query: Row, sample: Row | undefined): readonly (readonly [string, Operators])[] => {
  const keys = Object.keys(query).filter((key) => !controls.has(key));
  const problems = keys.flatMap((key) => operatorProblem(key, query[key]) ?? []);
  if (problems.length > 0) throw new BadQuery(problems.join('; '));
  for (const key of keys) {
    if (sample && !ignored.has(key) && valueOf(sample, key) === undefined) throw new BadQuery(`${key} is not a valid search key`);
  }
  return keys.filter((key) => !ignored.has(key)).map((key) => {
    const operators = query[key] as Operators;
    return [key, key === 'target_reliability' && 'eq' in operators ? { gte: operators['eq'] } : operators] as const;
  });
};

const orderOf = (value: unknown): readonly (readonly [string, string])[] => {
  if (value === undefined || value === null) return [['score', 'desc']];
  if (!Array.isArray(value)) throw new BadQuery('order: Input should be a valid list');
  return value.map((item: unknown) => {
    if (!Array.isArray(item) || typeof item[0] !== 'string') throw new BadQuery('order: Input should be a list of [field, direction]');
    return [aliases[item[0]] ?? item[0], String(item[1] ?? 'asc')] as const;
  });
};

const number = (value: unknown, otherwise: number, name: string): number => {
  if (value === undefined || value === null) return otherwise;
  const parsed = Number(value);
  if (!Number.isFinite(parsed)) throw new BadQuery(`${name}: Input should be a valid number`);
  return parsed;
};

/** Answers a search. Throws {@link BadQuery} with the server's own words for a query it would refuse. */
export const searchOffers = (input: unknown, context: SearchContext): readonly Row[] => {
  if (!isObject(input)) throw new BadQuery('q: Input should be a valid dictionary');
  const query = withDefaults(input, context.serverDefaults);
  const storageGb = number(query['allocated_storage'], defaultStorageGb, 'allocated_storage');
  const limit = Math.min(Math.max(0, Math.trunc(number(query['limit'], defaultLimit, 'limit'))), context.limitCap);
  const bid = query['type'] === 'bid' || query['type'] === 'interruptible';
  const order = orderOf(query['order']);
  const rowOf = (ask: Ask): Row => offerRow(ask, context.nowS, { storageGb, bid }, context.rentedMachines.has(ask.machine.id));
  const [sample] = context.asks;
  const filters = filtersOf(query, sample && rowOf(sample));
  const needed = 'allocated_storage' in query ? storageGb : 0;
  // Most rows fall through filters on fields that never change: their prices need not be worked out.
  const early = filters.filter(([key]) => sample !== undefined && valueOf(fixedFields(sample), key) !== undefined);
  const late = filters.filter((filter) => !early.includes(filter));
  const every = (row: Row, some: typeof filters): boolean => some.every(([key, operators]) => passes(valueOf(row, key), operators));
  const found: Row[] = [];
  const strays: Row[] = [];
  for (const ask of context.asks) {
    const fixed = fixedFields(ask);
    const row = Number(fixed.disk_space) >= needed && every(fixed, early) ? rowOf(ask) : null;
    if (row && every(row, late)) found.push(row);
    else if (strays.length < context.strayRows) strays.push(row ?? rowOf(ask));
  }
  return [...strays, ...sortRows(found, order)].slice(0, limit);
};
