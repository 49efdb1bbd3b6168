// An instance, an account, an operation and a schedule for tests of the tray, of needs and of notifications.
import type { Account, Instance, Operation, Schedule, Source } from '../../src/contract';
import type { Facts } from '../../src/main/domain/needs';

/** Noon of the day that these tests take place on, ms. */
export const noon = Date.parse('2026-11-20T12:00:00Z');
export const at = (ms: number): string => new Date(ms).toISOString();

export const anInstance = (change: Partial<Instance> = {}): Instance => ({
  id: 7, label: 'train', state: 'running', actual_status: 'running', intended_status: 'running', cur_state: 'running', status_msg: null, machine_id: 1, host_id: 1, gpu_name: 'RTX 4090', num_gpus: 1,
  gpu_ram: 24564, gpu_util: 90, gpu_temp: 60, cpu_name: null, cpu_cores_effective: 8, cpu_ram: 64000, disk_space: 100, disk_usage: 10, inet_up: null, inet_down: null, inet_up_cost: 0.01, inet_down_cost: 0.01, geolocation: 'US', image: 'x',
  is_bid: false, dph_total: 0.34, storage_total_cost: 0.02, cost_per_hour: 0.34, start_date: null, end_date: null, uptime_s: 60, ssh: null, data_directory: '/workspace', operation_id: null, ...change,
});

export const anAccount = (change: Partial<Account> = {}): Account => ({ credit: 17, credit_as_of: at(noon), burn_per_hour: 0.34, runway_hours: 50, as_of: at(noon), stale: false, problem: null, ...change });

export const anOperation = (change: Partial<Operation> = {}): Operation => ({
  id: '11111111-1111-4111-8111-111111111111', kind: 'destroy', state: 'running', instance_id: 7, snapshot_id: null, title: 'train', progress: null, cancellable: false, asks: null, error: null, warnings: [],
  created_at: at(noon), ended_at: null, ...change,
});

/** One that failed a minute ago. */
export const aFailure = (change: Partial<Operation> = {}): Operation =>
  anOperation({ kind: 'pause', state: 'failed', ended_at: at(noon - 60_000), error: { code: 'vast_unreachable', message: 'Vast.ai could not be reached.', data: { attempts: 1 } }, ...change });

export const aSchedule = (change: Partial<Schedule> = {}): Schedule => ({
  id: '22222222-2222-4222-8222-222222222222', kind: 'snapshot', source: { id: '33333333-3333-4333-8333-333333333333', instance_id: 7, path: '/workspace', label: 'train' }, repository_id: 'default',
  timing: { type: 'every', minutes: 60 }, time_zone: 'UTC', enabled: true, catch_up: 'once', power: 'while_running', options: {}, retention: null, next_runs: [at(noon + 2 * 3_600_000)], overdue_since: null, waits_for: null,
  running: false, last_run: null, asking: null, created_at: at(noon), ...change,
});

export const aSource = (change: Partial<Source> = {}): Source => ({
  id: '33333333-3333-4333-8333-333333333333', instance_id: 7, label: 'train', path: '/workspace', snapshot_count: 1, last_snapshot_at: at(noon - 3 * 3_600_000), fetch_rate: null, created_at: at(noon),
  options: {
    presets: { pip: true, conda: true, huggingface: true, pycache: true, node_modules: true, sockets: true, git_objects: false }, exclude: [], ignore_file: true, max_file_bytes: null, max_fetch_bytes: null, full_local_copy: false, bandwidth_kib_s: null,
    low_priority: true, before: null, after: null,
  },
  ...change,
});

export const someFacts = (change: Partial<Facts> = {}): Facts => ({ instances: [anInstance()], account: anAccount(), problem: null, operations: [], schedules: [], sightings: new Map(), watchedSince: 0, ...change });
