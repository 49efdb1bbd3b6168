import { describe, expect, it } from 'vitest';
import { sourceSafety, stampNow, stampOf, stampsOf, worstOf, type Standing } from './proof-stamp';
import type { ProofRow, SnapshotRow } from './store-port';

const day = 86_400_000;
const now = Date.parse('2026-11-20T10:00:00.000Z');

const proof = (more: Partial<ProofRow> = {}): ProofRow => ({
  id: 'p', userId: 'u', snapshotId: 's1', sourceId: 'source', operationId: 'o', at: now - day, kind: 'full', result: 'ok', weak: false, files: 1, bytes: 10, totalFiles: 1, totalBytes: 10, command: 'none', problems: [], cursor: '', begins: null, ...more,
});
/** Of 100 files of a byte each: those after `from`, up to and with `to`. */
const part = (from: number, to: number, more: Partial<ProofRow> = {}): ProofRow =>
  proof({ kind: 'part', files: to - from, totalFiles: 100, bytes: to - from, totalBytes: 100, begins: { path: path(from), files: from, bytes: from }, cursor: path(to), ...more });
const path = (at: number): string => (at === 0 ? '' : `file/${String(at).padStart(3, '0')}`);
const snapshot = (more: Partial<SnapshotRow> = {}): SnapshotRow => ({ id: 's1', userId: 'u', sourceId: 'source', instanceId: 7, label: null, path: '/workspace', time: now - 2 * day, tags: [], result: 'ok', warnings: [], sizeBytes: 10, fileCount: 1, operationId: 'o', ...more }) as SnapshotRow;

it.each([
  ['proven', 'there', 'proven'],
  ['proven', 'damaged', 'damaged'],
  ['part', 'damaged', 'damaged'],
  ['none', 'damaged', 'damaged'],
  ['failed', 'damaged', 'failed'],
  ['proven', 'gone', 'none'],
] as const)('%s, and now %s: %s', (state, standing, shown) => {
  expect(stampNow({ state, at: null, coverage: 1, weak: false }, standing).state).toBe(shown);
});

describe('the stamp of a snapshot', () => {
  it('says none, part, proven or failed', () => {
    expect(stampOf([])).toEqual({ state: 'none', at: null, coverage: 0, weak: false });
    expect(stampOf([proof()])).toMatchObject({ state: 'proven', coverage: 1, at: '2026-11-19T10:00:00.000Z' });
    expect(stampOf([part(30, 50), part(0, 30)])).toMatchObject({ state: 'part', coverage: 0.5 });
    expect(stampOf([part(50, 100), part(0, 50)])).toMatchObject({ state: 'proven', coverage: 1 });
    expect(stampOf([part(0, 100, { files: 99 })])).toMatchObject({ state: 'part', coverage: 0.99 });
    expect(stampOf([proof({ result: 'failed' }), proof()])).toMatchObject({ state: 'failed' });
  });

  it('counts once what was restored twice, and a gap stays a gap', () => {
    const gap = stampOf([part(0, 30), part(70, 100), part(0, 40)]);
    expect(gap.state).toBe('part');
    expect(gap.coverage).toBeCloseTo(0.7);
    expect(stampOf([part(0, 30), part(70, 100), part(40, 70), part(0, 40)])).toMatchObject({ state: 'proven', coverage: 1 });
    expect(stampOf([part(20, 60), part(50, 90)]).coverage).toBeCloseTo(0.7);
    // From before it was kept where a part began.
    expect(stampOf([part(50, 100, { begins: null }), part(0, 50)])).toMatchObject({ state: 'part', coverage: 0.5 });
  });

  it('keeps a failure until all of it went well again', () => {
    expect(stampOf([part(0, 30), proof({ result: 'failed' })])).toMatchObject({ state: 'failed', coverage: 0.3 });
    expect(stampOf([part(0, 30), part(30, 100), part(10, 30, { result: 'failed' }), part(0, 50)])).toMatchObject({ state: 'proven' });
    expect(stampOf([proof(), proof({ result: 'failed' })])).toMatchObject({ state: 'proven' });
  });

  it('says when contents had no hashes', () => {
    expect(stampOf([proof({ weak: true })])).toMatchObject({ state: 'proven', weak: true });
    expect(stampsOf([proof(), proof({ snapshotId: 's2', result: 'failed' })]).get('s2')).toMatchObject({ state: 'failed' });
  });
});

