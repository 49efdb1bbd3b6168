// A made-up host and a model of restic (it reads what has another size or time than in the parent), with the real capture and a real mirror between them.
import { createHash } from 'node:crypto';
import { appendFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CaptureRun, type CaptureInput } from '../../src/main/domain/capture-run';
import { captureBudget, type CaptureBudget, type CaptureStage } from '../../src/main/domain/capture-ports';
import { localStages } from '../../src/main/domain/capture-stages';
import type { OperationRun } from '../../src/main/domain/ports';
import { stubFloor, type ManifestEntry } from '../../src/main/domain/snapshot-manifest';
import type { BackupSummary, DiffChange, Probe, RemoteHost, ResticRepository } from '../../src/main/domain/snapshot-ports';
import { SnapshotQueue } from '../../src/main/domain/snapshot-queue';
import { defaultSourceOptions } from '../../src/main/domain/source-rows';
import type { SnapshotRow, SourceRow } from '../../src/main/domain/store-port';
import { DiskMirrors } from '../../src/main/providers/ssh/mirror';

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface HostFile {
  readonly content: Buffer;
  readonly mtime: string;
  readonly ctime: string;
}

const allTools: Probe = { uname: 'Linux', tar: 'gnu', find: 'gnu', directory: true, ignoreFile: null, missing: [], dig: false };

/** A host with files in memory. Content is made of one byte, so that it says what it is. */
class ModelHost {
  readonly files = new Map<string, HostFile>();
  fetched: string[] = [];
  /** When a connection for fetching was asked for. */
  prepared: string[] = [];
  private listing = false;
  private clock = 1_700_000_000;
  /** Fetches break off after so many files. */
  breakAfter = Infinity;
  /** All but the first page of a file is zeros, which take no blocks here: as on a file system that compresses. */
  compressing = false;

  write(name: string, size: number, sameTime = false): void {
    this.clock += 1;
    const before = this.files.get(name);
    const content = Buffer.alloc(size, this.clock % 251);
    if (this.compressing) content.fill(0, 4096);
    this.files.set(name, { content, mtime: sameTime && before !== undefined ? before.mtime : `${this.clock}.5`, ctime: `${this.clock}.5` });
  }

  private entries(): ManifestEntry[] {
    const plain = { mode: 0o644, uid: 0, gid: 0, inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '' };
    const directories = new Set(['', ...[...this.files.keys()].flatMap((name) => (name.includes('/') ? [name.slice(0, name.indexOf('/'))] : []))]);
    return [
      ...[...directories].map((name) => ({ ...plain, path: name, type: 'd', size: 0, blocks: 0, mtime: '1', ctime: '1' })),
      ...[...this.files].map(([name, { content, mtime, ctime }]) => ({ ...plain, path: name, type: 'f', size: content.length, blocks: Math.ceil(content.length / 512), mtime, ctime })),
    ];
  }

  readonly host: RemoteHost = {
    probe: () => Promise.resolve(allTools),
    survey: async (directory, prune, signal, take, onCount) => ({ probe: allTools, listing: await this.host.manifest(directory, prune, signal, take, onCount) }),
    manifest: (_directory, _prune, _signal, take) => {
      this.listing = true;
      for (const entry of this.entries()) take(entry);
      this.listing = false;
      return Promise.resolve({ notes: [] });
    },
    fetch: (_directory, files, into) => {
      const hashes = new Map<string, string>();
      for (const file of files) {
        if (this.breakAfter-- <= 0) return Promise.reject(new Error('cut'));
        const { content } = this.files.get(file.path) ?? { content: Buffer.alloc(0) };
        writeFileSync(`${into.data}/${file.path}`, this.compressing ? content.subarray(0, 4096) : content);
        truncateSync(`${into.data}/${file.path}`, content.length);
        utimesSync(`${into.data}/${file.path}`, file.copyMtime, file.copyMtime);
        hashes.set(file.path, hashOf(content));
        this.fetched.push(file.path);
      }
      return Promise.resolve({ files: files.length, bytes: 0, odd: [], hashes, missing: [], exitCode: 0, notes: [] });
    },
    prepare: () => void this.prepared.push(this.listing ? 'while it is listed' : 'afterwards'),
    release: () => undefined,
    stat: () => Promise.resolve([]),
    restore: () => Promise.resolve(),
    dig: () => Promise.resolve(),
    command: () => Promise.resolve({ exitCode: 0, timedOut: false }),
  };
}

