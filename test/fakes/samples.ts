// One plausible value of each of the contract's shapes, and of the data of each error.
import type { Account, CreatedSnapshot, ErrorCode, ErrorData, Instance, InstanceWithOperation, LogLine, Notice, Offer, OffersPage, Operation, Proof, RepositoryDetail, RepositoryItem, RepositoryView, RestoreResult, RetentionPlan, RetentionPolicy, RetentionView, Safety, Schedule, ScheduledRun, SettingsView, Snapshot, SnapshotFile, Source, SourcePreview, Upkeep, UpdateState, Welcome } from '../../src/contract';
import { sourceOptions } from '../../src/contract/sources';

export const operationId = '2f1c6d0a-5d1e-4c56-9f0b-0a4b6f1d2c3e';
export const snapshotId = 'ab'.repeat(32);
const at = '2026-11-20T10:00:00.000Z';

export const offer: Offer = {
  id: 31196032, machine_id: 13826, host_id: 275109, gpu_name: 'RTX 4090', num_gpus: 1, gpu_ram: 24564, gpu_total_ram: 24564, gpu_mem_bw: 885.4, gpu_arch: 'nvidia', compute_cap: 890,
  cuda_max_good: 12.4, driver_version: '550.90.07', cpu_name: 'AMD Ryzen 9 7950X', cpu_cores_effective: 32, cpu_ram: 64000, disk_space: 777.4, disk_bw: 2392.7, disk_name: 'nvme', inet_up: 831.2,
  inet_down: 914.9, inet_up_cost: 0.0018, inet_down_cost: null, pcie_bw: 24.1, direct_port_count: 249, geolocation: 'Portugal, PT', country_code: 'PT', datacenter: false, static_ip: true,
  verified: true, reliability: 0.994, dlperf: 91.2, dlperf_per_dphtotal: 260.1, total_flops: 82.6, score: 412.7, dph_base: 0.33, dph_total: 0.35, min_bid: 0.2, is_bid: false, storage_cost: 0.15,
  storage_total_cost: 0.02, duration: 2_592_000,
};

export const offersPage: OffersPage = { offers: [offer], count: 1, total: 1, not_asked_for: 0, unreadable: 2, fetched_at: at, allocated_storage: 50 };

export const instance: Instance = {
  id: 7, label: 'my-gpu-instance', state: 'running', actual_status: 'running', intended_status: 'running', cur_state: 'running', status_msg: null, machine_id: 13826, host_id: 275109, gpu_name: 'RTX 4090',
  num_gpus: 1, gpu_ram: 24564, gpu_util: 12.5, gpu_temp: 51, cpu_name: 'AMD Ryzen 9 7950X', cpu_cores_effective: 32, cpu_ram: 64000, disk_space: 100, disk_usage: 3.5,
  inet_up: 831.2, inet_down: 914.9, inet_up_cost: 0.0018, inet_down_cost: null, geolocation: 'Portugal, PT', image: 'pytorch/pytorch', is_bid: false, dph_total: 0.35, storage_total_cost: 0.02, cost_per_hour: 0.35, start_date: at,
  end_date: null, uptime_s: 3600, ssh: { host: '127.0.0.1', port: 2222, user: 'root', command: 'ssh -p 2222 root@127.0.0.1' }, data_directory: '/workspace', operation_id: null,
};

export const instanceWithOperation: InstanceWithOperation = { ...instance, operation_id: operationId };

export const account: Account = { credit: 12.5, credit_as_of: at, burn_per_hour: 0.35, runway_hours: 35.7, as_of: at, stale: false, problem: null };

export const operation: Operation = {
  id: operationId, kind: 'snapshot', state: 'running', instance_id: 7, snapshot_id: null, title: '/workspace', progress: { phase: 'fetch', bytes_done: 10, bytes_total: 20, files_done: 1, files_total: null },
  cancellable: true, asks: null, error: null, warnings: [], created_at: at, ended_at: null,
};

export const notice: Notice = { id: 'credit_low:account', rule: 'credit_low', urgent: false, route: '#/instances', label: '', schedule: null, problem: null, at: null, operation: null, account };

export const logLine: LogLine = { at, level: 'info', src: 'remote', text: 'hello' };

export const snapshot: Snapshot = {
  id: snapshotId, short_id: snapshotId.slice(0, 8), time: at, hostname: 'my-gpu-instance', tags: ['auto-backup'], paths: ['/workspace'], repository_id: 'default', instance_id: 7, label: 'my-gpu-instance', result: 'ok', warnings: [],
  size_bytes: 1024, file_count: 3, proof: { state: 'none', at: null, coverage: 0, weak: false }, pinned: false,
};

export const createdSnapshot: CreatedSnapshot = {
  ...snapshot, snapshot_id: snapshotId, operation_id: operationId, unchanged: false, files_new: 3, files_changed: 0, files_unmodified: 0, total_files_processed: 3, data_added: 900, total_bytes_processed: 1024,
};

