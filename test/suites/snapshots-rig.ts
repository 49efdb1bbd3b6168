// What the suites of snapshots stand on: the service with a real sshd, a real restic, the real database and operations; only the instance is made up.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Instance, Settings } from '../../src/contract';
import type { CaptureBudget } from '../../src/main/domain/capture-ports';
import { EventsFeed } from '../../src/main/domain/events';
import { Maintenance } from '../../src/main/domain/maintenance';
import { OperationsLog } from '../../src/main/domain/operations';
import { OwedCommands } from '../../src/main/domain/owed-commands';
import type { Caller, Clock, RentedInstance } from '../../src/main/domain/ports';
import { justRented } from '../../src/main/domain/rent-plan';
import { Repositories } from '../../src/main/domain/repositories';
import { RepositoryShelves } from '../../src/main/domain/repository-contents';
import { repositoriesService } from '../../src/main/domain/repositories-service';
import { RepositoryMaking } from '../../src/main/domain/repository-making';
import { RepositoryPasswords } from '../../src/main/domain/repository-password';
import { RepositoryRepair } from '../../src/main/domain/repository-repair';
import { RepositorySamples } from '../../src/main/domain/repository-samples';
import type { RepositoriesService, SecretsService } from '../../src/main/domain/services';
import { SnapshotQueues } from '../../src/main/domain/snapshot-queue';
import { SnapshotRepositories } from '../../src/main/domain/snapshot-repository';
import { Proofs } from '../../src/main/domain/proofs';
import type { RehearsalParts } from '../../src/main/domain/proof-run';
import { SnapshotList } from '../../src/main/domain/snapshot-list';
import type { CaptureStages } from '../../src/main/domain/capture-ports';
import { SnapshotFirst } from '../../src/main/domain/snapshot-first';
import { Snapshots } from '../../src/main/domain/snapshots';
import { Sources } from '../../src/main/domain/sources';
import type { InstancesService } from '../../src/main/domain/services';
import type { RemoteHosts, RepositoryAccess, ResticRepository } from '../../src/main/domain/snapshot-ports';
import type { Store } from '../../src/main/domain/store-port';
import { compareTree } from '../../src/main/providers/rehearsal/compare-tree';
import { DiskRehearsalFolders } from '../../src/main/providers/rehearsal/rehearsal-folders';
import { runCheck } from '../../src/main/providers/rehearsal/run-check';
import { IndexKeeper } from '../../src/main/domain/index-keeper';
import { SnapshotFiles } from '../../src/main/domain/snapshot-files';
import { ThreadedIndex } from '../../src/main/providers/index/index-threads';
import { ResticCli } from '../../src/main/providers/restic/restic-cli';
import { ResticMaintenance } from '../../src/main/providers/restic/restic-maintenance';
import { ResticPrograms } from '../../src/main/providers/restic/restic-program';
import { ResticKeys } from '../../src/main/providers/restic/restic-keys';
import { ResticUpkeep } from '../../src/main/providers/restic/restic-upkeep';
import { ResticRunner } from '../../src/main/providers/restic/restic-run';
import { DiskRestoreFolders } from '../../src/main/providers/restic/restore-folder';
import { DiskMirrors } from '../../src/main/providers/ssh/mirror';
import { findOnPath, OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { openStore } from '../../src/main/providers/store/open-store';
import { MemoryLog } from '../fakes/log';
import { instance as sampleInstance } from '../fakes/samples';
import { startSshd, type Sshd } from '../support/sshd';
import { makeTempDir, type TempDir } from '../support/temp-dir';

/** Real time. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      }, { once: true });
    }),
};

export const caller: Caller = { userId: 'user-1', email: 'a@example.test', transport: 'ipc' };

/** A restic whose new local repositories are cheap to open: half a second for each of hundreds of commands is most of what these suites would take. */
class LightRestic extends ResticCli {
  override async init(at: RepositoryAccess, options?: Parameters<ResticCli['init']>[1]): Promise<void> {
    await super.init(at, { ...options, generated: true });
  }
}

/** Everything of one suite. */
export interface Rig {
  readonly folder: TempDir;
  readonly dataFolder: string;
  /** The directory that stands for the instance's. */
  readonly workspace: string;
  readonly sshd: Sshd;
  readonly store: Store;
  readonly secrets: Map<string, string>;
  readonly restic: ResticCli;
  readonly ssh: OpenSsh;
  readonly operations: OperationsLog;
  readonly snapshots: Snapshots;
  readonly owed: OwedCommands;
  readonly proofs: Proofs;
  readonly repositories: RepositoriesService;
  readonly openers: SnapshotRepositories;
  readonly passwords: RepositoryPasswords;
  readonly samples: RepositorySamples;
  readonly runner: ResticRunner;
  readonly sources: Sources;
  readonly files: SnapshotFiles;
  readonly keeper: IndexKeeper;
  readonly maintenance: Maintenance;
  /** Snapshots that care of the repository has said to be gone. */
  readonly removed: readonly string[];
  readonly log: MemoryLog;
  readonly settings: Partial<Settings>;
  readonly repository: string;
  /** Runs the same restic by hand, to which times are in UTC; gives stdout. */
  byHand(args: readonly string[]): string;
  /** The same, for output that is no text. */
  bytesByHand(args: readonly string[]): Buffer;
  /** Throws when `restic check --read-data` finds anything. */
  check(): void;
  take(more?: { readonly source?: string; readonly tags?: string[]; readonly instance?: number }): ReturnType<typeof created>;
  stop(): Promise<void>;
}

const created = (snapshots: Snapshots, source: string, tags: string[], instance: number) =>
  snapshots.create(caller, { instance_id: instance, source_path: source, tags, wait: true }).then((answer) => {
    if (!('snapshot_id' in answer)) throw new Error('The answer is not a snapshot');
    return answer;
  });

/** For `wrapHosts`: runs something right before each fetch. */
export const beforeFetches =
  (before: () => Promise<void> | void) =>
  (hosts: RemoteHosts): RemoteHosts =>
    new Proxy(hosts, {
      get: (target, key) => {
        if (key !== 'host') return (Reflect.get(target, key) as (...args: unknown[]) => unknown).bind(target);
        return (...args: Parameters<RemoteHosts['host']>) =>
          new Proxy(target.host(...args), {
            get: (one, name) => {
              const method = (Reflect.get(one, name) as (...given: unknown[]) => unknown).bind(one);
              if (name !== 'fetch') return method;
              return async (...given: unknown[]) => {
                await before();
                return await method(...given);
              };
            },
          });
      },
    });

/** Starts everything. `wrap` may put something between the service and what it uses. */
export const startRig = async (
  resticFile: string,
  options: { readonly relay?: boolean; readonly dataFolder?: string; readonly wrapHosts?: (hosts: RemoteHosts) => RemoteHosts; readonly wrapRestic?: (restic: ResticRepository) => ResticRepository; readonly authorize?: boolean; readonly budget?: CaptureBudget; readonly holes?: boolean; readonly sameName?: (one: string, other: string) => boolean; readonly careClock?: Clock; readonly port?: () => number; readonly sshdSettings?: readonly string[]; readonly rehearsal?: Partial<RehearsalParts>; readonly stages?: CaptureStages;
    /** Other instances: 8, 9 ...; each a server of its own, with these lines in its settings. */
    readonly others?: readonly (readonly string[])[] } = {},
): Promise<Rig> => {
  const folder = makeTempDir('dumont-snapshots');
  const dataFolder = options.dataFolder ?? folder.at('data');
  const workspace = folder.at('host', 'workspace');
  mkdirSync(workspace, { recursive: true });
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const sshd = await startSshd({ relay: options.relay, settings: options.sshdSettings });
  const others = await Promise.all((options.others ?? []).map((settings) => startSshd({ settings })));
  const store = openStore(':memory:');
  store.users.insert({ id: caller.userId, email: caller.email, passwordHash: 'x', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
  const log = new MemoryLog();
  const feed = new EventsFeed(realClock);
  const operations = new OperationsLog({ store, clock: realClock, log, redact: (text) => text, feed });
  const ssh = new OpenSsh({ folder: path.join(dataFolder, 'ssh') });
  const programs = new ResticPrograms({ program: resticFile, find: findOnPath });
  const runner = new ResticRunner(programs, { cacheFolder: null, lockPatience: 300 });
  const restic = new LightRestic(programs, runner);
  const secrets = new Map<string, string>();
  const settings: Partial<Settings> = { restic_path: null, export_folder: null, proof_max_age_days: 7, rehearsal_budget_gb: 10, rehearsal_command: null, rehearsal_command_minutes: 10 };
  const instance = (): Instance => ({ ...sampleInstance, label: 'my box', ssh: { host: sshd.host, port: options.port?.() ?? sshd.port, user: options.port === undefined ? sshd.user : 'root', command: '' }, data_directory: workspace });
  const other = (id: number): Instance | null => {
    const server = others[id - 8];
    return server === undefined ? null : { ...instance(), id, label: `box ${id}`, ssh: { host: server.host, port: server.port, user: server.user, command: '' } };
  };
  if (options.authorize !== false) for (const server of [sshd, ...others]) server.authorize(await ssh.publicKey(caller.userId));
  const instances: Pick<InstancesService, 'get' | 'list'> = {
    get: (_caller, id) => Promise.resolve(other(id) ?? instance()),
    list: () => Promise.resolve({ instances: [instance()], count: 1, as_of: new Date().toISOString(), stale: false }),
  };
  const mirrors = new DiskMirrors(dataFolder, options.holes ?? null, options.sameName ?? null);
  const sources = new Sources({ store, instances, operations, hosts: ssh, mirrors, hints: feed, clock: realClock });
  const usedRestic = options.wrapRestic?.(restic) ?? restic;
  const hosts = options.wrapHosts?.(ssh) ?? ssh;
  const kept: Pick<SecretsService, 'get' | 'set' | 'remove'> = {
    get: (userId, name) => Promise.resolve(secrets.get(`${userId}:${name}`) ?? null),
    set: (userId, name, value) => Promise.resolve(void secrets.set(`${userId}:${name}`, value)),
    remove: (userId, name) => Promise.resolve(void secrets.delete(`${userId}:${name}`)),
  };
  const values = { values: () => settings as Settings };
  const queues = new SnapshotQueues();
  const keys = new ResticKeys(runner);
  const upkeep = new ResticUpkeep(runner);
  const openers = new SnapshotRepositories({ store, secrets: kept, restic: usedRestic, keys, resticPath: () => settings.restic_path ?? null, clock: realClock, log, dataFolder });
  const shelves = new RepositoryShelves({ repositories: openers, restic: usedRestic, hints: feed, clock: realClock, log });
  const common = { store, repositories: openers, shelves, secrets: kept, restic: usedRestic, upkeep, operations, queues, hints: feed, clock: realClock, log, dataFolder };
  const shown = new Repositories({ ...common, hosts, settings: values });
  const passwords = new RepositoryPasswords({ ...common, keys });
  const repositories = repositoriesService({ ...common, shown, making: new RepositoryMaking({ ...common, shown }), passwords, repairs: new RepositoryRepair(common) });
  const samples = new RepositorySamples(common);
  const rented = (): RentedInstance => ({ ...justRented(7, { offerId: 1, image: 'x', disk: 10, label: 'my box', env: {}, onstart: null, bid: null }), actual_status: 'running', cur_state: 'running', next_state: 'running', intended_status: 'running', ssh: instance().ssh });
  const owed = new OwedCommands({ store, operations, queues, hosts, instances, known: () => ({ rows: [rented()], stale: false, account: 'mark' }), clock: realClock, log });
  const snapshots = new Snapshots({
    store, operations, owed, repositories: openers, shelves, queues, hosts, restic: usedRestic, mirrors, stages: options.stages, budget: options.budget, folders: new DiskRestoreFolders(), hints: feed, clock: realClock, log,
    instances,
    settings: values,
    exportFolder: folder.at('exports'),
  });
  const list = new SnapshotList({ store, operations, repositories: openers, shelves, restic: usedRestic, mirrors, queues, log });
  const proofs = new Proofs({
    store, operations, restic: usedRestic, list, queues, hints: feed, clock: realClock, log, settings: values, instances: { get: () => Promise.resolve(instance()) },
    snapshotFirst: new SnapshotFirst({ store, operations, settings: values, snapshots: () => snapshots }),
    command: null, folders: new DiskRehearsalFolders(dataFolder), compare: compareTree, runCheck, ...options.rehearsal,
  });
  const index = new ThreadedIndex(dataFolder, null);
  const keeper = new IndexKeeper({ index, list, repositories: openers, restic: usedRestic, queues, mirrors: new DiskMirrors(dataFolder), operations, hints: feed, log });
  const files = new SnapshotFiles({ index, keeper, list, restic: usedRestic, queues });
  snapshots.drafts = keeper;
  snapshots.onTaken.push((row, draft) => keeper.taken(row, draft));
  snapshots.onRemoved.push((userId, id) => keeper.removed(userId, id));
  const removed: string[] = [];
  const maintenance = new Maintenance({
    store, operations, restic: usedRestic, repositories: openers, queues, care: new ResticMaintenance(runner, restic), hints: feed, clock: options.careClock ?? realClock, log,
    changed: () => undefined, removed: (_userId, id) => void removed.push(id), startedAt: Date.now(),
  });
  const repository = path.join(dataFolder, 'users', caller.userId, 'repository');
  const bytesByHand = (args: readonly string[]): Buffer =>
    execFileSync(resticFile, ['--no-cache', '-r', repository, ...args], { env: { ...process.env, TZ: 'UTC', RESTIC_PASSWORD: secrets.get(`${caller.userId}:repository-password`) ?? '' }, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  const byHand = (args: readonly string[]): string => bytesByHand(args).toString('utf8');
  return {
    folder, dataFolder, workspace, sshd, store, secrets, restic, ssh, operations, snapshots, owed, files, keeper, sources, proofs, repositories, openers, passwords, samples, runner, maintenance, removed, log, settings, repository, byHand, bytesByHand,
    check: () => void byHand(['check', '--read-data']),
    take: (more) => created(snapshots, more?.source ?? workspace, more?.tags ?? [], more?.instance ?? 7),
    stop: async () => {
      operations.cancelAll('The test is over.');
      await operations.settled(15_000);
      for (const server of [sshd, ...others]) await server.stop();
      await index.close();
      store.close();
      folder.remove();
    },
  };
};

/** Four files whose ways differ only in case; two of them large enough for stubs. */
export const fillAlikeTree = (folder: string): void => {
  for (const name of ['src', 'SRC']) mkdirSync(path.join(folder, name));
  const files = { readme: 'small\n', 'src/Model.bin': random(1_500_000), 'src/model.bin': random(1_500_000).reverse(), 'SRC/model.bin': 'another\n' };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
};

/** One line per entry below a folder: kind, mode, seconds of its time, link target, hardlink count, hash, name as bytes. */
export const listing = (folder: string, options: { readonly owners?: boolean; readonly directoryTimes?: boolean; readonly setuid?: boolean } = {}): string[] => {
  const lines: string[] = [];
  const walk = (at: Buffer, shown: string): void => {
    for (const name of readdirSync(at, { encoding: 'buffer' })) {
      const file = Buffer.concat([at, Buffer.from('/'), name]);
      const label = `${shown}/${name.toString('latin1')}`;
      const facts = lstatSync(file);
      const mode = (facts.mode & (options.setuid === true ? 0o7777 : 0o777)).toString(8);
      const owner = options.owners === true ? ` ${facts.uid}:${facts.gid}` : '';
      if (facts.isSymbolicLink()) lines.push(`l ${Math.floor(facts.mtimeMs / 1000)} ${label} -> ${readlinkSync(file, { encoding: 'buffer' }).toString('latin1')}${owner}`);
      else if (facts.isDirectory()) {
        lines.push(`d ${mode} ${options.directoryTimes === false ? '' : Math.floor(facts.mtimeMs / 1000)} ${label}${owner}`);
        walk(file, label);
      } else if (facts.isFile()) lines.push(`f ${mode} ${facts.size} ${Math.floor(facts.mtimeMs)} ${facts.nlink} ${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)} ${label}${owner}`);
    }
  };
  walk(Buffer.from(folder), '');
  return lines.sort();
};

/** What this rejects with; nothing of it when it does not. */
export const errorOf = async (work: Promise<unknown>): Promise<{ code?: string; data?: Record<string, unknown> }> =>
  work.then(
    () => ({}),
    (error: unknown) => error as { code: string; data: Record<string, unknown> },
  );

/** Bytes that do not compress, always the same. */
export const random = (size: number): Buffer => {
  const bytes = Buffer.alloc(size);
  for (let at = 0, seed = 1; at + 4 <= size; at += 4) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(seed, at);
  }
  return bytes;
};
