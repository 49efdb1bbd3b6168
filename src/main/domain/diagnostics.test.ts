// The diagnostic report: what it says, and that no canary gets into it from any of its parts.
import { describe, expect, it } from 'vitest';
import type { Operation, RepositoryView, Settings } from '../../contract';
import { AppError } from './app-error';
import { Diagnostics, settingsWithoutTexts, type DiagnosticsSource } from './diagnostics';
import { Redactor } from './redact';

const caller = { userId: 'u1', sessionId: 's1', transport: 'ipc' } as never;
const canaries = ['canary-key-8f3a', 'ada@example.com', 'canary-host.vast.ai', '203.0.113.77', 'my-canary-label', '/home/ada', 'canary-command'];

const settings = {
  language: 'en', theme: 'dark', close_to_tray: true, default_disk_size: 32, default_image: 'registry.canary-host.vast.ai/x', restic_path: '/home/ada/canary-restic', export_folder: null,
  rehearsal_command: 'canary-command --token canary-key-8f3a',
} as unknown as Settings;

const lines = [
  JSON.stringify({ at: '2026-11-26T01:00:00.000Z', level: 'info', event: 'app.started', version: '0.1.0' }),
  JSON.stringify({ at: '2026-11-26T01:00:01.000Z', level: 'error', event: 'operation.failed', label: 'my-canary-label', error: { message: 'root@canary-host.vast.ai (203.0.113.77) said canary-key-8f3a to ada@example.com', stack: 'at /home/ada/x.js:1' } }),
  'a cut line with canary-key-8f3a and 203.0.113.77',
];

const source: DiagnosticsSource = {
  versions: () => ({ app: '0.1.0', electron: '33.2.1' }),
  forms: () => ({ 'dumont.sqlite': 12 }),
  logTail: async (count) => lines.slice(-count),
  crashDumps: async () => [{ name: 'x.dmp', bytes: 10, at: '2026-11-26T00:00:00.000Z' }],
};

function make(overview: () => Promise<RepositoryView>): Diagnostics {
  const redactor = new Redactor();
  redactor.hide('canary-key-8f3a');
  return new Diagnostics({
    source,
    settings: { values: () => settings },
    secrets: { status: async () => ({ backend: 'vault', status: 'ready' }) },
    repositories: { overview },
    operations: { list: () => ({ operations: [{ created_at: '2026-11-26T01:00:00.000Z', kind: 'snapshot', state: 'failed', error: { code: 'host_unreachable' }, title: 'my-canary-label' } as unknown as Operation], count: 1 }) },
    redact: (text) => redactor.text(text),
    clock: { now: () => Date.parse('2026-11-26T02:00:00Z') },
    demo: false,
  });
}

const found = async (): Promise<RepositoryView> =>
  ({ state: 'ready', path: '/home/ada/repository', restic: { path: '/home/ada/restic', version: '0.19.1', advice: 'ok', from: 'bundled' }, ssh: { path: '/usr/bin/ssh', version: 'OpenSSH_9.2' } }) as unknown as RepositoryView;

describe('diagnostic report', () => {
  it('says which parts there are, how they are set and what went wrong', async () => {
    const { text, file_name } = await make(found).report(caller);
    expect(file_name).toBe('dumont-cloud-diagnostics-2026-11-26T02-00-00-000Z.txt');
    for (const fact of ['electron: 33.2.1', 'dumont.sqlite: 12', 'restic: 0.19.1, from bundled (ok)', 'ssh: OpenSSH_9.2', 'backend: vault', 'theme: dark', 'default_disk_size: 32', 'restic_path: (set)', 'export_folder: (not set)', 'snapshot failed (host_unreachable)', 'x.dmp 10 bytes', 'operation.failed']) {
      expect(text).toContain(fact);
    }
  });
  it('holds no secret, and nobody’s name', async () => {
    const { text } = await make(found).report(caller);
    for (const canary of canaries) expect(text).not.toContain(canary);
  });
  it('says why a part is not known instead of failing', async () => {
    const { text } = await make(async () => Promise.reject(new AppError('vault_locked', 'locked', {}))).report(caller);
    expect(text).toContain('not known: vault_locked');
  });
  it('shows no text of a setting that is added later', () => {
    expect(settingsWithoutTexts({ ...settings, notes_of_tomorrow: 'canary' } as unknown as Settings)).toMatchObject({ notes_of_tomorrow: '(set)' });
  });
});
