// One set-up at a time in a checkout: a folder made atomically, with the holder's pid inside.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tell, toolsDir } from './project.mjs';

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** The pid inside a lock: a number, undefined when the holder is dead, or null while it is being made. */
const holder = (dir) => {
  try {
    const pid = Number(readFileSync(path.join(dir, 'pid'), 'utf8'));
    return pid > 0 && pid !== process.pid && alive(pid) ? pid : undefined;
  } catch {
    try {
      // Made a moment ago and not yet signed; after 5 s its maker must be dead.
      return Date.now() - statSync(dir).mtimeMs < 5000 ? null : undefined;
    } catch {
      return null;
    }
  }
};

const acquire = async (dir) => {
  mkdirSync(path.dirname(dir), { recursive: true });
  for (let told = false; ; ) {
    try {
      mkdirSync(dir);
      writeFileSync(path.join(dir, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = holder(dir);
    if (pid === undefined) {
      rmSync(dir, { recursive: true, force: true });
      continue;
    }
    if (!told && pid !== null) {
      tell(`Waiting for another set-up of this checkout (process ${pid}) to end`);
      told = true;
    }
    await delay(100);
  }
};

const held = new Map();

/** Runs `body` while holding the named lock; nested calls of one process share it. */
export const withLock = async (name, body) => {
  const dir = path.join(toolsDir, `${name}.lock`);
  const release = () => rmSync(dir, { recursive: true, force: true });
  if ((held.get(name) ?? 0) === 0) {
    await acquire(dir);
    process.once('exit', release);
  }
  held.set(name, (held.get(name) ?? 0) + 1);
  try {
    return await body();
  } finally {
    held.set(name, held.get(name) - 1);
    if (held.get(name) === 0) {
      process.removeListener('exit', release);
      release();
    }
  }
};
