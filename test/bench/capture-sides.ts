// Both sides of the capture benches: the app's own way from listing to verified snapshot, and `rsync -a` with `restic backup` by hand, over the same sshd, cipher, restic and tmpfs.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { CaptureRun } from '../../src/main/domain/capture-run';
import type { OperationRun } from '../../src/main/domain/ports';
import type { Mirror, RepositoryAccess } from '../../src/main/domain/snapshot-ports';
import { feedOf } from '../../src/main/domain/index-keeper';
import { SnapshotQueue } from '../../src/main/domain/snapshot-queue';
import { defaultSourceOptions } from '../../src/main/domain/source-rows';
import type { SnapshotRow, SourceRow } from '../../src/main/domain/store-port';
import type { IndexDraft } from '../../src/main/domain/file-index-port';
import { ThreadedIndex } from '../../src/main/providers/index/index-threads';
import { ResticCli } from '../../src/main/providers/restic/restic-cli';
import { ResticPrograms } from '../../src/main/providers/restic/restic-program';
import { ResticRunner } from '../../src/main/providers/restic/restic-run';
import { workerStages } from '../../src/main/providers/ssh/capture-runner';
import { DiskMirrors } from '../../src/main/providers/ssh/mirror';
import { findOnPath, OpenSsh } from '../../src/main/providers/ssh/open-ssh';
import { makeKeyPair, startSshd, type Sshd } from '../support/sshd';

const userId = '00000000-0000-4000-8000-000000000000';
/** By hand; the app makes its own. */
const password = 'bench';

const quietRun = (): OperationRun => ({
  id: userId,
  signal: new AbortController().signal,
  progress: () => undefined,
  log: () => undefined,
  warn: () => undefined,
  ask: () => Promise.resolve(null),
  setCancellable: () => undefined,
  link: () => undefined,
  remember: () => undefined,
});

/** One of the two: a first run after `fresh`, later ones after changes. */
export interface Side {
  /** An empty repository and no copy. */
  fresh(): Promise<void>;
  run(): Promise<void>;
}

/** The stand of one tree. */
export interface Stand {
  readonly source: string;
  readonly sshd: Sshd;
  /** Where both sides connect to. */
  port: number;
  readonly ours: Side & { readonly folder: string };
  readonly hand: Side;
  stop(): Promise<void>;
}

class OurSide {
  private readonly restic: ResticCli;
  private row: SourceRow | null = null;
  private readonly rows = new Map<string, SnapshotRow>();
  private access: RepositoryAccess;
  private index: ThreadedIndex | null = null;

  constructor(
    readonly folder: string,
    private readonly ssh: string,
    private readonly source: string,
    program: string,
    private readonly target: () => { readonly host: string; readonly port: number; readonly user: string },
  ) {
    const programs = new ResticPrograms({ program, find: findOnPath });
    this.restic = new ResticCli(programs, new ResticRunner(programs, { cacheFolder: path.join(folder, 'cache') }));
    this.access = { id: 'default', location: path.join(folder, 'repository'), local: true, env: {}, options: [], password: randomBytes(32).toString('base64url'), resticPath: null };
  }

  async fresh(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
    this.index = new ThreadedIndex(this.folder, path.resolve('dist/main/index-worker.js'));
    // As at every sign-in.
    await this.index.snapshots(userId);
    this.rows.clear();
    this.row = { id: 'bench', userId, repositoryId: 'default', instanceId: 1, label: null, path: this.source, parentId: null, needsFullFetch: false, options: defaultSourceOptions, fetchRate: null, createdAt: 0 };
    await this.restic.init(this.access, { generated: true });
  }

