// What the contract shows of an instance: its data directory, its address, and the operation on it.
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../contract';
import { logLines } from './instance-logs';
import { actionOn, dataDirectory, toInstance } from './instance-view';
import { justRented } from './rent-plan';

describe('the data directory', () => {
  test.each([
    ['/workspace/', '/workspace'],
    ['/data', '/data'],
    [' /data//x/../y/ ', '/data/y'],
    ['/', '/workspace'],
    ['/..', '/workspace'],
    ['data', '/workspace'],
    ['', '/workspace'],
    ['/a\nb', '/workspace'],
    ['/a\0b', '/workspace'],
    [`/${'x'.repeat(1100)}`, '/workspace'],
    ['/$(reboot)', '/$(reboot)'],
  ])('%j is %j', (said, path) => {
    expect(dataDirectory({ DATA_DIRECTORY: said })).toBe(path);
  });

  test('without the variable it is /workspace', () => {
    expect(dataDirectory({})).toBe('/workspace');
  });
});

const operation = (id: string, kind: Operation['kind'], instanceId: number | null): Operation => ({
  id, kind, state: 'running', instance_id: instanceId, snapshot_id: null, title: '', progress: null, cancellable: false, asks: null, error: null, warnings: [], created_at: '2026-11-23T00:00:00Z', ended_at: null,
});

const request = { offerId: 1, image: 'x', disk: 10, label: 'job [dc-0b6f7c1e-3a52-4e0f-9d41-5f2f7f0a9c11]', env: {}, onstart: null, bid: null };

describe('the view', () => {
  const ssh = { host: 'h', port: 22, user: 'root', command: 'ssh -p 22 root@h' };
  const row = { ...justRented(7, request), dph_total: 2, storage_total_cost: 0.5, start_date: '2026-11-23T00:00:00.000Z', ssh };
  const now = Date.parse('2026-11-23T01:00:00Z');

  test('has the user part of the label, and nothing of the environment or the intent', () => {
    const shown = toInstance({ ...row, actual_status: 'running', extra_env: { HF_TOKEN: 'secret' } }, [], now, now - 60_000);
    expect(shown).toMatchObject({ label: 'job', state: 'running', cost_per_hour: 2, uptime_s: 60, ssh, operation_id: null });
    expect(JSON.stringify(shown)).not.toMatch(/secret|dc-|full_label|next_state/);
  });

  test('has no address and no uptime while it does not run', () => {
    expect(toInstance({ ...row, actual_status: 'exited', cur_state: 'stopped', intended_status: 'stopped', next_state: 'stopped' }, [], now, now - 60_000)).toMatchObject({ state: 'stopped', ssh: null, uptime_s: null, cost_per_hour: 0.5 });
  });

  test('is not said to be up since it was rented: it may have been stopped meanwhile', () => {
    expect(toInstance({ ...row, actual_status: 'running' }, [], now)).toMatchObject({ state: 'running', uptime_s: null });
  });

  test('names the operation on it; a destroy goes before the others, a snapshot is none of them', () => {
    const active = [operation('a', 'snapshot', 7), operation('b', 'create', 7), operation('c', 'destroy', 7), operation('d', 'pause', 8)];
    expect(actionOn(7, active)?.id).toBe('c');
    expect(actionOn(7, active.slice(0, 2))?.id).toBe('b');
    expect(actionOn(9, active)).toBeNull();
    expect(toInstance(row, active, now)).toMatchObject({ state: 'destroying', operation_id: 'c' });
  });
});

describe('log lines', () => {
  test('the last ones, without escapes, overwrites and characters that turn the text', () => {
    const text = 'first\r\n 10%\r 50%\r100%\r\n\u001b[31mred\u001b[0m \u001b]0;title\u0007x\u001b]8;;http://evil\u001b\\y\u001bc\u001b[2J\tz\n\u202Eevil\u0000\n';
    expect(logLines(text, 4)).toEqual({ lines: ['first', '100%', 'red xy    z', '\uFFFDevil\uFFFD'], truncated: false });
    expect(logLines('1\n2\n3\n', 2)).toEqual({ lines: ['2', '3'], truncated: true });
    expect(logLines('', 5)).toEqual({ lines: [], truncated: false });
    expect(logLines('x'.repeat(20_000), 5).lines[0]).toHaveLength(8192);
  });
});