interface Node {
  readonly size: number;
  readonly mtime: bigint;
  readonly hash: string;
}

interface ModelSnapshot {
  readonly nodes: Map<string, Node>;
  readonly tags: readonly string[];
  /** With a slash at the end, as restic writes them. */
  readonly folders: ReadonlySet<string>;
}

/** What `restic diff` says: what lies on one side only, and contents that are not the same. */
const differences = (from: ModelSnapshot, to: ModelSnapshot): readonly DiffChange[] => {
  const [before, after] = [from, to].map(({ nodes, folders }) => new Set([...nodes.keys(), ...folders])) as [Set<string>, Set<string>];
  return [
    ...[...after].filter((one) => !before.has(one)).map((one) => ({ path: one, modifier: '+' })),
    ...[...before].filter((one) => !after.has(one)).map((one) => ({ path: one, modifier: '-' })),
    ...[...to.nodes].filter(([one, { hash }]) => from.nodes.has(one) && from.nodes.get(one)?.hash !== hash).map(([one]) => ({ path: one, modifier: 'M' })),
  ];
};

/** restic as far as captures see it. */
class ModelRestic {
  readonly snapshots = new Map<string, ModelSnapshot>();
  private count = 0;
  /** Throws instead of making the next snapshot, or after having made it. */
  failing: 'no' | 'before' | 'after' = 'no';
  reads = 0;

  private walk(folder: string, below: string, parent: Map<string, Node> | undefined, say: (path: string, read: boolean) => void): Map<string, Node> {
    const nodes = new Map<string, Node>();
    for (const name of readdirSync(path.join(folder, below))) {
      const relative = `${below}/${name}`;
      const facts = lstatSync(path.join(folder, relative), { bigint: true });
      if (facts.isDirectory()) for (const [key, node] of this.walk(folder, relative, parent, say)) nodes.set(key, node);
      else {
        const old = parent?.get(relative);
        const same = old !== undefined && old.size === Number(facts.size) && old.mtime === facts.mtimeNs;
        say(relative, !same);
        if (!same) this.reads += 1;
        nodes.set(relative, same ? old : { size: Number(facts.size), mtime: facts.mtimeNs, hash: hashOf(readFileSync(path.join(folder, relative))) });
      }
    }
    return nodes;
  }

  readonly port = {
    snapshotIds: () => Promise.resolve(new Set(this.snapshots.keys())),
    backup: (_access: unknown, job: Parameters<ResticRepository['backup']>[1]): Promise<BackupSummary> => {
      if (this.failing === 'before') return Promise.reject(new Error('restic was killed'));
      const parent = job.parentId === null ? undefined : this.snapshots.get(job.parentId)?.nodes;
      if (job.parentId !== null && parent === undefined) return Promise.reject(new Error('no such parent'));
      const items: { path: string; read: boolean }[] = [];
      const nodes = this.walk(job.folder, `/${job.targets[0] ?? ''}`, parent, (at, read) => void items.push({ path: at, read }));
      const sidecar = job.targets[1] === undefined ? 0 : lstatSync(path.join(job.folder, job.targets[1])).size;
      job.onNamed?.(items);
      const id = (this.count += 1).toString(16).padStart(64, '0');
      const root = path.join(job.folder, job.targets[0] ?? '');
      const folders = readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [`${path.join(one.parentPath, one.name).slice(job.folder.length)}/`] : []));
      this.snapshots.set(id, { nodes, tags: job.tags, folders: new Set(folders) });
      if (this.failing === 'after') return Promise.reject(new Error('the app was killed'));
      const [own, read] = [job.targets[1] === undefined ? 0 : 1, items.filter((item) => item.read).map((item) => parent?.has(item.path) === true)];
      const totalBytes = [...nodes.values()].reduce((sum, node) => sum + node.size, 0) + sidecar;
      return Promise.resolve({ snapshotId: id, filesNew: read.filter((known) => !known).length, filesChanged: own + read.filter(Boolean).length, filesUnmodified: items.length - read.length, dataAdded: 0, totalFiles: nodes.size + own, totalBytes, errors: [] });
    },
    diff: (_access: unknown, from: string, to: string, _signal: unknown, onChanges: (changes: readonly DiffChange[]) => void): Promise<void> => {
      const [before, after] = [this.snapshots.get(from), this.snapshots.get(to)];
      if (before === undefined || after === undefined) return Promise.reject(new Error('no such snapshot'));
      onChanges(differences(before, after));
      return Promise.resolve();
    },
    forget: (_access: unknown, id: string) => Promise.resolve(void this.snapshots.delete(id)),
  };
}

