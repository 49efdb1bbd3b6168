// Stubs and whole files, whatever blocks they take on the disk.
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Copy } from '../../domain/capture-ports';
import { copyMtime, storedEntry, stubFloor, type ManifestEntry } from '../../domain/snapshot-manifest';
import { DiskTree } from './mirror-tree';

let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'dumont-tree-'));
  mkdirSync(path.join(home, 'tree', 'w'), { recursive: true });
  mkdirSync(path.join(home, 'tmp'));
});
afterEach(() => rmSync(home, { recursive: true }));

const big = storedEntry(`f\t644\t0\t0\t${stubFloor + 5}\t8\t1700000000.5\t1700000000.5\t1\t1\t1`, '', 'big');
const place = (): string => path.join(home, 'tree', 'w', 'big');

/** What one pass says of the file. */
const seen = (tree = new DiskTree(home), entry: ManifestEntry = big): Copy => {
  const pass = tree.open('w', false);
  const copy = pass.visit(entry, false);
  pass.end();
  return copy;
};
const dated = (): void => utimesSync(place(), copyMtime(big), copyMtime(big));
/** Some content, and a hole for the rest. */
const writeSparse = (): void => {
  writeFileSync(place(), 'content');
  truncateSync(place(), big.size);
  dated();
};

it('a whole file of few blocks is whole', () => {
  const tree = new DiskTree(home);
  tree.open('w', false).end();
  writeSparse();
  expect(lstatSync(place()).blocks * 512).toBeLessThan(big.size);
  expect([seen(tree), seen(), tree.isWhole('w', big)]).toEqual(['whole', 'whole', true]);
});

it('a stub is one in any later run, and when a copy of the mirror has lost its holes', () => {
  const tree = new DiskTree(home);
  tree.open('w', false).end();
  tree.hollow('w', big);
  expect(lstatSync(place()).blocks * 512).toBeLessThan(big.size / 2);
  const content = readFileSync(place());
  unlinkSync(place());
  writeFileSync(place(), content);
  dated();
  expect(lstatSync(place()).blocks * 512).toBeGreaterThanOrEqual(big.size);
  expect([seen(), new DiskTree(home).isWhole('w', big)]).toEqual(['hollow', false]);
});

it('in a mirror of an older version a stub is told by its blocks once, and marked', () => {
  writeFileSync(place(), '');
  truncateSync(place(), big.size);
  dated();
  expect(new DiskTree(home).isWhole('w', big)).toBe(false);
  expect([seen(), seen()]).toEqual(['hollow', 'hollow']);
  writeSparse();
  expect(seen()).toBe('whole');
});
