// What every point stands on: a real sshd behind a relay, a simulator that rents it out, the built app as a process, and its data on a small disk of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mirrorRoot } from '../../src/main/domain/snapshot-names';
import { listing } from '../suites/snapshots-rig';
import type { Relay } from '../support/relay';
import { firstAccount, restSession, type RestSession } from '../support/rest-session';
import { newestRestic, type ResticBinary } from '../support/restics';
import { startHeadless, startSimulator, type RunningApp, type RunningSimulator } from '../support/run-app';
import { startSshd, type Sshd } from '../support/sshd';
import { seeded } from '../support/seeded';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { changeTree, makeTree } from './host-tree';
import { quickenKey } from '../../src/main/providers/restic/quick-key';
import type { Folder } from './points';
import { makeTraps, type Traps } from './traps';

/** The app and a session in it. */
export interface Running {
  readonly app: RunningApp;
  readonly rest: RestSession;
}

/** What a point starts from: nothing captured yet; one snapshot, after which the host changed; or three more of the changed host, with data that belong to none any more. */
export type Start = 'empty' | 'one' | 'several';

/** Bytes of the disk that holds the app's data: small enough to fill at once. */
const diskBytes = 128 * 1024 * 1024;
const root = path.resolve(import.meta.dirname, '../..');
const email = 'ana@example.test';

/** Everything of one world. */
export class World {
  /** Of the account. */
  readonly password = 'correct horse battery';
  instanceId = 0;
  /** Of the repository: known here to open it by hand, and to look for it where it must not be. */
  repositoryPassword = '';
  /** What the repository's password is changed to. */
  readonly nextPassword = 'another password of the repository';
  /** Each start's newest snapshot, which the next one builds on. */
  readonly newest: Record<Start, string> = { empty: '', one: '', several: '' };
  /** What the later snapshots of `several` must hold, by id. */
  readonly trees = new Map<string, readonly string[]>();
  /** The first snapshot, and what it must hold. */
  first = { id: '', tree: [] as readonly string[] };
  private readonly small: boolean;