export const proof: Proof = {
  id: 'a1b2', snapshot_id: snapshotId, operation_id: operationId, at, kind: 'full', result: 'ok', weak: false, files: 3, bytes: 1024, total_files: 3, total_bytes: 1024, command: 'none', problems: [],
};

export const safety: Safety = {
  instance_id: 7, verdict: 'proven', asks: false, max_age_days: 7,
  sources: [{ path: '/workspace', verdict: 'proven', snapshot: { id: snapshotId, short_id: snapshotId.slice(0, 8), time: at, result: 'ok' }, proof: { snapshot_id: snapshotId, at, snapshot_time: at, coverage: 1 } }],
  snapshot_first: { paths: ['/workspace'], pause: 'off', destroy: 'taken' },
};

export const snapshotFile: SnapshotFile = {
  path: 'runs/7/train.log', path64: null, name: 'train.log', type: 'file', size: 2048, mtime: at, mode: '644', uid: 0, gid: 0, target: null, sha256: null, stored: true, entries: null, files: null,
};

export const restoreResult: RestoreResult = { success: true, snapshot_id: snapshotId, target_path: '/workspace', files_restored: 3, errors: [], operation_id: operationId };

export const repository: RepositoryView = {
  state: 'ready', path: '/data/repository', size_bytes: 4096, snapshot_count: 1, restic: { path: '/usr/bin/restic', version: '0.18.0', advice: 'ok', from: 'path' }, ssh: { path: '/usr/bin/ssh', version: '9.2' }, recovery_key: false,
};

export const source: Source = {
  id: operationId, instance_id: 7, label: 'my-gpu-instance', path: '/workspace', options: sourceOptions.parse({ exclude: ['*.tmp'] }), snapshot_count: 1, last_snapshot_at: at, fetch_rate: 2.5e6, created_at: at,
};

export const sourcePreview: SourcePreview = {
  operation_id: operationId, instance_id: 7, path: '/workspace', options: source.options, total: { files: 5, bytes: 5000 }, kept: { files: 4, bytes: 4000 }, fetch: { files: 2, bytes: 2000 },
  left_out: [{ reasons: ['pip'], files: 1, bytes: 1000, fetch_files: 1, fetch_bytes: 1000 }], directories: [{ name: 'data', files: 5, bytes: 5000, fetch_bytes: 2000, left_out_bytes: 1000 }],
  largest: [{ path: 'data/big', bytes: 3000, fetch: true, reasons: [] }], rate: { bytes_s: 1e6, from: 'last_fetch' }, seconds: 0.002, dollars_per_gb: 0.0018, dollars: 3.6e-9,
};

export const settingsView: SettingsView = {
  vast_api_key: { set: true, last4: '746c' },
  settings: {
    language: 'pt-BR', theme: 'dark', default_image: 'pytorch/pytorch', default_disk_size: 50, keep_signed_in: true, listen_http: false, close_to_tray: true, restic_path: null, export_folder: null, first_steps_done: true,
    proof_max_age_days: 7, rehearsal_budget_gb: 10, rehearsal_command: null, rehearsal_command_minutes: 10,
    snapshot_before_pause: true, snapshot_before_destroy: true, snapshot_before_contract_end: true, snapshot_before_credit_end: false, check_updates: true, pause_if_snapshot_fails: false,
    notifications: 'warnings', credit_warning_hours: 12, quiet_hours: false, quiet_from: '22:00', quiet_to: '07:00',
  },
  secret_store: { backend: 'vault', status: 'unavailable' }, vast_url: 'https://console.vast.ai', demo: false, version: '0.1.0', data_folder: '/data', data_exposed: false, http_address: null,
};

export const updateState: UpdateState = { kind: 'available', possible: true, version: '0.2.0', notes: 'What changed', percent: null, problem: null, waits: false, checked_at: at };

export const welcome: Welcome = { version: '0.1.0', demo: null, has_accounts: true, setup_code_required: false, remembered: false, secret_store: 'vault', desktop: false };

export const repositoryItem: RepositoryItem = {
  id: 'default', name: 'disk', kind: 'local', location: '/mnt/disk', is_default: true, state: 'ready', credentials: [], size_bytes: 1024, snapshot_count: 3, source_count: 1, recovery_key: false, created_at: at,
};

export const repositoryDetail: RepositoryDetail = { ...repositoryItem, problem: null, locks: [{ holder: 'me@here (process 5)', since: at, exclusive: false, removable: true }] };

