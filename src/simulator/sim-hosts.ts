// The simulator's own hosts: an SSH server per running instance, each on a file tree of its own below the state folder.
import { access, rm, stat, readdir, readFile } from 'node:fs/promises';
import type { Hosts } from './hosts';
import { hasSsh, type InstanceRecord } from './instance-record';
import { isUp } from './lifecycle';
import type { RemoteIo } from './remote-io';
import { runRemote, startsCapture } from './remote-commands';
import { makeHostKey, openSshHost, type SshHost } from './ssh-host';
import { BadPath, joinBytes, resolveInside, treeFolder } from './tree';
import { createTree, growTree, type WorkspaceSeed } from './workspace';

interface Grown {
  readonly life: number;
  readonly seconds: number;
}

/** Where hosts keep their files and what their worlds are seeded with. */
export interface SimHostsOptions {
  readonly stateFolder: string;
  readonly seed: string;
  /** How far each tree has grown, by instance id; kept in the state file's folder. */
  readonly growth: GrowthNotes;
}

/** Remembers how far trees have grown, across restarts. */
export interface GrowthNotes {
  read(id: number): Grown | null;
  write(id: number, grown: Grown): void;
  forget(id: number): void;
}

/** Hosts that live in this process. */
export class SimHosts implements Hosts {
  readonly address = '127.0.0.1';
  private readonly open = new Map<number, SshHost>();
  private readonly known = new Set<number>();
  private turn: Promise<void> = Promise.resolve();
  private readonly treeTurns = new Map<number, Promise<void>>();

  constructor(private readonly options: SimHostsOptions) {}

  sync(records: readonly InstanceRecord[]): Promise<void> {
    this.turn = this.turn.catch(() => {}).then(() => this.bringInLine(records));
    return this.turn;
  }

  keyAttached(): void {
    // Keys are asked of the record at every login.
  }

  async list(record: InstanceRecord, words: readonly string[]): Promise<string> {
    await this.grow(record, false);
    const paths = words.slice(1).filter((word) => !word.startsWith('-'));
    const root = treeFolder(this.options.stateFolder, record.id);
    const texts = (paths.length === 0 ? ['/'] : paths).map((path) => (words[0] === 'du' ? diskUse(root, path) : listing(root, path)));
    return (await Promise.all(texts)).join('');
  }

  async log(record: InstanceRecord): Promise<string> {
    const intro = `Unable to find image '${record.image}' locally\nStatus: Downloaded newer image for ${record.image}\n`;
    if (record.runSeconds === 0) return record.message ? `${intro}${record.message}\n` : '';
    await this.grow(record, true);
    const path = await resolveInside(treeFolder(this.options.stateFolder, record.id), '/workspace/logs/train.log', { followLast: true });
    return intro + (await readFile(path, 'utf8').catch(() => ''));
  }

  async close(): Promise<void> {
    await this.turn.catch(() => {});
    await Promise.all([...this.open.values()].map((host) => host.close()));
    this.open.clear();
  }

  private async bringInLine(records: readonly InstanceRecord[]): Promise<void> {
    const wanted = new Map(records.filter((record) => isUp(record) && hasSsh(record)).map((record) => [record.id, record]));
    for (const [id, host] of this.open) {
      if (wanted.has(id)) continue;
      this.open.delete(id);
      await host.close();
    }
    for (const record of records) this.known.add(record.id);
    for (const id of this.known) {
      if (records.some((record) => record.id === id && record.goneAt === null)) continue;
      this.known.delete(id);
      this.options.growth.forget(id);
      await this.treeTurns.get(id)?.catch(() => {});
      await rm(treeFolder(this.options.stateFolder, id), { recursive: true, force: true });
    }
    for (const record of wanted.values()) if (!this.open.has(record.id)) await this.openHost(record);
  }

  private async openHost(record: InstanceRecord): Promise<void> {
    record.hostKey ??= makeHostKey();
    const root = treeFolder(this.options.stateFolder, record.id);
    const host = await openSshHost(
      {
        hostKey: record.hostKey,
        keys: () => record.keys.map((key) => key.public_key),
        run: async (line: string, io: RemoteIo) => {
          await this.grow(record, startsCapture(line));
          return runRemote(root, line, io);
        },
        traffic: (up, down) => {
          record.upBytes += up;
          record.downBytes += down;
        },
      },
      record.sshPort,
    );
    record.sshPort = host.port;
    this.open.set(record.id, host);
  }

  /** Makes the tree if it is missing and, if wanted, lets it grow up to the instance's running time; one at a time per tree. */
  private grow(record: InstanceRecord, further: boolean): Promise<void> {
    const next = (this.treeTurns.get(record.id) ?? Promise.resolve()).catch(() => {}).then(() => this.growNow(record, further));
    this.treeTurns.set(record.id, next);
    return next;
  }

  private async growNow(record: InstanceRecord, further: boolean): Promise<void> {
    if (record.goneAt !== null) return;
    const root = treeFolder(this.options.stateFolder, record.id);
    const tree: WorkspaceSeed = { seed: this.options.seed, instanceId: record.id, life: record.life, startedAt: Math.floor(record.createdAt) };
    const there = await access(root).then(() => true, () => false);
    let grown = this.options.growth.read(record.id);
    if (!there || !grown || grown.life !== record.life) {
      await createTree(root, tree);
      grown = { life: record.life, seconds: 0 };
      this.options.growth.write(record.id, grown);
    }
    if (!further || record.runSeconds <= grown.seconds) return;
    await growTree(root, tree, grown.seconds, record.runSeconds);
    this.options.growth.write(record.id, { life: record.life, seconds: record.runSeconds });
  }
}

const absent = (path: string): string => `ls: cannot access '${path}': No such file or directory\n`;

const listing = async (root: string, path: string): Promise<string> => {
  try {
    const real = await resolveInside(root, path, { followLast: true });
    const found = await stat(real);
    if (!found.isDirectory()) return `${path}\n`;
    return (await readdir(real)).toSorted().map((name) => `${name}\n`).join('');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof BadPath)) throw error;
    return absent(path);
  }
};

const bytesBelow = async (real: Buffer): Promise<number> => {
  let sum = 0;
  for (const entry of await readdir(real, { withFileTypes: true, encoding: 'buffer' })) {
    const path = joinBytes(real, entry.name);
    if (entry.isDirectory()) sum += await bytesBelow(path);
    else if (entry.isFile()) sum += (await stat(path)).size;
  }
  return sum;
};

const diskUse = async (root: string, path: string): Promise<string> => {
  try {
    const real = await resolveInside(root, path, { followLast: true });
    const found = await stat(real);
    return `${Math.ceil((found.isDirectory() ? await bytesBelow(real) : found.size) / 1024)}\t${path}\n`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof BadPath)) throw error;
    return absent(path);
  }
};
