// Whatever changes, breaks off or is deleted between captures, a snapshot holds the host's files: with the real stage and mirror, against a model of restic.
import { existsSync, lstatSync, truncateSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureWorld } from '../../../../test/fakes/capture-world';
import { captureBudget } from '../../domain/capture-ports';
import { stubFloor } from '../../domain/snapshot-manifest';

const big = stubFloor;

describe('captures', () => {
  let world: CaptureWorld;
  beforeEach(() => (world = new CaptureWorld()));
  afterEach(() => world.remove());

  const fill = (count: number): void => {
    for (let at = 0; at < count; at += 1) world.host.write(`d${at % 2}/big-${at}`, big + at);
    for (let at = 0; at < 3; at += 1) world.host.write(`small-${at}`, 10);
  };

  it('keep stubs of big files that a snapshot holds, and later snapshots hold their content', async () => {
    fill(2);
    const first = await world.take();
    expect(world.held(first)).toEqual(world.onHost());
    expect(world.used()).toBeLessThan(big / 2);
    world.host.write('small-1', 20);
    world.host.fetched = [];
    const second = await world.take();
    expect(world.held(second)).toEqual(world.onHost());
    expect(world.host.fetched).toEqual(['small-1']);
    world.host.write('d0/big-0', big, true);
    expect(world.held(await world.take())).toEqual(world.onHost());
    expect(await world.take()).toBe([...world.restic.snapshots.keys()].at(-1));
  });

  it('go in batches with partial snapshots, and leave only the complete one', async () => {
    fill(9);
    const id = await world.take();
    expect(world.held(id)).toEqual(world.onHost());
    expect([...world.restic.snapshots.keys()]).toEqual([id]);
    expect(Number.parseInt(id, 16)).toBeGreaterThan(2);
    expect(world.used()).toBeLessThan(big / 2);
    expect(world.host.fetched).toHaveLength(12);
  });

  it('go on where they broke off, and fetch nothing twice', async () => {
    fill(9);
    for (const files of [2, 3, 1, 4]) {
      world.host.breakAfter = files;
      await expect(world.take()).rejects.toThrow('cut');
      expect(world.used()).toBeLessThan(5 * big);
    }
    world.host.breakAfter = Infinity;
    expect(world.held(await world.take())).toEqual(world.onHost());
    expect(world.host.fetched).toHaveLength(12);
    expect(new Set(world.host.fetched).size).toBe(12);
  });

  it('fetch whole files again when the snapshot that the stubs stand on is gone', async () => {
    fill(2);
    world.restic.snapshots.delete(await world.take());
    world.host.fetched = [];
    expect(world.held(await world.take())).toEqual(world.onHost());
    expect(world.host.fetched.sort()).toEqual(['d0/big-0', 'd1/big-1']);
    world.row = { ...world.row, parentId: null };
    world.restic.snapshots.clear();
    world.host.fetched = [];
    expect(world.held(await world.take())).toEqual(world.onHost());
    expect(world.host.fetched.sort()).toEqual(['d0/big-0', 'd1/big-1']);
  });

  it('keep real files where the file system has no holes, and where a full copy is asked for', async () => {
    world.remove();
    for (const [holes, fullCopy] of [[false, false], [null, true]] as const) {
      world = new CaptureWorld({ ...captureBudget, bytes: 3 * big, files: 4 }, holes);
      fill(5);
      expect(world.held(await world.takeWith(fullCopy))).toEqual(world.onHost());
      expect(world.used()).toBeGreaterThan(5 * big);
      expect(world.restic.snapshots.size).toBe(1);
      world.host.write('small-0', 11);
      world.host.fetched = [];
      expect(world.held(await world.takeWith(fullCopy))).toEqual(world.onHost());
      expect(world.host.fetched).toEqual(['small-0']);
      if (holes === null) world.remove();
    }
    world = new CaptureWorld();
    fill(2);
    await world.take();
    expect(world.used()).toBeLessThan(big / 2);
    world.host.write('small-0', 12);
    expect(world.held(await world.takeWith(true))).toEqual(world.onHost());
    expect(world.used()).toBeGreaterThan(2 * big);
  });

  it('tell whole files from stubs where the file system compresses', async () => {
    world.host.compressing = true;
    fill(9);
    world.host.breakAfter = 3;
    await expect(world.takeWith(true)).rejects.toThrow('cut');
    world.host.breakAfter = Infinity;
    expect(world.held(await world.takeWith(true))).toEqual(world.onHost());
    expect(new Set(world.host.fetched).size).toBe(12);
    expect(world.host.fetched).toHaveLength(12);
    world.host.write('small-0', 11);
    world.host.fetched = [];
    expect(world.held(await world.takeWith(true))).toEqual(world.onHost());
    expect(world.host.fetched).toEqual(['small-0']);
    // A full copy is wanted no more, and wanted again.
    world.host.write('small-0', 12);
    await world.takeWith(false);
    world.host.write('small-0', 13);
    world.host.fetched = [];
    expect(world.held(await world.takeWith(true))).toEqual(world.onHost());
    expect(world.host.fetched).toHaveLength(10);
  });

  it('go on without a listing that is damaged, and fetch again what nothing else vouches for', async () => {
    fill(2);
    const first = await world.take();
    const listing = path.join(world.tree(), '../..', `snapshot-${first}.list`);
    truncateSync(listing, lstatSync(listing).size - 2);
    world.host.fetched = [];
    const second = await world.take();
    expect(world.held(second)).toEqual(world.onHost());
    expect(second).not.toBe(first);
    expect(existsSync(listing)).toBe(false);
  }, 10_000);

  it('have the connection of a first fetch made while a listing of its own comes, others when it is known that something changed', async () => {
    fill(1);
    // No survey, which leaves its connection to the fetch.
    world.row = { ...world.row, options: { ...world.row.options, ignore_file: false } };
    await world.take();
    expect(world.host.prepared[0]).toBe('while it is listed');
    world.host.prepared = [];
    await world.take();
    expect(world.host.prepared).toEqual([]);
    world.host.write('small-0', 11);
    await world.take();
    expect(world.host.prepared[0]).toBe('afterwards');
  });

  it('fetch nothing twice when one broke off and then the snapshot that it built on was deleted', async () => {
    fill(3);
    const first = await world.takeWith(true);
    for (const at of [0, 1, 2]) world.host.write(`small-${at}`, 20);
    world.host.breakAfter = 2;
    await expect(world.takeWith(true)).rejects.toThrow('cut');
    world.host.breakAfter = Infinity;
    world.restic.snapshots.delete(first);
    world.row = { ...world.row, parentId: null };
    world.host.fetched = [];
    expect(world.held(await world.takeWith(true))).toEqual(world.onHost());
    expect(world.host.fetched).toEqual(['small-2']);
  });

  it.each([captureBudget.named, 0])('catch a stub that is stored as content (up to %i files by name, others by their difference)', async (named) => {
    world.remove();
    world = new CaptureWorld({ ...world.budget, named });
    fill(2);
    const first = await world.take();
    const stub = path.join(world.tree(), 'd0', 'big-0');
    const parent = world.restic.snapshots.get(first)!;
    world.host.write('small-0', 11);
    // The parent does not have it any more: restic reads the stub.
    const node = parent.nodes.get('/w/d0/big-0')!;
    parent.nodes.set('/w/d0/big-0', { ...node, mtime: node.mtime + 1000n });
    await expect(world.take()).rejects.toMatchObject({ code: 'guard_failed', data: { detail: expect.stringContaining('/w/d0/big-0') as string } });
    expect([...world.restic.snapshots.keys()]).toEqual([first]);
    expect(world.row.needsFullFetch).toBe(true);
    expect(lstatSync(stub).size).toBe(big);
    world.host.fetched = [];
    expect(world.held(await world.take())).toEqual(world.onHost());
    expect(world.host.fetched).toHaveLength(5);
  });

  it('count what restic reads where every file is whole', async () => {
    world.host.write('changed', 10);
    world.host.write('same', 10);
    const first = await world.take();
    const { nodes } = world.restic.snapshots.get(first)!;
    const spoilt = (name: string): void => void nodes.set(`/w/${name}`, { ...nodes.get(`/w/${name}`)!, mtime: nodes.get(`/w/${name}`)!.mtime + 1000n });
    world.host.write('changed', 11);
    spoilt('same');
    await expect(world.take()).rejects.toMatchObject({ code: 'guard_failed', data: { detail: 'restic read 3 files that were new or changed, instead of 2' } });
    expect([...world.restic.snapshots.keys()]).toEqual([first]);
    expect(world.held(await world.take())).toEqual(world.onHost());
  });

  // Where restic is the first to see it, its snapshot is forgotten and another made; what was fetched by then is not fetched twice. Stubs are looked at, and made again.
  it.each([
    ['small-0', 'touch', ['small-0', 'small-2'], 2],
    ['small-0', 'grow', ['small-0', 'small-2'], 2],
    ['small-0', 'delete', ['small-0', 'small-2'], 1],
    ['small-0', 'replace', ['small-0', 'small-2'], 1],
    ['d0/big-0', 'touch', ['small-2'], 1],
    ['d0/big-0', 'grow', ['small-2'], 1],
    ['d0/big-0', 'delete', ['small-2'], 1],
    ['d0/big-0', 'replace', ['small-2'], 1],
  ] as const)('see to a copy of %s that something else came to (%s)', async (name, how, fetched, backups) => {
    fill(1);
    const first = await world.take();
    world.host.write('small-2', 30);
    expect(world.meddle(name, how)).toBe(true);
    world.host.fetched = [];
    const second = await world.take();
    expect(world.held(second)).toEqual(world.onHost());
    expect([...world.host.fetched].sort()).toEqual(fetched);
    expect(Number.parseInt(second, 16) - Number.parseInt(first, 16)).toBe(backups);
    expect([...world.restic.snapshots.keys()]).toEqual([first, second]);
    expect(world.row.needsFullFetch).toBe(false);
  });

  it('hold the host\'s files, whatever changes, breaks off or is deleted in between', async () => {
    const name = fc.constantFrom('a', 'b', 'd/c', 'd/e', 'f', 'g');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), name, size: fc.constantFrom(0, 7, big - 1, big, big + 5), sameTime: fc.boolean() }),
      fc.record({ kind: fc.constant('delete' as const), name }),
      fc.record({ kind: fc.constant('take' as const), stopAt: fc.constantFrom(Infinity, Infinity, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12), breakAfter: fc.constantFrom(Infinity, Infinity, 0, 1, 2, 3), failing: fc.constantFrom('no' as const, 'no' as const, 'before' as const, 'after' as const) }),
      fc.record({ kind: fc.constant('lose' as const), told: fc.boolean() }),
      fc.record({ kind: fc.constant('meddle' as const), name, how: fc.constantFrom('touch' as const, 'grow' as const, 'delete' as const, 'replace' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), fc.boolean(), fc.boolean(), async (steps, thin, named) => {
        const outcomes: (readonly [Map<string, string>, Map<string, string>])[] = [];
        const each = new CaptureWorld({ bytes: 2 * big, files: 2, named: named ? captureBudget.named : 0 }, thin ? null : false);
        try {
          for (const one of [...steps, { kind: 'take' as const, stopAt: Infinity, breakAfter: Infinity, failing: 'no' as const }]) {
            if (one.kind === 'write') each.host.write(one.name, one.size, one.sameTime);
            else if (one.kind === 'delete') each.host.files.delete(one.name);
            else if (one.kind === 'meddle') each.meddle(one.name, one.how);
            else if (one.kind === 'lose') {
              each.restic.snapshots.delete(each.row.parentId ?? '');
              if (one.told) each.row = { ...each.row, parentId: null };
            } else {
              each.stopAt = one.stopAt;
              each.host.breakAfter = one.breakAfter;
              each.restic.failing = one.failing;
              const id = await each.take().catch((error: unknown) => {
                if (!/killed|cut/.test(String(error))) throw error;
                return null;
              });
              if (id !== null) outcomes.push([each.held(id), each.onHost()]);
            }
          }
        } finally {
          each.remove();
        }
        for (const [held, onHost] of outcomes) expect(held).toEqual(onHost);
      }),
      { numRuns: 100 },
    );
  });
});