/** One value of the data of every error; a new code without one does not compile. */
export const errorSamples: { readonly [Code in ErrorCode]: ErrorData<Code> } = {
  invalid_input: { issues: [{ path: 'settings.restic_path', message: 'an absolute path' }] },
  unauthorized: {},
  wrong_credentials: {},
  too_many_attempts: { retry_after_s: 4 },
  email_taken: {},
  registration_closed: {},
  setup_code_required: {},
  forbidden: { reason: 'restic_path' },
  not_found: { kind: 'instance', id: 7 },
  desktop_only: {},
  secret_store_unavailable: { backend: 'keychain', reason: 'timeout' },
  vault_locked: {},
  vast_key_missing: {},
  vast_key_rejected: {},
  vast_permission: { detail: 'instance_write' },
  vast_unreachable: { attempts: 3 },
  vast_rate_limited: { retry_after_s: 2.5 },
  vast_error: { status: 500, slug: null, detail: 'oops' },
  insufficient_credit: { credit: 0.02 },
  offer_gone: { offer_id: 31196032 },
  price_changed: { shown_dph: 0.3, dph_total: 0.35 },
  rent_unconfirmed: { intent_id: 'k3x', operation_id: operationId },
  instance_stopped: { detail: 'Error response from daemon: no such device' },
  instance_state: { state: 'stopped' },
  operation_ended: { state: 'succeeded' },
  cancelled: { operation_id: operationId },
  ssh_key_exposed: { path: '/data/ssh/user/id_ed25519' },
  ssh_missing: { hint: 'apt install openssh-client' },
  ssh_unreachable: { host: 'ssh1.vast.ai', port: 2222, detail: 'timed out' },
  ssh_refused: { host: 'ssh1.vast.ai', port: 2222 },
  host_key_changed: { instance_id: 7, host: 'ssh1.vast.ai', port: 2222, known: `SHA256:${'a'.repeat(43)}`, found: `SHA256:${'b'.repeat(43)}` },
  connection_cut: { phase: 'fetch' },
  remote_stalled: { phase: 'fetch', waited_s: 60 },
  remote_tool_missing: { missing: ['tar'] },
  remote_failed: { phase: 'scan', exit_code: 2, detail: 'find: no' },
  remote_untrusted: { detail: 'a link' },
  source_missing: { path: '/workspace' },
  source_taken: { source_id: operationId },
  hook_failed: { hook: 'before', exit_code: 1, timed_out: false, detail: 'pg_dump: no' },
  fetch_too_large: { bytes: 3_000_000_000, limit_bytes: 1_000_000_000, files: 4, largest: 'data/a.bin' },
  source_too_large: { entries: 3, bytes: 4, limit: 'bytes', directory: 'cache' },
  restic_missing: { hint: 'apt install restic' },
  restic_too_old: { version: '0.11.0', minimum: '0.14.0' },
  restic_failed: { exit_code: 1, output: 'Fatal' },
  repository_missing: { path: '/data/repository' },
  repository_wrong_password: {},
  repository_password_taken: {},
  repository_password_left: { detail: 'restic was killed.' },
  repository_locked: { holder: 'PID 7 on other' },
  repository_unreachable: { reason: 'network', detail: 'connection refused' },
  repository_location: { reason: 'not_empty' },
  repository_exists: { location: '/mnt/disk' },
  repository_in_use: { reason: 'default' },
  repository_damaged: { output: 'pack missing' },
  guard_failed: { detail: 'one file more' },
  proof_failed: { snapshot_id: 'a'.repeat(64), problem_count: 1, problems: ['Another content: model.pt'] },
  snapshot_not_indexed: { snapshot_id: snapshotId, operation_id: operationId },
  different_sources: {},
  http_only: {},
  disk_full: { path: '/data' },
  target_not_empty: { path: '/tmp/out' },
  target_forbidden: { export_folder: '/home/me/exports' },
  schedule_impossible: { reason: 'never', detail: '0 0 30 2 *' },
  schedule_running: {},
  retention_empty: {},
  retention_changed: {},
  clock_suspect: { now: at, newest: at },
  snapshot_foreign: { snapshot_id: snapshotId },
  snapshot_first_failed: { code: 'ssh_unreachable', detail: 'timed out' },
  internal: {},
};

export const scheduledRun: ScheduledRun = { slot: at, state: 'succeeded', reason: null, covers: 1, late: false, by_hand: false, operation_id: operationId, started_at: at, ended_at: at };

export const schedule: Schedule = {
  id: operationId, kind: 'snapshot', source: { id: operationId, instance_id: 7, path: '/workspace', label: 'my-gpu-instance' }, repository_id: 'default', timing: { type: 'cron', pattern: '0 3 * * *' },
  time_zone: 'America/Sao_Paulo', enabled: true, catch_up: 'once', power: 'while_running', options: {}, retention: null, next_runs: [at], overdue_since: null, waits_for: null, running: false, last_run: scheduledRun,
  asking: null, created_at: at,
};

export const retentionPolicy: RetentionPolicy = { last: 3, hourly: 0, daily: 7, weekly: 4, monthly: 0, within_days: 0 };

export const retentionView: RetentionView = { source_id: operationId, policy: retentionPolicy, confirmed: true, last_run_at: at };

export const retentionPlan: RetentionPlan = { source_id: operationId, policy: retentionPolicy, keep: [{ id: snapshotId, time: at, reasons: ['last'] }], remove: [], token: 'abc' };

export const upkeep: Upkeep = { repository_id: 'default', prune: { at, state: 'succeeded', operation_id: operationId, code: null }, check: null, rolling_check: null, part: 3, parts: 30, removed_since_prune: 2, damaged_at: null };
