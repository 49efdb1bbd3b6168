// The offer search: checks a query, applies the server's defaults and virtual fields, and answers rows.
import { isObject, operatorProblem, passes, sortBy, type Operators } from './filters';
import type { Ask } from './market';
import { fixedFields, offerView, viewField, type OfferView, type Row } from './offer-row';

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

/** The value a filter key looks at; `undefined` when there is no such key. */
const valueOf = (field: (name: string) => unknown, key: string): unknown => {
  switch (key) {
    case 'verified':
      return field('verification') === 'verified';
    case 'datacenter':
      return field('hosting_type') === 1;
    case 'geolocation':
      return countryOf(field('geolocation'));
    case 'target_reliability':
      return field('expected_reliability');
    // Filtering on the row's own id finds nothing on live servers; `ask_contract_id` is the way.
    case 'id':
      return null;
    default: {
      const scaled = gigabytes[key];
      return scaled === undefined ? field(aliases[key] ?? key) : Number(field(scaled)) / 1000;
    }
  }
};

const ignored = new Set(['rented']);

const withDefaults = (query: Row, serverDefaults: boolean): Row => ({
  ...(serverDefaults ? { verified: { eq: true }, rentable: { eq: true } } : {}),
  ...query,
});

type Filters = readonly (readonly [string, Operators])[];

const filtersOf = (query: Row, sample: OfferView | undefined): Filters => {
  const keys = Object.keys(query).filter((key) => !controls.has(key));
  const problems = keys.flatMap((key) => operatorProblem(key, query[key]) ?? []);
  if (problems.length > 0) throw new BadQuery(problems.join('; '));
  for (const key of keys) {
    if (sample && !ignored.has(key) && valueOf((name) => viewField(sample, name), key) === undefined) throw new BadQuery(`${key} is not a valid search key`);
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

/** An offer that a search found. */
export interface Found {
  readonly ask: Ask;
  readonly view: OfferView;
}

const pass = (filters: Filters, field: (name: string) => unknown): boolean => filters.every(([key, operators]) => passes(valueOf(field, key), operators));

/** Answers a search. Throws {@link BadQuery} with the server's own words for a query it would refuse. */
export const searchOffers = (input: unknown, context: SearchContext): readonly Found[] => {
  if (!isObject(input)) throw new BadQuery('q: Input should be a valid dictionary');
  const query = withDefaults(input, context.serverDefaults);
  const storageGb = number(query['allocated_storage'], defaultStorageGb, 'allocated_storage');
  const limit = Math.min(Math.max(0, Math.trunc(number(query['limit'], defaultLimit, 'limit'))), context.limitCap);
  const bid = query['type'] === 'bid' || query['type'] === 'interruptible';
  const order = orderOf(query['order']);
  const foundAt = (ask: Ask): Found => ({ ask, view: offerView(ask, context.nowS, { storageGb, bid }, context.rentedMachines.has(ask.machine.id)) });
  const [sample] = context.asks;
  const filters = filtersOf(query, sample && foundAt(sample).view);
  const needed = 'allocated_storage' in query ? storageGb : 0;
  // Most offers fall through filters on fields that never change: their prices need not be worked out.
  const early = filters.filter(([key]) => sample !== undefined && valueOf((name) => fixedFields(sample)[name], key) !== undefined);
  const late = filters.filter((filter) => !early.includes(filter));
  const found: Found[] = [];
  const strays: Found[] = [];
  for (const ask of context.asks) {
    const fixed = fixedFields(ask);
    const hopeful = Number(fixed['disk_space']) >= needed && pass(early, (name) => fixed[name]) ? foundAt(ask) : null;
    if (hopeful && pass(late, (name) => viewField(hopeful.view, name))) found.push(hopeful);
    else if (strays.length < context.strayRows) strays.push(hopeful ?? foundAt(ask));
  }
  return [...strays, ...sortBy(found, order, (item, column) => viewField(item.view, column))].slice(0, limit);
};