const run: OperationRun = {
  id: 'op', signal: new AbortController().signal, progress: () => undefined, log: () => undefined, warn: () => undefined, ask: () => Promise.resolve(null), setCancellable: () => undefined, link: () => undefined,
  remember: () => undefined,
};

/** One source with everything around it. */
export class CaptureWorld {
  readonly host = new ModelHost();
  readonly restic = new ModelRestic();
  readonly folder = mkdtempSync(path.join(tmpdir(), 'dumont-model-'));
  row: SourceRow;
  private readonly rows = new Map<string, SnapshotRow>();
  /** Stops a capture at its so many-th step in the stage. */
  stopAt = Infinity;

  constructor(
    readonly budget: CaptureBudget = { ...captureBudget, bytes: 3 * stubFloor, files: 4 },
    readonly holes: boolean | null = null,
  ) {
    this.row = { id: 'source', userId: 'user', repositoryId: 'default', instanceId: 7, label: null, path: '/w', parentId: null, needsFullFetch: false, options: defaultSourceOptions, fetchRate: null, createdAt: 0 };
  }

  tree(): string {
    return path.join(this.folder, 'users', 'user', 'mirrors', 'source', 'tree', 'w');
  }

  /** Something else than a capture changes a copy in the mirror, so that it can be seen; false when there is none. */
  meddle(name: string, how: 'touch' | 'grow' | 'delete' | 'replace'): boolean {
    const file = path.join(this.tree(), name);
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    if (how === 'touch') utimesSync(file, 1, 1);
    else if (how === 'grow') appendFileSync(file, 'x');
    else rmSync(file);
    if (how === 'replace') mkdirSync(file);
    return true;
  }

  /** Bytes on disk in the mirror. */
  used(): number {
    return readdirSync(this.tree(), { recursive: true, withFileTypes: true }).reduce((sum, one) => sum + (one.isFile() ? lstatSync(path.join(one.parentPath, one.name)).blocks * 512 : 0), 0);
  }

  private stopping(stage: CaptureStage): CaptureStage {
    return new Proxy(stage, {
      get: (target, key) => {
        const method = Reflect.get(target, key) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          if (this.stopAt-- <= 0) throw new Error('the app was killed');
          return method.apply(target, args);
        };
      },
    });
  }

  /** With or without a full copy here. */
  takeWith(fullCopy: boolean): Promise<string> {
    this.row = { ...this.row, options: { ...this.row.options, full_local_copy: fullCopy } };
    return this.take();
  }

  async take(more: Partial<CaptureInput> = {}): Promise<string> {
    const mirrors = new DiskMirrors(this.folder, this.holes);
    const stage = this.stopping(await localStages({ host: () => this.host.host }, mirrors).open({ userId: 'user', sourceId: 'source', target: {} as never, options: this.row.options }, run));
    const store = {
      sources: { update: (_id: string, change: object) => void (this.row = { ...this.row, ...change }) },
      snapshots: { get: (_user: string, id: string) => this.rows.get(id) ?? null, insert: (row: SnapshotRow) => void this.rows.set(row.id, row) },
    };
    const parts = { store, restic: this.restic.port, queue: new SnapshotQueue(), clock: { now: () => 0, sleep: () => Promise.resolve() }, log: { warn: () => undefined, error: () => undefined } } as never;
    const input = { source: this.row, stage, mirror: await mirrors.open('user', 'source'), access: { id: 'default', location: '/r', local: true }, userTags: [], hostLabel: 'h', budget: this.budget, ...more } as unknown as CaptureInput;
    try {
      return (await new CaptureRun(parts, input, run).perform()).row.id;
    } finally {
      await stage.close().catch(() => undefined);
    }
  }

  /** Hashes of what a snapshot holds, by name. */
  held(id: string): Map<string, string> {
    return new Map([...(this.restic.snapshots.get(id)?.nodes ?? [])].map(([name, node]) => [name.slice('/w/'.length), node.hash]));
  }

  /** Hashes of what the host has. */
  onHost(): Map<string, string> {
    return new Map([...this.host.files].map(([name, file]) => [name, hashOf(file.content)]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

