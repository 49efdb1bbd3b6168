// Carries a fault out at its moment: the trap tells when the phase begins, the wire, the repository or a timer when in it the moment has come.
import { watch } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { descendants } from '../support/processes';
import { handshakeBytes } from './phases';
import type { Fault, Moment, Point } from './points';
import type { Caught } from './traps';
import type { Running, World } from './world';

/** How long a command of restic takes when nothing else runs, milliseconds: most of it is one wait of 200 ms for locks of others. */
const usualTime = 300;

/** A fault that waits for its moment. */
export interface Strike {
  /** Resolves when it has struck; false: what was to be killed had ended before. */
  readonly struck: Promise<boolean>;
  /** Frees the disk, lets the connection go on, takes the trap away. */
  undo(): void;
}

const kill = (pids: readonly number[]): boolean => {
  let found = false;
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
      found = true;
    } catch {
      // It has ended by itself.
    }
  }
  return found;
};

/** Does it. False when there was nothing left to do it to. */
const injure = (world: World, { app }: Running, fault: Fault, pid: number, leftOnDisk: number): boolean => {
  switch (fault) {
    case 'app':
      return kill([app.program.pid]);
    case 'restic':
    case 'ssh':
      return kill([pid]);
    case 'host':
      return kill(descendants(world.sshd.pid));
    case 'cut':
      world.relay.cut();
      return true;
    case 'stall':
      world.relay.freeze();
      return true;
    case 'disk':
      world.fillDisk(leftOnDisk);
      return true;
  }
};

/** Resolves when something is made, renamed or removed in a folder, which may not be there yet. */
const firstChange = async (folder: string, signal: AbortSignal): Promise<void> => {
  for (;;) {
    try {
      await new Promise<void>((resolve, reject) => {
        const watcher = watch(folder, { signal }, () => {
          watcher.close();
          resolve();
        });
        watcher.once('error', reject);
      });
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      await delay(2);
    }
  }
};

const wireBytes = ({ phase }: Point, share: number): number => {
  const { way, bytes } = phase.wire ?? { way: 'down', bytes: 0 };
  return share < 0 ? 1500 : handshakeBytes[way] + Math.round(bytes * share * 0.95);
};

/** Waits for the moment; the call is let go on the way. */
const untilMoment = (world: World, point: Point, moment: Moment, caught: Caught, signal: AbortSignal, hit: () => boolean): Promise<boolean> => {
  switch (moment.at) {
    case 'before':
    case 'after': {
      const found = hit();
      caught.release();
      return Promise.resolve(found);
    }
    case 'bytes':
      return new Promise((resolve) => {
        world.relay.once(wireBytes(point, moment.share), point.phase.wire?.way ?? 'down', () => resolve(hit()));
        caught.release();
      });
    case 'file': {
      const changed = firstChange(world.watched(moment.folder), signal).then(hit);
      caught.release();
      return changed;
    }
    case 'time':
      caught.release();
      return delay(moment.share * usualTime, undefined, { signal }).then(hit);
  }
};

/** Prepares a fault; it strikes when the app comes to its phase. */
export const prepareStrike = (world: World, running: Running, point: Point): Strike => {
  const { program, command, skip } = point.phase.call;
  const { moment } = point;
  const over = new AbortController();
  const stop = moment.at === 'after' || (moment.at === 'file' && moment.folder === point.phase.afterwards) ? 'after' : 'before';
  world.traps.hasten(point.fault === 'stall');
  const trap = world.traps.arm(program, command, stop, skip);
  const struck = trap.caught.then((caught) => untilMoment(world, point, moment, caught, over.signal, () => injure(world, running, point.fault, caught.pid, point.leftOnDisk)));
  struck.catch(() => undefined);
  return {
    struck,
    undo: () => {
      over.abort();
      trap.disarm();
      world.traps.hasten(false);
      world.relay.unwatch();
      world.relay.thaw();
      world.freeDisk();
    },
  };
};
