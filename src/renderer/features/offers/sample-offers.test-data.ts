// Offers for unit tests: one with every field, and as many different ones as wanted.
import type { Offer } from '../../../contract';

/** An offer with the given differences. */
export const offerWith = (over: Partial<Offer>): Offer => ({
  id: 1, machine_id: 11, host_id: 5, gpu_name: 'RTX 4090', num_gpus: 1, gpu_ram: 24_564, gpu_total_ram: 24_564, gpu_mem_bw: 885.4, gpu_arch: 'nvidia', compute_cap: 890,
  cuda_max_good: 12.8, driver_version: '570.169', cpu_name: 'AMD EPYC 7543', cpu_cores_effective: 16, cpu_ram: 64_000, disk_space: 400, disk_bw: 2100, disk_name: 'nvme',
  inet_up: 500, inet_down: 800, inet_up_cost: 0.01, inet_down_cost: 0.002, pcie_bw: 24, direct_port_count: 20, geolocation: 'Texas, US', country_code: 'US', datacenter: false,
  static_ip: false, verified: true, reliability: 0.99, dlperf: 83.7, dlperf_per_dphtotal: 240, total_flops: 82.6, score: 300, dph_base: 0.33, dph_total: 0.34, min_bid: null,
  is_bid: false, storage_cost: 0.15, storage_total_cost: 0.01, duration: 2_592_000, ...over,
});

/** Many different offers from a fixed sequence; some numbers are missing, as in the market. */
export const manyOffers = (count: number): Offer[] => {
  let state = 42;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const names = ['RTX 4090', 'RTX 3090', 'H100 SXM', 'A100 PCIE', 'RTX 5090', 'L40S', 'RTX 3060'];
  const countries = ['US', 'CA', 'DE', 'NO', 'BR', 'JP'];
  return Array.from({ length: count }, (_, index) => {
    const country = countries[Math.floor(next() * countries.length)]!;
    return offerWith({
      id: index + 1, machine_id: 1000 + index, gpu_name: names[Math.floor(next() * names.length)]!, num_gpus: 2 ** Math.floor(next() * 4), dph_total: next() * 3,
      dlperf: next() < 0.05 ? null : next() * 200, reliability: next() < 0.02 ? null : 0.6 + next() * 0.4, inet_down: Math.round(next() * 2000),
      geolocation: `, ${country}`, country_code: country, verified: next() < 0.7, disk_space: Math.round(next() * 4000), duration: next() * 1e7,
    });
  });
};