describe('what a source is worth', () => {
  const policy = { now, maxAgeDays: 7, standing: (): Standing => 'there' };
  const verdict = (snapshots: readonly SnapshotRow[], proofs: readonly ProofRow[]): string => sourceSafety('/workspace', snapshots, proofs, policy).verdict;

  it('is nothing without a snapshot or a proof', () => {
    expect(verdict([], [])).toBe('no_snapshot');
    expect(verdict([snapshot()], [])).toBe('unproven');
    // Of a snapshot that was deleted meanwhile.
    expect(verdict([snapshot()], [proof({ snapshotId: 'gone' })])).toBe('unproven');
  });

  it('follows the age of the newest proof', () => {
    expect(verdict([snapshot()], [proof()])).toBe('proven');
    expect(verdict([snapshot()], [proof({ at: now - 7 * day - 1 })])).toBe('old');
    expect(verdict([snapshot({ id: 's2', time: now }), snapshot()], [proof()])).toBe('proven');
  });

  it('adds up the parts of the last days over several snapshots', () => {
    const two = [snapshot({ id: 's2', time: now - day }), snapshot()];
    expect(verdict(two, [part(40, 100, { snapshotId: 's2' })])).toBe('part');
    expect(verdict(two, [part(40, 100, { snapshotId: 's2' }), part(0, 40)])).toBe('proven');
    // The one is shorter than the other: what counts are the paths, not the shares.
    const shorter = { snapshotId: 's2', totalFiles: 70, totalBytes: 70, begins: { path: path(40), files: 10, bytes: 10 } };
    expect(verdict(two, [part(40, 100, shorter), part(0, 40)])).toBe('proven');
    expect(verdict(two, [part(40, 100, { ...shorter, begins: { ...shorter.begins, path: path(50) } }), part(0, 40)])).toBe('part');
    expect(verdict(two, [part(0, 30), part(70, 100), part(40, 70, { snapshotId: 's2' }), part(0, 40)])).toBe('proven');
    expect(verdict(two, [part(0, 30), part(70, 100), part(0, 40, { snapshotId: 's2' })])).toBe('part');
    expect(verdict(two, [part(40, 100, { snapshotId: 's2' }), part(0, 40, { at: now - 8 * day })])).toBe('part');
  });

  it('is failed while the newest snapshot is, and tells which one was proven', () => {
    const two = [snapshot({ id: 's2', time: now - day }), snapshot()];
    expect(verdict(two, [proof({ snapshotId: 's2', result: 'failed' }), proof()])).toBe('failed');
    expect(sourceSafety('/workspace', two, [proof()], policy)).toMatchObject({ snapshot: { id: 's2' }, proof: { snapshot_id: 's1', snapshot_time: '2026-11-18T10:00:00.000Z', coverage: 1 } });
    expect(worstOf(['proven', 'old', 'part'])).toBe('old');
    expect(worstOf([])).toBe('no_snapshot');
  });

  it('counts only what can be had now, and says why the newest cannot', () => {
    const two = [snapshot({ id: 's2', time: now - day }), snapshot()];
    const stands = (standing: Readonly<Record<string, Standing>>) => sourceSafety('/workspace', two, [proof({ snapshotId: 's2' }), proof()], { ...policy, standing: (row) => standing[row.id] ?? 'there' });
    expect(stands({ s1: 'gone', s2: 'gone' })).toMatchObject({ verdict: 'no_snapshot', snapshot: null, proof: null });
    expect(stands({ s2: 'gone' })).toMatchObject({ verdict: 'proven', snapshot: { id: 's1' }, proof: { snapshot_id: 's1' } });
    for (const cause of ['unreadable', 'damaged'] as const) {
      expect(stands({ s2: cause })).toMatchObject({ verdict: cause, snapshot: { id: 's2' }, proof: { snapshot_id: 's1' } });
      expect(stands({ s1: cause, s2: cause })).toMatchObject({ verdict: cause, proof: null });
    }
    expect(sourceSafety('/workspace', two, [proof()], { ...policy, standing: (row) => (row.id === 's1' ? 'damaged' : 'there') })).toMatchObject({ verdict: 'unproven', proof: null });
  });
});
