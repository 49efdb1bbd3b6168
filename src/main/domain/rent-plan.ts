// What a rental will ask of Vast, worked out before anything is written or sent; and whether it still costs what was shown.
import type { CreateInstance, Offer } from '../../contract';
import { AppError } from './app-error';
import { joinLabel } from './labels';
import type { RentedInstance, RentRequest, Vast } from './ports';

export interface RentPlan {
  readonly userId: string;
  readonly intentId: string;
  /** The user's part of the label. */
  readonly label: string | null;
  readonly request: RentRequest;
  /** The offer as it was a moment ago, where it was looked at. */
  readonly offer: Offer | null;
}

/** Sums of floats: a rise of less than this is none ($/h). */
const tolerance = 1e-6;

const portFlag = (port: string): string => {
  const [numbers = '', protocol] = port.split('/');
  const mapping = numbers.includes(':') ? numbers : `${numbers}:${numbers}`;
  return `-p ${mapping}${protocol === 'udp' ? '/udp' : ''}`;
};

/** The plan of a request; `defaults` are the user's settings. */
export const planRent = (userId: string, intentId: string, input: CreateInstance, defaults: { readonly default_image: string; readonly default_disk_size: number }): RentPlan => {
  const label = input.label ?? null;
  const ports = Object.fromEntries((input.ports ?? []).map((port) => [portFlag(port), '1']));
  const request: RentRequest = {
    offerId: input.offer_id,
    image: input.image ?? defaults.default_image,
    disk: input.disk_size ?? defaults.default_disk_size,
    label: joinLabel(label, intentId),
    env: { ...input.env, ...ports },
    onstart: input.onstart ?? null,
    bid: input.bid ?? null,
  };
  return { userId, intentId, label, request, offer: null };
};

/** What is kept of a request: no values of its environment, which may be secrets. */
export const keptRequest = (request: RentRequest): Readonly<Record<string, unknown>> => ({
  image: request.image, disk: request.disk, bid: request.bid, env_names: Object.keys(request.env), has_onstart: request.onstart !== null,
});

/** The offer as it is now, or null. Prices are for the disk of the plan. */
export const offerNow = async (vast: Vast, key: string, request: RentRequest): Promise<Offer | null> => {
  const { offers } = await vast.search(key, {
    filters: { ask_contract_id: { eq: request.offerId }, verified: { eq: 'any' }, rentable: { eq: true } },
    type: request.bid === null ? 'on-demand' : 'bid',
    order: [['dph_total', 'asc']],
    limit: 8,
    allocatedStorage: request.disk,
  });
  return offers.find((offer) => offer.id === request.offerId) ?? null;
};

/** The offer as it is now. Throws `offer_gone`, or `price_changed` when it costs more than `maxDph` ($/h, disk included). */
export const checkPrice = async (vast: Vast, key: string, request: RentRequest, maxDph: number): Promise<Offer> => {
  const offer = await offerNow(vast, key, request);
  if (offer === null) throw new AppError('offer_gone', 'This offer is no longer available.', { offer_id: request.offerId });
  const price = request.bid === null ? offer.dph_total : request.bid + offer.storage_total_cost;
  if (price > maxDph + tolerance) {
    throw new AppError('price_changed', 'The offer costs more now than when it was shown. Nothing was rented.', { shown_dph: maxDph, dph_total: price });
  }
  return offer;
};

/** What can be said of an instance that was rented a moment ago and is not in any list yet. */
export const justRented = (instanceId: number, request: RentRequest, offer: Offer | null = null): RentedInstance => ({
  id: instanceId, machine_id: offer?.machine_id ?? null, host_id: offer?.host_id ?? null, full_label: request.label,
  actual_status: null, intended_status: 'running', cur_state: 'running', next_state: 'running', status_msg: null,
  gpu_name: offer?.gpu_name ?? '', num_gpus: offer?.num_gpus ?? 0, gpu_ram: offer?.gpu_ram ?? null, gpu_util: null, gpu_temp: null,
  cpu_name: offer?.cpu_name ?? null, cpu_cores_effective: offer?.cpu_cores_effective ?? null, cpu_ram: offer?.cpu_ram ?? null,
  disk_space: request.disk, disk_usage: null, inet_up: offer?.inet_up ?? null, inet_down: offer?.inet_down ?? null, inet_up_cost: offer?.inet_up_cost ?? null, inet_down_cost: offer?.inet_down_cost ?? null,
  geolocation: offer?.geolocation ?? null, image: request.image, is_bid: request.bid !== null,
  dph_total: offer === null ? 0 : (request.bid ?? offer.dph_base) + offer.storage_total_cost, storage_total_cost: offer?.storage_total_cost ?? 0,
  start_date: null, end_date: null, ssh: null, extra_env: request.env,
});
