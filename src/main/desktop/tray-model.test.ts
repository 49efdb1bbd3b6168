// The tray's first line is money; then every instance with the one action that fits its state.
import { describe, expect, it } from 'vitest';
import type { Account, Instance, Operation } from '../../contract';
import { trayModel, type TrayItem, type TrayState } from './tray-model';

const now = Date.parse('2026-11-20T12:00:00Z');

const instance = (change: Partial<Instance>): Instance => ({
  id: 7, label: 'train', state: 'running', actual_status: 'running', intended_status: 'running', cur_state: 'running', status_msg: null, machine_id: 1, host_id: 1, gpu_name: 'RTX 4090', num_gpus: 1,
  gpu_ram: 24564, gpu_util: 90, gpu_temp: 60, cpu_name: null, cpu_cores_effective: 8, cpu_ram: 64000, disk_space: 100, disk_usage: 10, inet_up: null, inet_down: null, inet_up_cost: 0.01, inet_down_cost: 0.01, geolocation: 'US', image: 'x',
  is_bid: false, dph_total: 0.34, storage_total_cost: 0.02, cost_per_hour: 0.34, start_date: null, end_date: null, uptime_s: 60, ssh: null, data_directory: '/workspace', operation_id: null, ...change,
});
const account: Account = { credit: 17, burn_per_hour: 0.34, runway_hours: 50, as_of: new Date(now).toISOString(), stale: false, problem: null };
const operation = (change: Partial<Operation>): Operation => ({
  id: '11111111-1111-4111-8111-111111111111', kind: 'destroy', state: 'running', instance_id: 7, snapshot_id: null, title: 'train', progress: null, cancellable: false, asks: null, error: null, warnings: [],
  created_at: new Date(now).toISOString(), ended_at: null, ...change,
});
const state = (change: Partial<TrayState>): TrayState => ({ language: 'en', now, signedIn: true, instances: [instance({})], account, operations: [], lastSpend: null, ...change });
const labels = (items: readonly TrayItem[]): string[] => items.flatMap((item) => (item.kind === 'separator' ? [] : [item.label]));
const item = (items: readonly TrayItem[], id: string): Exclude<TrayItem, { kind: 'separator' }> | undefined =>
  items.find((each): each is Exclude<TrayItem, { kind: 'separator' }> => each.kind !== 'separator' && each.id === id);

describe('tray model', () => {
  it('says first what is spent and how long the credit lasts', () => {
    const model = trayModel(state({}));
    expect(labels(model.items)[0]).toBe('$0.34 per hour · credit $17.00, lasts 50 h');
    expect(model.icon).toBe('spending');
    expect(labels(trayModel(state({ language: 'pt-BR' })).items)[0]).toMatch(/^US\$\s0,34 por hora · crédito US\$\s17,00, dura 50 h$/);
  });
  it('offers pause to what runs and resume to what is paused, and neither twice', () => {
    expect(item(trayModel(state({})).items, 'pause-7')).toMatchObject({ enabled: true, action: { type: 'pause', instanceId: 7 } });
    const paused = trayModel(state({ instances: [instance({ state: 'stopped', cost_per_hour: 0.02 })] }));
    expect(item(paused.items, 'resume-7')).toMatchObject({ enabled: true, action: { type: 'resume', instanceId: 7 } });
    expect(item(paused.items, 'pause-7')).toBeUndefined();
    expect(item(trayModel(state({ instances: [instance({ operation_id: operation({}).id })] })).items, 'pause-7')?.enabled).toBe(false);
    expect(item(trayModel(state({ instances: [instance({ state: 'offline' })] })).items, 'pause-7')).toBeUndefined();
  });
  it('without a signed-in user shows the last spend with its age, and no action on instances', () => {
    const model = trayModel(state({ signedIn: false, lastSpend: { perHour: 0.5, at: now - 2 * 3_600_000 } }));
    expect(labels(model.items)).toEqual(['Last known: $0.50 per hour, 2 h ago', 'Sign in…', 'Quit']);
  });
  it('marks what needs the user', () => {
    const pending = trayModel(state({ operations: [operation({})] }));
    expect(pending.icon).toBe('attention');
    expect(labels(pending.items)).toContain('train: being destroyed, still billed');
    expect(labels(trayModel(state({ operations: [operation({ kind: 'create', asks: 'still_loading' })] })).items).join()).toContain('still loading after 20 minutes');
    const failed = operation({ kind: 'pause', state: 'failed', ended_at: new Date(now - 60_000).toISOString() });
    expect(labels(trayModel(state({ operations: [failed] })).items)).toContain('train: pausing failed');
    expect(trayModel(state({ operations: [{ ...failed, ended_at: new Date(now - 7_200_000).toISOString() }] })).icon).toBe('spending');
  });
  it('says that figures are old', () => {
    const old: Account = { ...account, stale: true, as_of: new Date(now - 30 * 60_000).toISOString() };
    expect(labels(trayModel(state({ account: old })).items)[1]).toBe('Vast.ai does not answer; figures are 30 min old');
  });
  it('is idle with nothing rented', () => {
    const model = trayModel(state({ instances: [], account: { ...account, burn_per_hour: 0, runway_hours: null } }));
    expect(model.icon).toBe('idle');
    expect(labels(model.items)).toContain('No instances');
  });
});
