// The tray's first line is money and its last is quit; between them every instance with what can be done at once, and what must not be overlooked.
import { describe, expect, it } from 'vitest';
import { aFailure, anAccount, anInstance, anOperation, aSchedule, aSource, at, noon, someFacts } from '../../../test/fakes/desk-samples';
import { needsOf } from '../domain/needs';
import { trayModel } from './tray-model';
import type { TrayEntry, TrayItem, TraySubmenu } from './tray-menu';
import { nothingDone, type TrayState } from './tray-state';

const hour = 3_600_000;

const state = (change: Partial<TrayState> = {}): TrayState => {
  const facts = someFacts(change);
  const now = change.now ?? noon;
  return { ...facts, language: 'en', now, signedIn: true, sources: [], needs: needsOf(facts, 12, now), doings: nothingDone, lastSpend: null, ...change };
};
type Named = TrayEntry | TraySubmenu;
const named = (items: readonly TrayItem[]): Named[] => items.filter((item) => item.kind !== 'separator');
const ids = (items: readonly TrayItem[]): string[] => named(items).map(({ id }) => id);
const labels = (items: readonly TrayItem[]): string[] => named(items).map(({ label }) => label);
const find = (change: Partial<TrayState>, id: string): Named | undefined => named(trayModel(state(change)).items).find((item) => item.id === id);

describe('the first lines', () => {
  it('say what is spent and how long the credit lasts', () => {
    const model = trayModel(state());
    expect(labels(model.items)[0]).toBe('$0.34 per hour · credit $17.00, lasts 50 h');
    expect(model.icon).toBe('spending');
    expect(labels(trayModel(state({ language: 'pt-BR' })).items)[0]).toMatch(/^US\$\s0,34 por hora · crédito US\$\s17,00, dura 50 h$/);
  });
  it('say how old the figures are', () => {
    const old = anAccount({ stale: true, as_of: at(noon - 30 * 60_000) });
    expect(labels(trayModel(state({ account: old, problem: 'vast_unreachable' })).items)[1]).toBe('Vast.ai does not answer; figures are 30 min old');
  });
  it('say how old the credit is where only that is old, and that it is not known', () => {
    const old = { account: anAccount({ credit_as_of: at(noon - 30 * 60_000) }) };
    expect(labels(trayModel(state(old)).items)[1]).toBe('Vast.ai does not say the credit; it is of 30 min ago');
    expect(labels(trayModel(state({ ...old, language: 'pt-BR' })).items)[1]).toBe('A Vast.ai não diz o crédito; ele é de 30 min atrás');
    expect(find({ account: anAccount({ credit_as_of: at(noon - 90_000) }) }, 'old-credit')).toBeUndefined();
    expect(labels(trayModel(state({ account: anAccount({ credit: null, credit_as_of: null, runway_hours: null }) })).items)[0]).toBe('$0.34 per hour · credit unknown');
  });
  it('say why there is nothing to say', () => {
    expect(labels(trayModel(state({ account: null, instances: [] })).items)[0]).toBe('Asking Vast.ai…');
    expect(labels(trayModel(state({ account: null, instances: [], problem: 'vast_unreachable' })).items)[0]).toBe('Vast.ai does not answer; nothing is known yet');
    expect(find({ account: null, instances: [], problem: 'vast_key_missing' }, 'key')).toMatchObject({ label: 'No Vast.ai key is set…', action: { type: 'open', route: '#/settings' } });
  });
  it.each([
    ['vast_key_rejected', 'Vast.ai does not accept the key…', 'A Vast.ai não aceita a chave…'],
    ['vast_permission', 'The Vast.ai key lacks a permission…', 'Falta uma permissão à chave da Vast.ai…'],
    ['secret_store_unavailable', 'The key cannot be read: the store for secrets does not answer…', 'Não é possível ler a chave: o lugar onde ficam os segredos não responde…'],
    ['vault_locked', 'The key cannot be read: sign in again…', 'Não é possível ler a chave: entre de novo…'],
  ] as const)('say at %s what is wrong and how old the figures are, with a mark that leads to the settings', (problem, said, dito) => {
    const old = { problem, account: anAccount({ stale: true, problem, as_of: at(noon - 30 * 60_000) }) };
    const model = trayModel(state(old));
    expect(labels(model.items).slice(0, 4)).toEqual(['$0.34 per hour · credit $17.00, lasts 50 h', 'Figures are 30 min old', said, '⚠ No access to the Vast.ai account']);
    expect(model.icon).toBe('attention');
    expect(find(old, `need-account_problem:${problem}`)).toMatchObject({ action: { type: 'open', route: '#/settings' } });
    expect(labels(trayModel(state({ ...old, language: 'pt-BR' })).items).slice(1, 4)).toEqual(['Números de 30 min atrás', dito, '⚠ Sem acesso à conta da Vast.ai']);
    const unknown = trayModel(state({ problem, account: null, instances: [] }));
    expect(labels(unknown.items).slice(0, 2)).toEqual([said, '⚠ No access to the Vast.ai account']);
    expect(ids(trayModel(state({ problem, account: anAccount({ as_of: null, burn_per_hour: 0 }) })).items)[0]).toBe('key');
  });
  it('without a signed-in user are the last spend with its age, and no action on instances', () => {
    const model = trayModel(state({ signedIn: false, lastSpend: { perHour: 0.5, at: noon - 2 * hour } }));
    expect(labels(model.items)).toEqual(['Last known: $0.50 per hour, 2 h ago', 'Sign in…', 'Quit']);
  });
  it('are idle with nothing rented', () => {
    const model = trayModel(state({ instances: [], account: anAccount({ burn_per_hour: 0, runway_hours: null }) }));
    expect(model.icon).toBe('idle');
    expect(ids(model.items)).toEqual(['spend', 'none', 'open', 'quit']);
  });
});

