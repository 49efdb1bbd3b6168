// Opening folders and searching names in a repository with a snapshot of 200,000 files, from the index in its thread, against `restic ls` and `restic find` on the same repository.
import { existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import type { FolderQuery } from '../../src/main/domain/file-index-port';
import { ThreadedIndex } from '../../src/main/providers/index/index-threads';
import { newestRestic } from '../support/restics';
import { inTurns, median, milliseconds, ratio, timed, type Result } from './measure';

const base = existsSync('/dev/shm') ? '/dev/shm' : process.env['TMPDIR'] ?? '/tmp';
const userId = '00000000-0000-4000-8000-000000000000';
const rounds = 5;

/** 180,000 files in 1,800 folders of two levels, and 20,000 in one. */
const folders = 1800;
const perFolder = 100;
const flat = 20_000;
const words = ['train', 'model', 'checkpoint', 'data', 'loss', 'eval', 'config', 'README', 'utils', 'index'];

interface Made {
  readonly path: string;
  readonly folder: boolean;
}

function* tree(): Generator<Made> {
  yield { path: 'flat', folder: true };
  for (let file = 0; file < flat; file += 1) yield { path: `flat/sample-${String(file).padStart(6, '0')}.json`, folder: false };
  for (let group = 0; group < folders / 60; group += 1) {
    yield { path: `g${group}`, folder: true };
    for (let inner = 0; inner < 60; inner += 1) {
      yield { path: `g${group}/run-${inner}`, folder: true };
      for (let file = 0; file < perFolder; file += 1) yield { path: `g${group}/run-${inner}/${words[file % 10] ?? ''}-${group}-${inner}-${file}.bin`, folder: false };
    }
  }
}

const seconds = 1_700_000_000;
/** One file in a hundred is another one in the second snapshot. */
const isChanged = (number: number, round: number): boolean => round > 0 && number % 100 === 7;

function writeTree(root: string, round: number): void {
  let number = 0;
  for (const { path: name, folder } of tree()) {
    const file = path.join(root, name);
    if (folder) mkdirSync(file, { recursive: true });
    else if (round === 0 || isChanged(number, round)) {
      writeFileSync(file, `${name} ${round} `.repeat(10));
      utimesSync(file, seconds + round, seconds + round);
    }
    number += 1;
  }
}

/** What a capture leaves beside its mirror. */
function writeSidecar(file: string, takenAt: string, round: number): void {
  const lines = [JSON.stringify({ format: 'dumont-manifest', version: 1, directory: '/workspace', root: 'workspace', taken_at: takenAt }), JSON.stringify({ path: '', type: 'd', mode: '755', uid: 0, gid: 0, mtime: `${seconds}.0` })];
  let number = 0;
  for (const { path: name, folder } of tree()) {
    const time = `${isChanged(number, round) ? seconds + round : seconds}.0000000000`;
    lines.push(JSON.stringify(folder ? { path: name, type: 'd', mode: '755', uid: 0, gid: 0, mtime: time } : { path: name, type: 'f', mode: '644', uid: 0, gid: 0, size: 400, mtime: time, sha256: (number + round).toString(16).padStart(64, '0') }));
    number += 1;
  }
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`, { level: 1 }));
}

const idOf = (number: number): string => number.toString(16).padStart(64, '0');

class Bench {
  readonly root = path.join(base, `dumont-bench-${String(process.pid)}-index`);
  readonly index = new ThreadedIndex(this.root, path.resolve('dist/main/index-worker.js'));

  /** restic by hand, with its cache and without a lock where none is needed: as quick as it gets. */
  restic(args: readonly string[]): Promise<unknown> {
    return execa(newestRestic().file, [...args], { cwd: path.join(this.root, 'tree'), env: { RESTIC_REPOSITORY: path.join(this.root, 'repository'), RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: path.join(this.root, 'cache') } });
  }

  add(round: number): Promise<void> {
    const takenAt = new Date(seconds + round).toISOString();
    return this.index.add(userId, { id: idOf(round + 1), source: 'bench', time: seconds + round }, { kind: 'file', file: path.join(this.root, `sidecar-${round}`), takenAt, former: round === 0 ? null : path.join(this.root, `sidecar-${round - 1}`) }, new AbortController().signal, () => undefined);
  }

  folder(at: string, more: Partial<FolderQuery> = {}): Promise<unknown> {
    return this.index.folder(userId, { snapshotId: idOf(1), path: at, filter: '', sort: 'name', descending: false, offset: 0, limit: 1000, ...more });
  }

  search(text: string): Promise<unknown> {
    return this.index.search(userId, { text, snapshotId: null, limit: 100 });
  }
}

/** Both snapshots in a repository and in the index, with what that took. */
async function prepare(bench: Bench): Promise<{ readonly backup: number; readonly first: number[]; readonly second: number; readonly delay: number; readonly size: number }> {
  mkdirSync(path.join(bench.root, 'tree', 'workspace'), { recursive: true });
  await bench.restic(['init']);
  writeTree(path.join(bench.root, 'tree', 'workspace'), 0);
  const backup = await timed(() => bench.restic(['backup', '--ignore-inode', '--no-scan', 'workspace']));
  writeTree(path.join(bench.root, 'tree', 'workspace'), 1);
  await bench.restic(['backup', '--ignore-inode', '--no-scan', 'workspace']);
  writeSidecar(path.join(bench.root, 'sidecar-0'), new Date(seconds).toISOString(), 0);
  writeSidecar(path.join(bench.root, 'sidecar-1'), new Date(seconds + 1).toISOString(), 1);
  const file = path.join(bench.root, 'users', userId, 'index.sqlite');
  const first: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let round = 0; round < rounds; round += 1) {
    for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true });
    first.push(await timed(() => bench.add(0)));
  }
  delay.disable();
  const second = await timed(() => bench.add(1));
  return { backup, first, second, delay: delay.percentile(99) / 1e6, size: statSync(file).size / 1e6 };
}

async function compare(id: string, what: string, ours: () => Promise<unknown>, reference: () => Promise<unknown>): Promise<readonly Result[]> {
  await ours();
  await reference();
  const taken = await inTurns(rounds, () => timed(ours), () => timed(reference));
  return [ratio(id, `${what} (medians of ${String(rounds)})`, median(taken.ours), median(taken.reference), 0.2), milliseconds(`${id}-ours`, 'the index, in its thread', median(taken.ours)), milliseconds(`${id}-restic`, 'restic', median(taken.reference))];
}

export async function benchIndex(): Promise<readonly Result[]> {
  const bench = new Bench();
  try {
    const { backup, first, second, delay, size } = await prepare(bench);
    const ls = (at: string) => () => bench.restic(['ls', '--no-lock', '--json', 'latest', at]);
    return [
      ratio('index-build', 'adding a snapshot of 200,000 files to an empty index against restic backup of them alone', median(first), backup, 0.2),
      milliseconds('index-build-ours', `adding it (median of ${String(rounds)})`, median(first)),
      milliseconds('index-build-again', 'adding the next one, 1 % changed', second),
      milliseconds('index-build-delay', 'event-loop delay of the main thread meanwhile, p99', delay),
      { id: 'index-size', what: 'the index file, both snapshots', value: size, unit: 'MB', limit: null, holds: null },
      ...(await compare('index-folder', 'a folder of 100 files against restic ls', () => bench.folder('g7/run-31'), ls('/workspace/g7/run-31'))),
      ...(await compare('index-root', 'the first folder against restic ls', () => bench.folder(''), ls('/workspace'))),
      ...(await compare('index-flat', 'a folder of 20,000 files, first page, against restic ls', () => bench.folder('flat'), ls('/workspace/flat'))),
      ...(await compare('index-flat-size', 'the same by size, largest first', () => bench.folder('flat', { sort: 'size', descending: true }), ls('/workspace/flat'))),
      ...(await compare('index-search', 'a name over both snapshots against restic find', () => bench.search('checkpoint-7-31'), () => bench.restic(['find', '--no-lock', '--json', '*checkpoint-7-31*']))),
      ...(await compare('index-search-common', 'a part of 18,000 names over both snapshots against restic find', () => bench.search('train'), () => bench.restic(['find', '--no-lock', '--json', '*train*']))),
    ];
  } finally {
    await bench.index.close();
    await rm(bench.root, { recursive: true, force: true });
  }
}
