// The files on a rented host: a small training project below /workspace that grows while the instance runs.
import { appendFile, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seeded, seededBytes, seededHex } from './random';
import { BadPath, resolveInside } from './tree';

/** Seconds of running between two checkpoints, and between two lines of the training log. */
export const checkpointSeconds = 60;
export const logLineSeconds = 1;
/** Bytes of one checkpoint, and how many are kept: with the rest, below 60 MB for an instance. */
export const checkpointBytes = 4_000_000;
export const keptCheckpoints = 11;
const mostLogLines = 100_000;
const stepsPerCheckpoint = 100;

/** Which files a tree gets. */
export interface WorkspaceSeed {
  readonly seed: string;
  readonly instanceId: number;
  /** Container life: another life, other files. */
  readonly life: number;
  /** Epoch seconds of the beginning of this life. */
  readonly startedAt: number;
}

const trainPy = `import argparse
import csv
import pathlib
import random
import time

import yaml


def batches(rows, size):
    for start in range(0, len(rows), size):
        yield rows[start:start + size]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", default="configs/base.yaml")
    config = yaml.safe_load(pathlib.Path(parser.parse_args().config).read_text())
    rows = list(csv.DictReader(open("data/train.csv")))
    random.seed(config["seed"])
    for epoch in range(config["epochs"]):
        for step, batch in enumerate(batches(rows, config["batch_size"])):
            loss = 2.3 * 0.98 ** (epoch * 10 + step) + random.random() * 0.05
            print(f"epoch {epoch} step {step} loss {loss:.4f}", flush=True)
            time.sleep(0.1)


if __name__ == "__main__":
    main()
`;

const readme = `# tiny-classifier

A small training job: \`python train.py --config configs/base.yaml\`.
Checkpoints go to \`checkpoints/\`, the log to \`logs/train.log\`.
`;

const csvText = (seed: string, rows: number): string => {
  const random = seeded(seed);
  const lines = Array.from({ length: rows }, (_, index) => {
    const values = Array.from({ length: 8 }, () => random.between(-3, 3).toFixed(5));
    return `${index},${values.join(',')},${random.int(0, 9)}`;
  });
  return `id,${Array.from({ length: 8 }, (_, index) => `f${index}`).join(',')},label\n${lines.join('\n')}\n`;
};

const jsonlText = (seed: string, rows: number): string => {
  const random = seeded(seed);
  const words = ['gpu', 'tensor', 'batch', 'loss', 'epoch', 'model', 'token', 'layer', 'scale', 'night', 'river', 'light'];
  return Array.from({ length: rows }, (_, id) => `${JSON.stringify({ id, text: Array.from({ length: 12 }, () => random.pick(words)).join(' ') })}\n`).join('');
};

const project = (seed: string): readonly (readonly [path: string, content: string | Buffer, mode?: number])[] => {
  const weights = seededHex(`${seed}:blob`);
  const settings = seededHex(`${seed}:config`).slice(0, 40);
  return [
    ['train.py', trainPy],
    ['README.md', readme],
    ['requirements.txt', 'torch==2.9.1\nnumpy==2.3.4\npyyaml==6.0.3\ntqdm==4.67.1\n'],
    ['configs/base.yaml', 'seed: 17\nepochs: 40\nbatch_size: 64\nlearning_rate: 3.0e-4\nmodel: tiny\n'],
    ['configs/large.yaml', 'seed: 17\nepochs: 120\nbatch_size: 256\nlearning_rate: 1.0e-4\nmodel: large\n'],
    ['data/train.csv', csvText(`${seed}:train`, 20_000)],
    ['data/valid.csv', csvText(`${seed}:valid`, 2000)],
    ['data/notes.jsonl', jsonlText(`${seed}:notes`, 4000)],
    ['run.sh', '#!/bin/sh\nset -eu\n. venv/bin/activate\nexec python train.py --config configs/base.yaml\n', 0o755],
    ['venv/pyvenv.cfg', 'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n'],
    ['venv/bin/activate', '# This file must be used with "source bin/activate".\nVIRTUAL_ENV=/workspace/venv\nexport VIRTUAL_ENV\nPATH="$VIRTUAL_ENV/bin:$PATH"\nexport PATH\n', 0o755],
    ['venv/lib/python3.11/site-packages/tiny/__init__.py', '__version__ = "0.3.1"\n'],
    [`models/hub/models--acme--tiny/blobs/${weights}`, seededBytes(`${seed}:weights`, 1_500_000)],
    [`models/hub/models--acme--tiny/blobs/${settings}`, '{"hidden_size": 256, "num_layers": 4, "vocab_size": 32000}\n'],
    ['models/hub/models--acme--tiny/refs/main', seededHex(`${seed}:revision`).slice(0, 40)],
    ['logs/train.log', ''],
  ];
};

