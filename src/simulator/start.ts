// Starts a simulator inside this process: for tests, and for the simulator's own entry.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Faults } from './faults';
import { serveApi } from './http';
import type { Hosts } from './hosts';
import { realHosts, type RealSshd } from './real-hosts';
import { SimHosts, type GrowthNotes } from './sim-hosts';
import { loadState, saveState } from './state-file';
import { World } from './world';

/** How a simulator starts; everything has a default. */
export interface SimulatorOptions {
  /** 0 = any free port. */
  readonly port?: number;
  readonly seed?: string | number;
  /** Folder that keeps the world; without it a temporary one that is removed at the end. */
  readonly state?: string;
  readonly apiKey?: string;
  /** Seconds from a rental to running (default 6). */
  readonly bootSeconds?: number;
  /** Dollars on a fresh account (default 25). */
  readonly credit?: number;
  /** Machines in the market (default gives about 4,000 offers); tests that do not search may take fewer. */
  readonly machineCount?: number;
  /** One real sshd for all instances in place of the simulator's own servers. */
  readonly sshd?: RealSshd;
  /** Real epoch milliseconds; a test may give its own clock. */
  readonly wallMs?: () => number;
}

/** What a test in the same process can do directly. */
export interface SimulatorControl {
  /** Live state: market, credit, instances, faults, ledger. */
  readonly world: World;
  /** Moves simulated time forward and carries out what became due. */
  advance(seconds: number): Promise<void>;
  /** Sets simulated seconds per real second. */
  setRate(rate: number): Promise<void>;
  /** Switches faults on (a value) or off (null). */
  setFaults(faults: Partial<Faults>): Promise<void>;
  /** Brings states, charges and SSH servers up to now. */
  refresh(): Promise<void>;
  /** Folder below which the instances' trees are. */
  readonly stateFolder: string;
}

/** A running simulator. */
export interface Simulator {
  readonly url: string;
  readonly apiKey: string;
  readonly control: SimulatorControl;
  close(): Promise<void>;
}

const settleEveryMs = 1000;
const saveEverySettles = 5;

/** Growth notes in one small file per tree, beside the trees. */
const growthNotes = (folder: string): GrowthNotes => {
  const file = (id: number): string => join(folder, 'trees', `${id}.grown.json`);
  return {
    read: (id) => {
      try {
        return JSON.parse(readFileSync(file(id), 'utf8')) as ReturnType<GrowthNotes['read']>;
      } catch {
        return null;
      }
    },
    write: (id, grown) => {
      mkdirSync(join(folder, 'trees'), { recursive: true, mode: 0o700 });
      writeFileSync(file(id), JSON.stringify(grown), { mode: 0o600 });
    },
    forget: (id) => rmSync(file(id), { force: true }),
  };
};

/** Settles the world about once a second while it has instances, so that credit ends and boots finish without being asked. */
const keepSettled = (refresh: () => Promise<void>, world: World, save: () => void): NodeJS.Timeout => {
  let turns = 0;
  const timer = setInterval(() => {
    if (world.instances.length === 0) return;
    turns += 1;
    void refresh().then(() => {
      if (turns % saveEverySettles === 0) save();
    }, () => {});
  }, settleEveryMs);
  timer.unref();
  return timer;
};

/** Starts a simulator on 127.0.0.1. Rejects when the port is taken or the state folder is unusable. */
export const startSimulator = async (options: SimulatorOptions = {}): Promise<Simulator> => {
  const folder = options.state ?? mkdtempSync(join(tmpdir(), 'vast-simulator-'));
  const world = new World({
    seed: String(options.seed ?? 1), credit: options.credit ?? 25, bootSeconds: options.bootSeconds ?? 6, apiKey: options.apiKey,
    machineCount: options.machineCount, wallMs: options.wallMs ?? Date.now, saved: loadState(folder),
  });
  const hosts: Hosts = options.sshd ? realHosts(options.sshd) : new SimHosts({ stateFolder: folder, seed: world.seed, growth: growthNotes(folder) });
  const save = (): void => saveState(folder, world.save());
  const refresh = async (): Promise<void> => {
    world.settle();
    await hosts.sync(world.instances);
  };
  const cleanUp = (): void => {
    if (options.state === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const api = await serveApi({ world, hosts, refresh, changed: save }, options.port ?? 0).catch((error: unknown) => {
    cleanUp();
    throw error;
  });
  save();
  await refresh();
  const timer = keepSettled(refresh, world, save);
  const after = async (change: () => void): Promise<void> => {
    await refresh();
    change();
    await refresh();
  };
  const close = async (): Promise<void> => {
    clearInterval(timer);
    await api.close();
    world.settle();
    await hosts.close();
    if (options.state !== undefined) save();
    cleanUp();
  };
  return {
    url: api.url,
    apiKey: world.apiKey,
    close,
    control: {
      world, refresh, stateFolder: folder,
      advance: (seconds) => after(() => world.clock.advance(seconds)),
      setRate: (rate) => after(() => world.clock.setRate(rate)),
      setFaults: (faults) => after(() => world.faults.set(faults)),
    },
  };
};