describe('instances', () => {
  it('offer pause to what runs and resume to what is paused, and neither twice', () => {
    expect(find({}, 'pause-7')).toMatchObject({ enabled: true, action: { type: 'pause', instanceId: 7 } });
    const paused = { instances: [anInstance({ state: 'stopped', cost_per_hour: 0.02 })] };
    expect(find(paused, 'resume-7')).toMatchObject({ enabled: true, action: { type: 'resume', instanceId: 7 } });
    expect(find(paused, 'pause-7')).toBeUndefined();
    expect(find(paused, 'snapshot-7')).toBeUndefined();
    expect(find({ instances: [anInstance({ operation_id: anOperation().id })] }, 'pause-7')).toMatchObject({ enabled: false });
    expect(find({ instances: [anInstance({ state: 'offline' })] }, 'pause-7')).toBeUndefined();
  });
  it('say at once that something was asked for', () => {
    const asked = find({ doings: { ...nothingDone, pending: new Set(['pause 7']) } }, 'pause-7');
    expect(asked).toMatchObject({ label: 'Pause: asked, train…', enabled: false });
  });
  it('offer a snapshot of the folder that was snapshotted last', () => {
    expect(find({}, 'snapshot-7')).toMatchObject({ label: 'Snapshot train now', action: { path: null } });
    const sources = [aSource(), aSource({ path: '/workspace/out', last_snapshot_at: at(noon - hour) }), aSource({ path: '/never', last_snapshot_at: null })];
    expect(find({ sources }, 'snapshot-7')).toMatchObject({ label: 'Snapshot train now (/workspace/out)', enabled: true, action: { type: 'snapshot', instanceId: 7, path: '/workspace/out' } });
    expect(find({ operations: [anOperation({ kind: 'snapshot' })] }, 'snapshot-7')).toMatchObject({ enabled: false });
  });
  it('are paused together only where something runs, and say how far that is', () => {
    const three = [anInstance(), anInstance({ id: 8 }), anInstance({ id: 9, state: 'stopped' })];
    expect(find({ instances: three }, 'pause-all')).toMatchObject({ label: 'Pause all (2)', enabled: true, action: { type: 'pause_all' } });
    expect(find({ instances: [anInstance({ state: 'stopped' })] }, 'pause-all')).toBeUndefined();
    expect(find({ instances: three, operations: [anOperation({ kind: 'pause' })] }, 'pause-all')).toMatchObject({ label: 'Pause all (1)' });
    const going = { instances: three, doings: { ...nothingDone, pausingAll: { done: 1, total: 2 } } };
    expect(find(going, 'pause-all')).toMatchObject({ label: 'Pausing: 1 of 2…', enabled: false });
    expect(find(going, 'pause-8')).toMatchObject({ enabled: false });
  });
  it('go into submenus when they are many, with the same actions', () => {
    const many = Array.from({ length: 40 }, (_, index) => anInstance({ id: index + 1, label: `box ${String(index)}`, state: index < 35 ? 'running' : index < 38 ? 'stopped' : 'offline', cost_per_hour: index < 35 ? 1 : 0 }));
    const model = trayModel(state({ instances: many }));
    expect(ids(model.items)).toEqual(['spend', 'need-host_offline:39', 'need-host_offline:40', 'group-running', 'group-paused', 'group-others', 'pause-all', 'open', 'quit']);
    const running = named(model.items).find((item): item is TraySubmenu => item.id === 'group-running');
    expect(running?.label).toBe('Running (35) · $35.00 per hour');
    expect(running?.items).toHaveLength(31);
    expect(labels(running?.items ?? []).at(-1)).toBe('5 more…');
    const [first] = running?.items ?? [];
    expect(first).toMatchObject({ kind: 'submenu', label: 'box 0 · running · $1.00/h' });
    expect(ids((first as TraySubmenu).items)).toEqual(['pause-1', 'snapshot-1', 'open-1']);
  });
  it('have their labels cleaned and cut', () => {
    const hostile = `a\nb & \u202Eevil\u202C \u{200B}${'x'.repeat(500)}`;
    const label = find({ instances: [anInstance({ label: hostile })] }, 'instance-7')?.label ?? '';
    expect(label).toMatch(/^a b & \u{FFFD}evil\u{FFFD} x+… · running · \$0\.34\/h$/u);
    expect(label.length).toBeLessThan(90);
    expect(find({ instances: [anInstance({ label: `z${'\u0301'.repeat(90)}` })] }, 'instance-7')?.label).toHaveLength('z'.length + 3 + ' · running · $0.34/h'.length);
  });
});

