// The worker of rehearsals as it ships: bundled, in a thread of its own.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompareTree, ComparisonJob } from '../../src/main/domain/proof-ports';
import { compareInWorker } from '../../src/main/providers/rehearsal/compare-runner';
import { turnsWhenDue } from '../fakes/turns-during';
import { bundleCompareWorker } from '../support/bundled-worker';
import { makeTempDir } from '../support/temp-dir';

describe('the bundled comparison worker', () => {
  const folder = makeTempDir('dumont-compare');
  const signal = (): AbortSignal => new AbortController().signal;
  const entry = (mirrorName: string): ComparisonJob['entries'][number] => ({ mirrorName, type: 'f', size: 1, target: '', sha256: createHash('sha256').update('x').digest('hex') });
  const job = (names: readonly string[]): ComparisonJob => ({ folder: folder.at('tree'), entries: names.map(entry), whole: true });
  let compare: CompareTree;

  beforeAll(async () => {
    compare = compareInWorker(await bundleCompareWorker(folder.at('dist')));
    mkdirSync(folder.at('tree'));
    for (const name of ['a', 'b', 'stranger']) writeFileSync(folder.at('tree', name), 'x');
  });
  afterAll(() => folder.remove());

  it('compares what it is told of, and all of it', async () => {
    const names = Array.from({ length: 2500 }, (_, at) => `missing-${at}`);
    const report = await compare(job(['a', ...names, 'b']), signal(), () => undefined);
    expect(report).toMatchObject({ files: 2, bytes: 2, unhashed: 0, problemCount: 2501 });
    expect(report.problems[0]).toBe('Missing: missing-0');
    expect(await compare(job(['a', 'b', 'stranger']), signal(), () => undefined)).toMatchObject({ files: 3, problemCount: 0 });
    expect(await compare(job([]), signal(), () => undefined)).toMatchObject({ files: 0, problemCount: 3 });
  });

  it('is told of 200,000 files in turns, and stops while it is told', async () => {
    let copied = 0;
    const plain = entry('a');
    const entries = Array.from({ length: 200_000 }, (_, at) => ({
      ...plain,
      get mirrorName(): string {
        copied += 1;
        return `missing-${at}`;
      },
    }));
    const stop = new AbortController();
    let atOnce = 0;
    await turnsWhenDue(async () => {
      const comparing = compare({ folder: folder.at('tree'), entries, whole: false }, stop.signal, () => undefined);
      atOnce = copied;
      setImmediate(() => stop.abort());
      await expect(comparing).rejects.toMatchObject({ code: 'cancelled' });
    });
    expect(atOnce).toBeLessThan(5000);
    expect(copied).toBeLessThan(10_000);
  });
});