const links = (seed: string): readonly (readonly [path: string, target: string])[] => {
  const snapshot = `models/hub/models--acme--tiny/snapshots/${seededHex(`${seed}:revision`).slice(0, 40)}`;
  return [
    ['venv/bin/python', '/usr/bin/python3'],
    ['venv/bin/python3', 'python'],
    [`${snapshot}/model.safetensors`, `../../blobs/${seededHex(`${seed}:blob`)}`],
    [`${snapshot}/config.json`, `../../blobs/${seededHex(`${seed}:config`).slice(0, 40)}`],
  ];
};

const seedText = (tree: WorkspaceSeed): string => `${tree.seed}:${tree.instanceId}:${tree.life}`;

const put = async (path: string, content: string | Buffer, mode: number, atS: number): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, content, { mode });
  await utimes(path, atS, atS);
};

const checkpointName = (index: number): string => `step-${String(index * stepsPerCheckpoint).padStart(6, '0')}.pt`;

/** One line of the training log, the same for one seed and line number. */
export const logLine = (tree: WorkspaceSeed, line: number): string => {
  const time = new Date((tree.startedAt + line * logLineSeconds) * 1000).toISOString();
  const wobble = seeded(`${seedText(tree)}:line:${line}`).between(-0.02, 0.02);
  const loss = 0.31 + 2.1 * Math.exp(-line / 180) + wobble;
  return `${time} step ${line * 8} loss ${loss.toFixed(4)} lr 3.0e-04 throughput ${(1900 + wobble * 4000).toFixed(0)} samples/s\n`;
};

/** Makes the files of a fresh container below `root`, replacing whatever was there. */
export const createTree = async (root: string, tree: WorkspaceSeed): Promise<void> => {
  await rm(root, { recursive: true, force: true });
  const workspace = join(root, 'workspace');
  await mkdir(join(root, 'root'), { recursive: true, mode: 0o700 });
  await mkdir(join(root, 'tmp'), { recursive: true });
  await put(join(root, 'root', '.bashrc'), 'cd /workspace\n', 0o644, tree.startedAt);
  for (const [path, content, mode] of project(seedText(tree))) await put(join(workspace, path), content, mode ?? 0o644, tree.startedAt);
  for (const [path, target] of links(seedText(tree))) {
    await mkdir(dirname(join(workspace, path)), { recursive: true });
    await symlink(target, join(workspace, path));
  }
  await put(join(workspace, 'checkpoints', checkpointName(1)), seededBytes(`${seedText(tree)}:checkpoint:1`, checkpointBytes), 0o644, tree.startedAt);
};

const growLog = async (root: string, tree: WorkspaceSeed, from: number, to: number): Promise<void> => {
  const first = Math.min(mostLogLines, Math.floor(from / logLineSeconds));
  const last = Math.min(mostLogLines, Math.floor(to / logLineSeconds));
  if (last <= first) return;
  const path = await resolveInside(root, '/workspace/logs/train.log', { makeParents: true, followLast: true });
  const lines = Array.from({ length: last - first }, (_, index) => logLine(tree, first + index + 1));
  await appendFile(path, lines.join(''));
  const at = tree.startedAt + last * logLineSeconds;
  await utimes(path, at, at);
};

const growCheckpoints = async (root: string, tree: WorkspaceSeed, from: number, to: number): Promise<void> => {
  // Checkpoint 1 is there from the beginning; each further one is due a while later.
  const [before, now] = [1 + Math.floor(from / checkpointSeconds), 1 + Math.floor(to / checkpointSeconds)];
  if (now <= before) return;
  const oldest = Math.max(1, now - keptCheckpoints + 1);
  const outdated = (name: string): boolean => {
    const step = /^step-(\d+)\.pt$/.exec(name);
    return step !== null && Number(step[1]) < oldest * stepsPerCheckpoint;
  };
  const at = async (name: string): Promise<Buffer> => resolveInside(root, `/workspace/checkpoints/${name}`, { makeParents: true });
  const folder = await resolveInside(root, '/workspace/checkpoints', { followLast: true });
  for (const name of await readdir(folder).catch(() => [])) if (outdated(name)) await rm((await at(name)).toString(), { force: true });
  for (let index = Math.max(oldest, before + 1); index <= now; index += 1) {
    const time = tree.startedAt + (index - 1) * checkpointSeconds;
    const path = await at(checkpointName(index));
    await rm(path.toString(), { force: true });
    await writeFile(path, seededBytes(`${seedText(tree)}:checkpoint:${index}`, checkpointBytes), { mode: 0o644, flag: 'wx' });
    await utimes(path, time, time);
  }
};

/** Lets the project run on from `from` to `to` seconds of running time. Does nothing when somebody removed /workspace. */
export const growTree = async (root: string, tree: WorkspaceSeed, from: number, to: number): Promise<void> => {
  const workspace = await resolveInside(root, '/workspace', { followLast: true });
  if (!(await stat(workspace).then((found) => found.isDirectory(), () => false))) return;
  // A project that cannot write its files any more (a file where a folder was) stops growing, as a real one would crash.
  const stuck = (error: unknown): void => {
    if (!(error instanceof BadPath) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  };
  await growLog(root, tree, from, to).catch(stuck);
  await growCheckpoints(root, tree, from, to).catch(stuck);
};