  async run(): Promise<void> {
    if (this.row === null) throw new Error('Not fresh yet');
    const run = quietRun();
    const stages = workerStages(path.resolve('dist/main/capture-worker.js'), { dataFolder: this.folder, ssh: { folder: this.ssh } });
    const stage = await stages.open({ userId, sourceId: 'bench', target: { userId, instanceId: 1, ...this.target() }, options: defaultSourceOptions }, run);
    try {
      const store = {
        sources: { update: (_id: string, change: Partial<SourceRow>) => void (this.row = { ...(this.row as SourceRow), ...change }) },
        snapshots: { get: (_user: string, id: string) => this.rows.get(id) ?? null, insert: (row: SnapshotRow) => void this.rows.set(row.id, row) },
      };
      const parts = { store, restic: this.restic, queue: new SnapshotQueue(), clock: { now: () => Date.now(), sleep: () => Promise.resolve() }, log: { warn: () => undefined, error: () => undefined } };
      const mirror = await new DiskMirrors(this.folder).open(userId, 'bench');
      const sealed = { draft: null as IndexDraft | null };
      const onSealed = (takenAt: number): void => void (sealed.draft = this.index?.draft(userId, { source: 'bench', time: takenAt }, feedOf(mirror.tree, takenAt)) ?? null);
      const { row, unchanged } = await new CaptureRun(parts as never, { source: this.row, stage, mirror, access: this.access, userTags: [], hostLabel: 'bench', onSealed }, run).perform();
      if (!unchanged) await this.addToIndex(row, mirror.tree, sealed.draft);
    } finally {
      await stage.close();
    }
  }

  /** As the app does when a snapshot was taken. */
  private async addToIndex({ id, time }: SnapshotRow, tree: Mirror['tree'], draft: IndexDraft | null): Promise<void> {
    if ((await draft?.name(id)) === true) return;
    await this.index?.add(userId, { id, source: 'bench', time }, feedOf(tree, time), new AbortController().signal, () => undefined);
  }

  async close(): Promise<void> {
    await this.index?.close();
    this.index = null;
  }
}

class HandSide implements Side {
  constructor(
    private readonly folder: string,
    private readonly source: string,
    private readonly program: string,
    private readonly key: string,
    private readonly target: () => { readonly host: string; readonly port: number; readonly user: string },
  ) {}

  private restic(args: readonly string[], cwd?: string): Promise<unknown> {
    return execa(this.program, ['--no-cache', `--repo=${path.join(this.folder, 'repository')}`, ...args], { env: { RESTIC_PASSWORD: password }, ...(cwd === undefined ? {} : { cwd }) });
  }

  async fresh(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    mkdirSync(path.join(this.folder, 'copy'), { recursive: true });
    await this.restic(['init']);
  }

  async run(): Promise<void> {
    const { host, port, user } = this.target();
    const ssh = `ssh -F none -p ${String(port)} -i ${this.key} -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o Compression=no -c aes128-gcm@openssh.com`;
    await execa('rsync', ['-a', '--delete', '-e', ssh, `${user}@${host}:${this.source}/`, `${this.folder}/copy/`]);
    // Its parent is the last one of the same folder.
    await this.restic(['backup', '--quiet', '--ignore-inode', '--no-scan', 'copy'], this.folder);
  }
}

/** Starts a server and both sides for a tree that lies at `<root>/source`. */
export const startStand = async (root: string, program: string): Promise<Stand> => {
  const source = path.join(root, 'source');
  const key = makeKeyPair(path.join(root, 'rsync-key'));
  const sshFolder = path.join(root, 'ssh');
  const sshd = await startSshd({ authorizedKeys: [key.publicKey, await new OpenSsh({ folder: sshFolder }).publicKey(userId)] });
  const stand = { port: sshd.port };
  const ours = new OurSide(path.join(root, 'ours'), sshFolder, source, program, () => target());
  const target = (): { host: string; port: number; user: string } => ({ host: sshd.host, port: stand.port, user: sshd.user });
  return Object.assign(stand, {
    source, sshd,
    ours,
    hand: new HandSide(path.join(root, 'hand'), source, program, key.privateFile, target),
    stop: async () => {
      await ours.close();
      await sshd.stop();
    },
  });
};
