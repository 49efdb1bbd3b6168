// What the user asks of the market: the filters of the offers page, and how they are kept in the address.
import type { OfferFilters } from '../../../contract';

/** The filters of the page; units as in the contract (GB, Mbit/s, $/h). Absent means "any". */
export interface OfferCriteria {
  /** Words that must all occur in the name of the GPU. */
  readonly search?: string;
  readonly gpu_names?: readonly string[];
  readonly num_gpus?: number;
  readonly min_gpu_ram?: number;
  readonly min_cpu_cores?: number;
  readonly min_cpu_ram?: number;
  readonly min_disk?: number;
  readonly min_inet_down?: number;
  readonly max_price?: number;
  readonly min_cuda?: number;
  readonly min_reliability?: number;
  readonly region?: string;
  readonly datacenter?: boolean;
  readonly static_ip?: boolean;
  /** Also show machines that Vast.ai has not verified. */
  readonly unverified?: boolean;
  readonly interruptible?: boolean;
}

export type CriterionName = keyof OfferCriteria;

const numbers = ['num_gpus', 'min_gpu_ram', 'min_cpu_cores', 'min_cpu_ram', 'min_disk', 'min_inet_down', 'max_price', 'min_cuda', 'min_reliability'] as const;
const flags = ['datacenter', 'static_ip', 'unverified', 'interruptible'] as const;

/** Filters that the market itself must answer anew: they change which rows exist or what they cost. */
export const queryCriteria: readonly CriterionName[] = ['interruptible', 'unverified', 'min_disk'];

/** The part of the filters that goes into the search. The rest is applied at once to what is held. */
export const searchOf = (criteria: OfferCriteria): OfferFilters => ({
  type: criteria.interruptible ? 'interruptible' : 'on-demand',
  verified_only: !criteria.unverified,
  ...(criteria.min_disk === undefined ? {} : { min_disk: criteria.min_disk }),
});

const numberOf = (text: string | undefined): number | undefined => {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
};

const namesOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').map((name) => name.replaceAll('%2C', ',').slice(0, 100)).filter((name) => name !== '').slice(0, 50);

/** Reads the filters from the parameters of an address. What cannot be read is left out. */
export const criteriaFrom = (params: Readonly<Record<string, string>>): OfferCriteria => {
  const read: { -readonly [Name in keyof OfferCriteria]: OfferCriteria[Name] } = {};
  const search = params['search']?.slice(0, 100);
  if (search) read.search = search;
  const names = namesOf(params['gpu']);
  if (names.length > 0) read.gpu_names = names;
  for (const name of numbers) {
    const value = numberOf(params[name]);
    if (value !== undefined) read[name] = value;
  }
  const region = params['region'];
  if (region !== undefined && /^(?:US|EU|ASIA|[A-Za-z]{2})$/i.test(region)) read.region = region.toUpperCase();
  for (const name of flags) if (params[name] === '1') read[name] = true;
  return read;
};

/** Writes the filters as parameters of an address; nothing is written for "any". */
export const criteriaTo = (criteria: OfferCriteria): Record<string, string> => {
  const params: Record<string, string> = {};
  if (criteria.search) params['search'] = criteria.search;
  if (criteria.gpu_names?.length) params['gpu'] = criteria.gpu_names.map((name) => name.replaceAll(',', '%2C')).join(',');
  for (const name of numbers) if (criteria[name] !== undefined) params[name] = String(criteria[name]);
  if (criteria.region) params['region'] = criteria.region;
  for (const name of flags) if (criteria[name]) params[name] = '1';
  return params;
};

/** The names of the filters that exclude something. */
export const activeCriteria = (criteria: OfferCriteria): readonly CriterionName[] => {
  const names: CriterionName[] = [];
  if (criteria.search?.trim()) names.push('search');
  if (criteria.gpu_names?.length) names.push('gpu_names');
  for (const name of numbers) if (criteria[name] !== undefined) names.push(name);
  if (criteria.region) names.push('region');
  for (const name of flags) if (criteria[name]) names.push(name);
  return names;
};

/** The same filters less one. */
export const without = (criteria: OfferCriteria, name: CriterionName): OfferCriteria => {
  const { [name]: _, ...rest } = criteria;
  return rest;
};
