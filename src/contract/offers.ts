// What can be rented: the offers of the marketplace and the filters over them.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { dollarsPerHour, flag, instant, number, numberOrNull, text, textOrNull, vastId, whole, wholeOrNull } from './common';
import { sessionErrors, vastErrors } from './errors';

/**
 * One offer, in Vast's own names and units (facts: memory in MB, disk in GB, network in Mbit/s, traffic in $/GB, prices in $/h for all GPUs of the offer).
 * Absent numbers are null, never invented.
 */
export const offer = z.object({
  id: vastId,
  machine_id: whole,
  host_id: wholeOrNull,
  gpu_name: text,
  num_gpus: whole.positive(),
  gpu_ram: number.describe('MB per GPU'),
  gpu_total_ram: number.describe('MB, all GPUs'),
  gpu_mem_bw: numberOrNull.describe('GB/s'),
  gpu_arch: textOrNull,
  compute_cap: numberOrNull.describe('x100: 890 is 8.9'),
  cuda_max_good: numberOrNull,
  driver_version: textOrNull,
  cpu_name: textOrNull,
  cpu_cores_effective: numberOrNull,
  cpu_ram: numberOrNull.describe('MB; may be that of the whole machine: show as "up to"'),
  disk_space: number.describe('GB that can be rented'),
  disk_bw: numberOrNull.describe('MB/s'),
  disk_name: textOrNull,
  inet_up: numberOrNull.describe('Mbit/s'),
  inet_down: numberOrNull.describe('Mbit/s'),
  inet_up_cost: numberOrNull.describe('$/GB'),
  inet_down_cost: numberOrNull.describe('$/GB'),
  pcie_bw: numberOrNull.describe('GB/s'),
  direct_port_count: wholeOrNull,
  geolocation: textOrNull,
  country_code: textOrNull.describe('Two letters, from geolocation'),
  datacenter: flag,
  static_ip: flag,
  verified: flag,
  reliability: numberOrNull.describe('0..1'),
  dlperf: numberOrNull,
  dlperf_per_dphtotal: numberOrNull,
  total_flops: numberOrNull.describe('TFLOPS, all GPUs'),
  score: numberOrNull,
  dph_base: dollarsPerHour.describe('$/h, GPUs'),
  dph_total: dollarsPerHour.describe('$/h with the disk that was asked for'),
  min_bid: dollarsPerHour.nullable(),
  is_bid: flag,
  storage_cost: number.min(0).describe('$/GB/month (30 days)'),
  storage_total_cost: number.min(0).describe('$/h for the disk that was asked for'),
  duration: numberOrNull.describe('Seconds until the host ends the offer'),
});

/** Filters of a search. All are applied by Vast where it can, and again on our side. */
export const offerFilters = z.object({
  gpu_name: text.trim().min(1).max(100).optional().describe('With spaces, as Vast writes it: RTX 4090'),
  num_gpus: whole.min(1).max(64).optional(),
  min_gpu_ram: number.min(0).optional().describe('GB per GPU'),
  min_cpu_cores: number.min(0).optional(),
  min_cpu_ram: number.min(0).optional().describe('GB'),
  min_disk: number.min(0).max(100_000).optional().describe('GB; also the disk the price is computed for'),
  min_inet_down: number.min(0).optional().describe('Mbit/s'),
  max_price: number.min(0).optional().describe('$/h'),
  min_cuda: number.min(0).optional(),
  min_reliability: number.min(0).max(1).optional(),
  region: text.trim().regex(/^(?:US|EU|ASIA|[A-Za-z]{2})$/i, 'US, EU, ASIA or a two-letter country code').optional(),
  verified_only: flag.optional().describe('Default true'),
  static_ip: flag.optional(),
  type: z.enum(['on-demand', 'interruptible']).optional().describe('Default on-demand'),
});

export const offerOrder = z.enum(['dph_total', 'dlperf_per_dphtotal', 'dlperf', 'score', 'reliability', 'gpu_ram', 'num_gpus', 'inet_down', 'disk_space', 'duration']);

export const offersPage = z.object({
  offers: z.array(offer),
  count: whole.describe('Rows in this answer'),
  total: whole.describe('Rows that match'),
  not_asked_for: whole.describe('Rows the server sent although the filters exclude them; they were dropped'),
  unreadable: whole.describe('Rows that could not be read; they were dropped'),
  fetched_at: instant,
  allocated_storage: number.describe('GB the prices are computed for'),
});

export const offers = oc
  .route({ tags: ['instances'], method: 'GET', path: '/api/v1/instances/offers', summary: 'Search the market' })
  .input(
    offerFilters.extend({
      order: offerOrder.optional().describe('Default dph_total'),
      descending: flag.optional(),
      limit: whole.min(1).max(1000).default(64),
      offset: whole.min(0).default(0),
      fresh: flag.optional().describe('Ask the market again, even within the half minute that a search is kept'),
    }),
  )
  .output(offersPage)
  .errors({ ...sessionErrors, ...vastErrors });
