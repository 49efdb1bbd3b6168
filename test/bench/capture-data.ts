// Trees that captures are measured on, the same at every run, and how they change between two of them.
import { randomFillSync } from 'node:crypto';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Numbers from 0 to 1, the same at every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A tree: what it is called, how it is made, and the names of its small files. */
export interface Tree {
  readonly what: string;
  make(folder: string): void;
  /** Relative names of files that a change may touch. */
  readonly names: readonly string[];
}

const smallName = (index: number): string => `d${String(index % 20)}/e${String(index % 220)}/f${String(index)}.bin`;

/** Files of log-normal size around `typical` bytes in 220 directories. */
const smallFiles = (count: number, typical: number): Tree => ({
  what: `${count.toLocaleString('en')} small files`,
  names: Array.from({ length: count }, (_, index) => smallName(index)),
  make: (folder) => {
    const random = seeded(1);
    const noise = randomFillSync(Buffer.alloc(1 << 20));
    for (let index = 0; index < count; index += 1) {
      const file = path.join(folder, smallName(index));
      if (index < 4400) mkdirSync(path.dirname(file), { recursive: true });
      const gauss = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
      const size = Math.min(200_000, Math.max(1, Math.round(typical * Math.exp(gauss))));
      const start = Math.floor(random() * (noise.length - 200_001));
      writeFileSync(file, noise.subarray(start, start + size));
    }
  },
});

const writeLarge = (file: string, megabytes: number): void => {
  const block = randomFillSync(Buffer.alloc(16 << 20));
  writeFileSync(file, '');
  for (let part = 0; part < megabytes / 16; part += 1) {
    // Each block another one, or restic would keep one of them.
    block.writeDoubleLE(part + megabytes / 3, 8);
    for (let at = 0; at < block.length; at += 65_536) block.writeUInt32LE((part * 7919 + at) >>> 0, at);
    appendFileSync(file, block);
  }
};

/** 20,000 files of about 4 KiB, 80 MB. */
export const small = smallFiles(20_000, 2500);
/** 200,000 files of about 400 bytes, 80 MB. */
export const many = smallFiles(200_000, 240);

/** Checkpoints that do not compress: two of 1 GB. */
export const large: Tree = {
  what: '2 GB in two files',
  names: ['checkpoint-1.pt', 'checkpoint-2.pt'],
  make: (folder) => {
    mkdirSync(folder, { recursive: true });
    for (const name of ['checkpoint-1.pt', 'checkpoint-2.pt']) writeLarge(path.join(folder, name), 1024);
  },
};

/** A project: 5,000 source files, a venv with absolute links, blobs behind relative links, 1 GB of weights. */
export const mixed: Tree = {
  what: 'a project with 1 GB of weights',
  names: Array.from({ length: 5000 }, (_, index) => smallName(index)),
  make: (folder) => {
    smallFiles(5000, 2500).make(folder);
    mkdirSync(path.join(folder, 'venv/bin'), { recursive: true });
    mkdirSync(path.join(folder, 'hub/blobs'), { recursive: true });
    mkdirSync(path.join(folder, 'hub/snapshots'), { recursive: true });
    symlinkSync('/usr/bin/python3', path.join(folder, 'venv/bin/python'));
    for (let blob = 0; blob < 4; blob += 1) {
      writeLarge(path.join(folder, 'hub/blobs', `b${String(blob)}`), 256);
      symlinkSync(`../blobs/b${String(blob)}`, path.join(folder, 'hub/snapshots', `weights-${String(blob)}.safetensors`));
    }
  },
};

/** One file of a hundred appended to or replaced, 50 new, 10 deleted; another set at every turn. */
export const changeOnePercent = (tree: Tree, folder: string, turn: number): void => {
  for (let at = turn; at < tree.names.length; at += 100) {
    const file = path.join(folder, tree.names[at] ?? '');
    if (at % 200 === turn % 200) appendFileSync(file, `turn ${String(turn)}\n`);
    else writeFileSync(file, randomFillSync(Buffer.alloc(3000)));
  }
  for (let at = 0; at < 50; at += 1) writeFileSync(path.join(folder, `new-${String(turn)}-${String(at)}`), `new ${String(at)}`);
  if (turn > 0) for (let at = 0; at < 10; at += 1) rmSync(path.join(folder, `new-${String(turn - 1)}-${String(at)}`), { force: true });
};

/** 10 MB overwritten in place in one checkpoint: what rsync is best at. */
export const overwriteInPlace = async (folder: string, turn: number): Promise<void> => {
  const { open } = await import('node:fs/promises');
  const handle = await open(path.join(folder, 'checkpoint-1.pt'), 'r+');
  await handle.write(randomFillSync(Buffer.alloc(10 << 20)), 0, 10 << 20, ((turn + 1) * 50) << 20);
  await handle.close();
};
