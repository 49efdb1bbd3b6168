import { expect, it } from 'vitest';
import { turnsWhenDue } from '../../../test/fakes/turns-during';
import { compareOnHost } from './restore-compare';
import { planRestore, type RestorePlan } from './restore-plan';
import type { ManifestEntry } from './snapshot-manifest';
import type { SidecarEntry } from './sidecar';

const count = 200_000;
const entry = (name: string, more: Partial<SidecarEntry> = {}): SidecarEntry => ({
  path: name, mirrorName: name, type: 'f', mode: 0o600, uid: 0, gid: 0, size: 5, mtime: '7.25', target: '', group: '', sha256: '', sparse: false, stored: true, ...more,
});
const planOf = (entries: readonly SidecarEntry[], foreign = false): Promise<RestorePlan> => planRestore({ directory: '/w', root: 'w', foreign, entries: [entry('', { type: 'd' }), ...entries] }, undefined);
const many = Array.from({ length: count }, (_, at) => entry(`folder-${at % 500}/file-${at}`));

const there = (path: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  path, type: 'f', mode: 0o600, uid: 0, gid: 0, size: 5, blocks: 8, mtime: '7.9', ctime: '7', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '', ...more,
});

/** An instance that answers at once, so that all turns are those of the comparison. */
class Answering {
  readonly logged: string[] = [];
  readonly files: number[] = [];
  readonly stop = new AbortController();
  private readonly changed: ReadonlyMap<string, ManifestEntry | null>;

  constructor(changed: Readonly<Record<string, ManifestEntry | null>> = {}) {
    this.changed = new Map(Object.entries(changed));
  }

  compare(plan: RestorePlan): Promise<string[]> {
    const stat = (_directory: string, paths: readonly string[]): Promise<readonly ManifestEntry[]> => Promise.resolve(paths.flatMap((path) => (this.changed.has(path) ? (this.changed.get(path) ?? []) : there(path))));
    return compareOnHost({ stat }, '/w', plan, { signal: this.stop.signal, log: (_level, text) => void this.logged.push(text) }, (files) => void this.files.push(files));
  }
}

it('says what is missing and what is different, by size, whole seconds, kind and target', async () => {
  const plan = await planOf([entry('a'), entry('b'), entry('c'), entry('d'), entry('e'), entry('dir', { type: 'd' }), entry('link', { type: 'l', target: 'a' })]);
  const host = new Answering({ b: null, c: there('c', { size: 6 }), d: there('d', { mtime: '8.0' }), e: there('e', { type: 'd' }), link: there('link', { type: 'l', target: 'a' }) });
  expect(await host.compare(plan)).toEqual(['Missing on the instance: b', ...['c', 'd', 'e'].map((name) => `Different on the instance: ${name}`)]);
  expect(host.logged).toEqual([]);
  const elsewhere = new Answering({ link: there('link', { type: 'l', target: 'b' }) });
  expect(await elsewhere.compare(plan)).toEqual(['Different on the instance: link']);
  // Nobody knows where links of another client lead.
  const foreign = new Answering();
  expect(await foreign.compare(await planOf([entry('a'), entry('link', { type: 'l' })], true))).toEqual([]);
  expect(foreign.logged).toHaveLength(1);
});

it('goes through 200,000 files in turns', async () => {
  const plan = await planOf(many);
  const host = new Answering({ 'folder-7/file-7': null });
  const turns = await turnsWhenDue(async () => expect(await host.compare(plan)).toEqual(['Missing on the instance: folder-7/file-7']));
  expect(host.files).toEqual(Array.from({ length: 10 }, (_, at) => (at + 1) * 20_000));
  // Chosen, taken in and compared: three steps for each file, and a look at every 256th.
  expect(turns).toBeGreaterThan((2.9 * count) / 256);
});

it('stops in the middle when it is told to', async () => {
  const plan = await planOf(many);
  const host = new Answering();
  setImmediate(() => host.stop.abort());
  await expect(host.compare(plan)).rejects.toMatchObject({ code: 'cancelled' });
  expect(host.files.length).toBeLessThan(10);
});
