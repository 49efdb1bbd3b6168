// What can be rented: the offers of the marketplace and the filters over them.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { dollarsPerHour, instant, vastId } from './common';
import { sessionErrors, vastErrors } from './errors';

/**
 * One offer, in Vast's own names and units (facts: memory in MB, disk in GB, network in Mbit/s, traffic in $/GB, prices in $/h for all GPUs of the offer).
 * Absent numbers are null, never invented.
 */
export const offer = z.object({
  id: vastId,
  machine_id: z.number().int(),
  host_id: z.number().int().nullable(),
  gpu_name: z.string(),
  num_gpus: z.number().int().positive(),
  gpu_ram: z.number().describe('MB per GPU'),
  gpu_total_ram: z.number().describe('MB, all GPUs'),
  gpu_mem_bw: z.number().nullable().describe('GB/s'),
  gpu_arch: z.string().nullable(),
  compute_cap: z.number().nullable().describe('x100: 890 is 8.9'),
  cuda_max_good: z.number().nullable(),
  driver_version: z.string().nullable(),
  cpu_name: z.string().nullable(),
  cpu_cores_effective: z.number().nullable(),
  cpu_ram: z.number().nullable().describe('MB; may be that of the whole machine: show as "up to"'),
  disk_space: z.number().describe('GB that can be rented'),
  disk_bw: z.number().nullable().describe('MB/s'),
  disk_name: z.string().nullable(),
  inet_up: z.number().nullable().describe('Mbit/s'),
  inet_down: z.number().nullable().describe('Mbit/s'),
  inet_up_cost: z.number().nullable().describe('$/GB'),
  inet_down_cost: z.number().nullable().describe('$/GB'),
  pcie_bw: z.number().nullable().describe('GB/s'),
  direct_port_count: z.number().int().nullable(),
  geolocation: z.string().nullable(),
  country_code: z.string().nullable().describe('Two letters, from geolocation'),
  datacenter: z.boolean(),
  static_ip: z.boolean(),
  verified: z.boolean(),
  reliability: z.number().nullable().describe('0..1'),
  dlperf: z.number().nullable(),
  dlperf_per_dphtotal: z.number().nullable(),
  total_flops: z.number().nullable().describe('TFLOPS, all GPUs'),
  score: z.number().nullable(),
  dph_base: dollarsPerHour.describe('$/h, GPUs'),
  dph_total: dollarsPerHour.describe('$/h with the disk that was asked for'),
  min_bid: dollarsPerHour.nullable(),
  is_bid: z.boolean(),
  storage_cost: z.number().min(0).describe('$/GB/month (30 days)'),
  storage_total_cost: z.number().min(0).describe('$/h for the disk that was asked for'),
  duration: z.number().nullable().describe('Seconds until the host ends the offer'),
});

/** Filters of a search. All are applied by Vast where it can, and again on our side. */
export const offerFilters = z.object({
  gpu_name: z.string().trim().min(1).max(100).optional().describe('With spaces, as Vast writes it: RTX 4090'),
  num_gpus: z.number().int().min(1).max(64).optional(),
  min_gpu_ram: z.number().min(0).optional().describe('GB per GPU'),
  min_cpu_cores: z.number().min(0).optional(),
  min_cpu_ram: z.number().min(0).optional().describe('GB'),
  min_disk: z.number().min(0).max(100_000).optional().describe('GB; also the disk the price is computed for'),
  min_inet_down: z.number().min(0).optional().describe('Mbit/s'),
  max_price: z.number().min(0).optional().describe('$/h'),
  min_cuda: z.number().min(0).optional(),
  min_reliability: z.number().min(0).max(1).optional(),
  region: z.string().trim().regex(/^(?:US|EU|ASIA|[A-Za-z]{2})$/i, 'US, EU, ASIA or a two-letter country code').optional(),
  verified_only: z.boolean().optional().describe('Default true'),
  static_ip: z.boolean().optional(),
  type: z.enum(['on-demand', 'interruptible']).optional().describe('Default on-demand'),
});

export const offerOrder = z.enum(['dph_total', 'dlperf_per_dphtotal', 'dlperf', 'score', 'reliability', 'gpu_ram', 'num_gpus', 'inet_down', 'disk_space', 'duration']);

export const offersPage = z.object({
  offers: z.array(offer),
  count: z.number().int().describe('Rows in this answer'),
  total: z.number().int().describe('Rows that match'),
  not_asked_for: z.number().int().describe('Rows the server sent although the filters exclude them; they were dropped'),
  unreadable: z.number().int().describe('Rows that could not be read; they were dropped'),
  fetched_at: instant,
  allocated_storage: z.number().describe('GB the prices are computed for'),
});

export const offers = oc
  .route({ tags: ['instances'], method: 'GET', path: '/api/v1/instances/offers', summary: 'Search the market' })
  .input(
    offerFilters.extend({
      order: offerOrder.optional().describe('Default dph_total'),
      descending: z.boolean().optional(),
      limit: z.number().int().min(1).max(1000).default(64),
      offset: z.number().int().min(0).default(0),
      fresh: z.boolean().optional().describe('Ask the market again, even within the half minute that a search is kept'),
    }),
  )
  .output(offersPage)
  .errors({ ...sessionErrors, ...vastErrors });