  private constructor(
    readonly folder: TempDir,
    readonly seed: number,
    readonly sshd: Sshd,
    readonly relay: Relay,
    readonly simulator: RunningSimulator,
    readonly restic: ResticBinary,
    readonly traps: Traps,
  ) {
    mkdirSync(folder.at('disk'));
    mkdirSync(folder.at('tmp'));
    this.small = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes},mode=700`, 'tmpfs', folder.at('disk')]).status === 0;
  }

  /** Starts the parts and prepares what points start from. */
  static async start(seed: number, restic = newestRestic()): Promise<World> {
    const folder = makeTempDir('dumont-faults');
    const sshd = await startSshd({ authorizedKeysFile: folder.at('authorized_keys'), relay: true });
    const { relay } = sshd;
    if (relay === undefined) throw new Error('The server has no relay');
    const simulator = await startSimulator({ seed: 7, args: ['--boot-seconds', '0', '--credit', '10000', '--ssh-host', sshd.host, '--ssh-port', String(sshd.port), '--authorized-keys', sshd.authorizedKeysFile] });
    const world = new World(folder, seed, sshd, relay, simulator, restic, makeTraps(folder.path, restic.file));
    try {
      await world.prepare();
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  get dataFolder(): string {
    return this.folder.at('disk', 'data');
  }

  get workspace(): string {
    return this.folder.at('host', 'workspace');
  }

  /** The one user's folder. */
  get userFolder(): string {
    const users = path.join(this.dataFolder, 'users');
    const [name = 'nobody'] = readdirSync(users);
    return path.join(users, name);
  }

  get repository(): string {
    return path.join(this.userFolder, 'repository');
  }

  /** Where restores to the instance go. */
  get hostTarget(): string {
    return this.folder.at('host', 'restored');
  }

  /** Where restores to this computer go. */
  get folderTarget(): string {
    return path.join(this.dataFolder, 'exports', 'point');
  }

  /** Of the one source. */
  get mirror(): string {
    const mirrors = path.join(this.userFolder, 'mirrors');
    const [name = 'none'] = existsSync(mirrors) ? readdirSync(mirrors) : [];
    return path.join(mirrors, name);
  }

  /** The path of a folder that a moment watches. */
  watched(folder: Folder): string {
    if (folder === 'mirror') return this.mirror;
    if (folder === 'tree') return path.join(this.mirror, 'tree', mirrorRoot(this.workspace));
    return folder === 'target' ? this.folderTarget : path.join(this.repository, folder);
  }

  /** Why disks cannot be filled here; null where they can. */
  get cannotFill(): string | null {
    return this.small ? null : 'a small disk could not be mounted (it takes root and the right to mount)';
  }

  /** Starts the app on the data as they are, and signs in. */
  async run(small = false): Promise<Running> {
    const app = await this.startApp(small ? this.smallEntry() : undefined);
    const { token } = await restSession(app).good('POST', '/api/v1/auth/login', { username: email, password: this.password });
    return { app, rest: restSession(app, String(token)) };
  }

  private startApp(entry?: string): Promise<RunningApp> {
    const env = { PATH: `${this.traps.bin}:${process.env['PATH'] ?? ''}`, TMPDIR: this.folder.at('tmp') };
    return startHeadless({ vastUrl: this.simulator.url, dataDir: this.dataFolder, restic: this.traps.restic, env, ...(entry === undefined ? {} : { entry }) });
  }

  /** The built app with one number changed, so that a small tree takes several batches. It lies beside the real one, where it finds its packages. */
  private smallEntry(): string {
    const copy = path.join(root, '.cache', `faults-small-${process.pid}`);
    if (!existsSync(copy)) {
      // Under its name only once it is whole: a point after one that could not make it would run the app as it is.
      const making = `${copy}-making`;
      rmSync(making, { recursive: true, force: true });
      cpSync(path.join(root, 'dist', 'main'), path.join(making, 'main'), { recursive: true });
      symlinkSync(path.join(root, 'dist', 'renderer'), path.join(making, 'renderer'));
      const changed = readdirSync(path.join(making, 'main'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js')).filter((name) => {
        const file = path.join(making, 'main', name);
        const text = readFileSync(file, 'utf8');
        const smaller = text.replace(/(captureBudget\s*=\s*\{\s*bytes:\s*)[\de_]+/, '$11_200_000');
        if (smaller !== text) writeFileSync(file, smaller);
        return smaller !== text;
      });
      if (changed.length === 0) throw new Error('The size of a batch was not found in the built app');
      renameSync(making, copy);
    }
    return path.join(copy, 'main', 'headless.js');
  }

  /** Puts the app's data back to how they were at a start. */
  reset(start: Start): void {
    rmSync(this.dataFolder, { recursive: true, force: true });
    execFileSync('cp', ['-a', this.folder.at('starts', start), this.dataFolder]);
  }

  /** Lets the disk hold about so many bytes more, while others go on writing. */
  fillDisk(left: number): void {
    for (let part = 0; part < 20; part += 1) {
      const { bavail, bsize } = statfsSync(this.folder.at('disk'));
      const bytes = bavail * bsize - left;
      if (bytes <= 0) return;
      // Fails when somebody took room meanwhile: less is tried then.
      spawnSync('fallocate', ['-l', String(bytes), this.folder.at('disk', `ballast-${part}`)]);
    }
  }

  /** Whichever of the two passwords opens the repository now. */
  private get opening(): string {
    const opens = (password: string): boolean => spawnSync(this.restic.file, ['--no-cache', '-r', this.repository, 'cat', 'config', '--no-lock'], { input: `${password}\n` }).status === 0;
    return [this.repositoryPassword, this.nextPassword].find(opens) ?? this.repositoryPassword;
  }

  /** The last operation that ended in an error nobody expected, as the app's log has it. */
  loggedFailure(): string {
    const logs = path.join(this.dataFolder, 'logs');
    const lines = readdirSync(logs).flatMap((name) => readFileSync(path.join(logs, name), 'utf8').split('\n'));
    return lines.filter((line) => line.includes('operation.failed')).at(-1)?.slice(0, 1500) ?? 'nothing';
  }

  freeDisk(): void {
    for (const name of readdirSync(this.folder.at('disk'))) if (name.startsWith('ballast-')) rmSync(this.folder.at('disk', name));
  }

  /** The real restic by hand; gives stdout. Throws with its words when it fails. */
  byHand(args: readonly string[]): string {
    return execFileSync(this.restic.file, ['--no-cache', '-r', this.repository, ...args], { input: `${this.opening}\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** The host's tree as it is now. */
  hostTree(): readonly string[] {
    return listing(this.workspace);
  }

