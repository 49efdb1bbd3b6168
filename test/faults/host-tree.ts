// The tree on the host: as the first snapshot saw it, and as it is when the fault strikes. The same at every run with the same seed.
import { appendFileSync, chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { seeded } from '../support/seeded';

/** Files of 1 MiB and more are those whose copies become stubs. */
const large = 1_100_000;

/** Fills an empty folder: some large files, many small ones, links of both kinds, names and modes that are easily lost. */
export const makeTree = (root: string, seed: number): void => {
  const draws = seeded(seed, 'tree');
  for (let folder = 0; folder < 6; folder += 1) {
    mkdirSync(path.join(root, `d${folder}`, 'e'), { recursive: true });
    for (let file = 0; file < 10; file += 1) writeFileSync(path.join(root, `d${folder}`, file % 2 === 0 ? 'e' : '.', `f${file}.bin`), draws.bytes(draws.whole(0, 12_000)));
  }
  for (let file = 0; file < 2; file += 1) writeFileSync(path.join(root, `weights-${file}.pt`), draws.bytes(large + draws.whole(0, 200_000)));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/bad `), Buffer.from([0xff, 0xfe]), Buffer.from(' name')]), 'not UTF-8\n');
  writeFileSync(path.join(root, `it's "größe" $(x) *`), 'a name\n');
  writeFileSync(path.join(root, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(path.join(root, 'secret'), 'private\n', { mode: 0o600 });
  mkdirSync(path.join(root, 'empty'), { mode: 0o750 });
  linkSync(path.join(root, 'weights-0.pt'), path.join(root, 'd0', 'same-weights.pt'));
  symlinkSync('weights-1.pt', path.join(root, 'latest.pt'));
  symlinkSync('/nowhere/at/all', path.join(root, 'dangling'));
  utimesSync(path.join(root, 'empty'), 1_400_000_000, 1_400_000_000);
};

/** What happened on the host since: grown, replaced, deleted, moved, new; about 5 MB to fetch, in files of all sizes. */
export const changeTree = (root: string, seed: number): void => {
  const draws = seeded(seed, 'change');
  appendFileSync(path.join(root, 'd1', 'f1.bin'), draws.bytes(5000));
  writeFileSync(path.join(root, 'd2', 'e', 'f2.bin'), draws.bytes(7000));
  rmSync(path.join(root, 'd3'), { recursive: true });
  writeFileSync(path.join(root, 'd3'), 'a file where a directory was\n');
  rmSync(path.join(root, 'latest.pt'));
  symlinkSync('weights-2.pt', path.join(root, 'latest.pt'));
  chmodSync(path.join(root, 'secret'), 0o640);
  for (let file = 2; file < 4; file += 1) writeFileSync(path.join(root, `weights-${file}.pt`), draws.bytes(large + draws.whole(0, 200_000)));
  writeFileSync(path.join(root, 'weights-1.pt'), draws.bytes(large));
  mkdirSync(path.join(root, 'new', 'deep', 'er'), { recursive: true });
  for (let file = 0; file < 24; file += 1) writeFileSync(path.join(root, 'new', file % 3 === 0 ? 'deep/er' : 'deep', `n${file}.bin`), draws.bytes(draws.whole(20_000, 90_000)));
};
