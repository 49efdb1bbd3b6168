import { expect, test } from 'vitest';
import type { Instance, Snapshot } from '../../../contract';
import { groupOf, groupSnapshots, isFolderName, isRemotePath, isTag, suggestFolder } from './group-snapshots';

const snapshot = (over: Partial<Snapshot>): Snapshot => ({
  id: 'a'.repeat(64), short_id: 'aaaaaaaa', time: '2026-11-20T10:00:00.000Z', hostname: 'one', tags: [], paths: ['/workspace'], repository_id: 'default', instance_id: 1, label: 'one', result: 'ok', warnings: [], size_bytes: 1, file_count: 1, proof: { state: 'none', at: null, coverage: 0, weak: false }, pinned: false, ...over,
});

test('groups follow the newest snapshot, and a label outlives its instance', () => {
  const groups = groupSnapshots(
    [snapshot({ instance_id: 1, label: 'old name' }), snapshot({ instance_id: 2, label: 'gone', time: '2026-11-22T10:00:00.000Z' }), snapshot({ instance_id: 1, time: '2026-11-21T10:00:00.000Z', label: null }), snapshot({ instance_id: null, hostname: 'elsewhere', label: null, time: '2026-11-01T10:00:00.000Z' })],
    [{ id: 1, label: 'new name' } as Instance],
  );
  expect(groups.map(({ key, label, instance }) => [key, label, instance?.id ?? null])).toEqual([['instance:2', 'gone', null], ['instance:1', 'new name', 1], ['host:elsewhere', 'elsewhere', null]]);
  expect(groups[1]?.snapshots.map(({ time }) => time.slice(8, 10))).toEqual(['21', '20']);
});

test('a snapshot is found in its group when an answer that came later says more of it', () => {
  const asked = snapshot({ id: 'b'.repeat(64), instance_id: 2 });
  const groups = groupSnapshots([snapshot({}), { ...asked, size_bytes: 2 }], []);
  expect(groupOf(groups, asked)?.key).toBe('instance:2');
  expect(groupOf(groups, { id: 'c'.repeat(64) })).toBeUndefined();
});

test('paths, tags and folder names are what the contract takes', () => {
  expect(['/workspace', '/'].every(isRemotePath)).toBe(true);
  expect(['workspace', '/a\nb', ''].some(isRemotePath)).toBe(false);
  expect(isTag('auto-backup')).toBe(true);
  expect(['a,b', ' ', 'a\u0007'].some(isTag)).toBe(false);
  expect(['restored', 'a/b'].every(isFolderName)).toBe(true);
  expect(['../a', '/a', 'a//b', '', 'a/..', '.'].some(isFolderName)).toBe(false);
});

test('a suggested folder is a plain name', () => {
  expect(suggestFolder('treino é/../x', '2026-11-20T10:00:00')).toBe('treino-e-..-x-2026-11-20-1000');
  expect(isFolderName(suggestFolder('../..', '2026-11-20T10:00:00'))).toBe(true);
  expect(suggestFolder(null, '2026-11-20T10:00:00')).toBe('snapshot-2026-11-20-1000');
});