  private async prepare(): Promise<void> {
    mkdirSync(this.workspace, { recursive: true });
    mkdirSync(this.folder.at('starts'));
    makeTree(this.workspace, this.seed);
    const app = await this.startApp();
    try {
      const rest = await firstAccount(app, email, this.password);
      await this.rent(rest);
      await this.choosePassword({ app, rest });
    } finally {
      await app.stop();
    }
    execFileSync('cp', ['-a', this.dataFolder, this.folder.at('starts', 'empty')]);
    const running = await this.run();
    const learnt = this.traps.learnPassword();
    try {
      this.first = { id: String((await running.rest.good('POST', '/api/v1/snapshots', { instance_id: this.instanceId }))['snapshot_id']), tree: this.hostTree() };
    } finally {
      await running.app.stop();
    }
    this.repositoryPassword = learnt();
    await quickenKey(this.repository, this.repositoryPassword);
    execFileSync('cp', ['-a', this.dataFolder, this.folder.at('starts', 'one')]);
    this.newest.one = this.first.id;
    changeTree(this.workspace, this.seed);
  }

  /** Makes a start that is not there yet; `several` only when a point asks for it. */
  async makeStart(start: Start): Promise<void> {
    if (existsSync(this.folder.at('starts', start))) return;
    this.reset('one');
    await this.takeMore();
    execFileSync('cp', ['-a', this.dataFolder, this.folder.at('starts', start)]);
  }

  /** Four snapshots more, of which the first is deleted again: what only it held belongs to none any more. */
  private async takeMore(): Promise<void> {
    const { app, rest } = await this.run();
    try {
      const take = async (text: string): Promise<string> => {
        this.sign(text);
        const id = String((await rest.good('POST', '/api/v1/snapshots', { instance_id: this.instanceId }))['snapshot_id']);
        this.trees.set(id, this.hostTree());
        return id;
      };
      const passing = path.join(this.workspace, 'passing.bin');
      writeFileSync(passing, seeded(this.seed, 'passing').bytes(3_000_000));
      const gone = await take('one that is deleted');
      rmSync(passing);
      for (const text of ['second', 'third', 'fourth']) this.newest.several = await take(text);
      await rest.good('DELETE', `/api/v1/snapshots/${gone}`);
      this.trees.delete(gone);
    } finally {
      await app.stop();
    }
  }

  /** The repository's password is kept before the repository is made: made that far, every start has the same one. */
  private async choosePassword(running: Running): Promise<void> {
    const trap = this.traps.arm('restic', 'init', 'before');
    const { operation_id: operation } = await running.rest.good('POST', '/api/v1/snapshots', { instance_id: this.instanceId, wait: false });
    process.kill((await trap.caught).pid, 'SIGKILL');
    await running.rest.until(`/api/v1/operations/${String(operation)}`, ({ body }) => body['ended_at'] !== null);
  }

  private async rent(rest: RestSession): Promise<void> {
    await rest.good('PUT', '/api/v1/settings', { vast_api_key: this.simulator.apiKey });
    const { offers } = (await rest.good('GET', '/api/v1/instances/offers?gpu_name=RTX%203060&limit=5')) as { offers: { id: number }[] };
    const rented = await rest.good('POST', '/api/v1/instances', { offer_id: offers[0]?.id, disk_size: 20, label: 'box', env: { DATA_DIRECTORY: this.workspace } });
    this.instanceId = Number(rented['id']);
    await rest.until(`/api/v1/instances/${this.instanceId}`, ({ body }) => body['state'] === 'running' && body['operation_id'] === null);
  }

  /** Notes on the host that this point came by, so that a run after it always has something new to take. */
  sign(text: string): void {
    writeFileSync(path.join(this.workspace, 'latest-point.txt'), `${text}\n`);
  }

  async stop(): Promise<void> {
    this.traps.close();
    await this.simulator.stop().catch(() => undefined);
    await this.sshd.stop();
    if (this.small) spawnSync('umount', [this.folder.at('disk')]);
    rmSync(path.join(root, '.cache', `faults-small-${process.pid}`), { recursive: true, force: true });
    this.folder.remove();
  }
}
