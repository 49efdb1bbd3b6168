// Large lists are worked through in turns: whoever waits in the same thread is heard meanwhile.
import { describe, expect, test } from 'vitest';
import { turnsDuring } from '../../../test/fakes/turns-during';
import { foreignEntry } from './foreign-tree';
import { planRestore } from './restore-plan';
import { RestoreTar } from './restore-tar';
import { readSidecar } from './sidecar-read';

const entries = 40_000;

/** As gunzip gives them: many lines at once, all of them there already. */
async function* lines(): AsyncGenerator<string> {
  yield* ['{"format":"dumont-manifest","version":1,"directory":"/workspace","root":"workspace","instance_id":7,"taken_at":"2026-01-01T00:00:00Z","entries":0}', '{"path":"","type":"d","mode":"755","uid":0,"gid":0,"mtime":"1"}'];
  for (let number = 0; number < entries; number += 1) yield `{"path":"folder-${number % 500}/file-${number}.bin","type":"f","mode":"644","uid":0,"gid":0,"size":400,"mtime":"1700000000.5","sha256":"${'ab'.repeat(32)}"}`;
  await Promise.resolve();
}

describe(`the list of a snapshot of ${entries} files`, () => {
  test('is read, planned and filtered in turns', async () => {
    const seen = await turnsDuring(async () => {
      const sidecar = await readSidecar(lines());
      const plan = await planRestore(sidecar, undefined);
      expect([plan.files, plan.bytes, plan.whole]).toEqual([entries, entries * 400, true]);
      expect((await planRestore(sidecar, ['folder-7'].map((name) => `${name}/file-7.bin`))).files).toBe(1);
      await RestoreTar.of(plan, () => undefined);
    });
    // At most eight milliseconds each, where one turn for all of it would take many times that.
    expect(seen.turns, `the longest was ${seen.longest.toFixed(0)} ms`).toBeGreaterThan(8);
  });

  test('stops when it is told to', async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort());
    await expect(readSidecar(lines(), stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test('what restic says of entries of another client', () => {
  const node = (more: object): string => JSON.stringify({ path: '/a/b', type: 'file', mode: 0o644, uid: 1, gid: 2, size: 3, mtime: '2026-01-02T03:04:05.678901234+01:00', struct_type: 'node', ...more });
  expect(foreignEntry(node({}))).toMatchObject({ path: 'a/b', mirrorName: 'a/b', type: 'f', mode: 0o644, uid: 1, gid: 2, size: 3, mtime: '1767319445.678901234', stored: true });
  // Go keeps setuid and sticky far up.
  expect(foreignEntry(node({ mode: (1 << 23) | 0o755 }))?.mode).toBe(0o4755);
  expect(foreignEntry(node({ type: 'dir', mode: 0x8000_0000 + (1 << 20) + 0o777, size: undefined }))).toMatchObject({ type: 'd', mode: 0o1777, size: 0 });
  expect(foreignEntry(node({ type: 'fifo' }))?.stored).toBe(false);
  for (const path of ['/', '/a/../b', '/bad\ufffdname', '/a\0b']) expect(foreignEntry(node({ path }))).toBeNull();
  for (const line of ['reading password from stdin', '{"struct_type":"snapshot","time":"x"}', '']) expect(foreignEntry(line)).toBeNull();
});