describe('marks', () => {
  it('a destroy that takes long needs the user; a new one only shows', () => {
    const young = state({ operations: [anOperation()] });
    expect(labels(trayModel(young).items)).toContain('train: being destroyed, still billed');
    expect(trayModel(young).icon).toBe('spending');
    const old = trayModel(state({ operations: [anOperation({ created_at: at(noon - 5 * 60_000) })] }));
    expect(old.icon).toBe('attention');
    expect(labels(old.items)).toContain('⚠ Not destroyed yet: train');
  });
  it('a failure stays until it was looked at, and leads to its operation', () => {
    const failed = aFailure();
    const mark = find({ operations: [failed] }, `need-${failed.id}`);
    expect(mark).toMatchObject({ label: '⚠ Pause failed: train', action: { type: 'open', route: `#/operations/${failed.id}`, seen: failed.id } });
    const seen = state({ operations: [failed], doings: { ...nothingDone, seen: new Set([failed.id]) } });
    expect(trayModel(seen).icon).toBe('spending');
    expect(labels(trayModel(seen).items).join()).not.toContain('⚠');
  });
  it('what was refused says why', () => {
    const refused = [{ id: 'r1', kind: 'resume' as const, instanceId: 7, label: 'train', problem: 'insufficient_credit', at: noon }];
    const model = trayModel(state({ doings: { ...nothingDone, refused } }));
    expect(model.icon).toBe('attention');
    expect(labels(model.items)[1]).toBe('⚠ Resume failed: train. The account lacks credit.');
    expect(labels(trayModel(state({ language: 'pt-BR', doings: { ...nothingDone, refused } })).items)[1]).toBe('⚠ Retomada falhou: train. Falta crédito na conta.');
  });
  it('can be seen all at once when there are several', () => {
    const two = [aFailure(), aFailure({ id: '44444444-4444-4444-8444-444444444444', kind: 'restore' })];
    expect(find({ operations: two }, 'seen-all')).toMatchObject({ action: { type: 'seen_all' } });
    expect(find({ operations: [aFailure()] }, 'seen-all')).toBeUndefined();
  });
});

describe('operations and snapshots', () => {
  it('show percent by bytes, else by files, else none', () => {
    const progress = { phase: 'fetch', bytes_done: 419, bytes_total: 1000, files_done: 1, files_total: 2 };
    const line = (change: Parameters<typeof anOperation>[0]): string | undefined => find({ operations: [anOperation({ kind: 'snapshot', title: 'train: /workspace', ...change })] }, `operation-${anOperation().id}`)?.label;
    expect(line({ progress })).toBe('Snapshot: train: /workspace · 41 %');
    expect(line({ progress: { ...progress, bytes_total: null } })).toBe('Snapshot: train: /workspace · 50 %');
    expect(line({})).toBe('Snapshot: train: /workspace…');
  });
  it('begun in the tray say that they ended, for a while or until seen', () => {
    const done = anOperation({ kind: 'pause', state: 'succeeded', ended_at: at(noon - 60_000) });
    const begun = { operations: [done], doings: { ...nothingDone, begun: new Set([done.id]) } };
    expect(find(begun, `done-${done.id}`)).toMatchObject({ label: '✓ Pause: train', action: { seen: done.id } });
    expect(find({ ...begun, now: noon + hour }, `done-${done.id}`)).toBeUndefined();
    expect(find({ ...begun, doings: { ...begun.doings, seen: new Set([done.id]) } }, `done-${done.id}`)).toBeUndefined();
    expect(find({ operations: [done] }, `done-${done.id}`)).toBeUndefined();
  });
  it('say which snapshot is next and how the last one went', () => {
    const schedules = [aSchedule({ next_runs: [at(noon + 5 * hour)] }), aSchedule(), aSchedule({ enabled: false, next_runs: [] })];
    expect(find({ schedules }, 'next-snapshot')?.label).toBe('Next snapshot in 2 h: train: /workspace');
    expect(find({ sources: [aSource()] }, 'last-snapshot')?.label).toBe('Last snapshot 3 h ago: train: /workspace');
    const warned = anOperation({ kind: 'snapshot', state: 'warnings', title: 'train: /workspace', ended_at: at(noon - hour) });
    expect(find({ sources: [aSource()], operations: [warned] }, 'last-snapshot')?.label).toBe('Last snapshot 1 h ago, with warnings: train: /workspace');
    const failed = aFailure({ kind: 'snapshot', title: 'train: /workspace' });
    expect(find({ operations: [failed] }, 'last-snapshot')).toMatchObject({ label: 'Last snapshot failed 1 min ago: train: /workspace', action: { route: `#/operations/${failed.id}` } });
  });
  it('that are overdue are marked', () => {
    const schedules = [aSchedule({ overdue_since: at(noon - hour) })];
    expect(labels(trayModel(state({ schedules })).items)).toContain('⚠ Snapshot overdue: train: /workspace');
  });
});
