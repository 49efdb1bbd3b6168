// The store of parts of large files whose fetch broke off, in a folder of the mirror that restic never reads. Runs in the capture worker. See [Note: Kept parts].
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, ftruncateSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { KeptParts } from '../../domain/capture-ports';
import { freshFlags, PartFile } from './incoming-file';

/** A break costs what came since the last mark, bytes; and a fetch can go on only at a whole block of the host's dd. */
const step = 16_777_216;
/** Parts that are kept at a time: each break adds one, and each fetch goes on with those there are. */
const most = 3;
/** Read at a time, bytes. */
const pieceSize = 1_048_576;

const digest = /^[0-9a-f]{64}$/;

/** Fills the whole buffer; false when the file ends before. */
const fill = async (handle: FileHandle, buffer: Buffer): Promise<boolean> => {
  for (let got = 0; got < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, got, buffer.length - got, null);
    if (bytesRead === 0) return false;
    got += bytesRead;
  }
  return true;
};

/** Parts in one folder: of each the content, `NAME.part`, and its marks, `NAME.marks`: the identity of its file, then a hash per step, line by line. */
export class DiskParts implements KeptParts {
  constructor(
    readonly folder: string,
    private readonly sizes: { readonly step: number; readonly most: number } = { step, most },
  ) {}

  size(identity: string): number {
    const facts = lstatSync(this.file(identity, 'part'), { throwIfNoEntry: false });
    return facts?.isFile() === true ? Math.min(this.marks(identity).length, Math.floor(facts.size / this.sizes.step)) * this.sizes.step : 0;
  }

  keepOnly(identities: ReadonlySet<string>): void {
    const wanted = new Set([...identities].map((one) => this.name(one)));
    for (const found of this.names()) if (!wanted.has(found.slice(0, found.indexOf('.')))) rmSync(path.join(this.folder, found), { recursive: true, force: true });
  }

  /** A new part of a file that is to come whole. The oldest make room for it. */
  begin(identity: string): PartFile {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.remove(identity);
    this.makeRoom();
    writeFileSync(this.file(identity, 'marks'), `${identity}\n`, { encoding: 'latin1', mode: 0o600, flag: 'wx' });
    const descriptor = openSync(this.file(identity, 'part'), freshFlags, 0o600);
    return this.opened(identity, descriptor, createHash('sha256'), 0);
  }

  /** What is there of a file of so many bytes, up to the last mark that is right, ready to be gone on with; null when there is nothing. */
  async resume(identity: string, size: number, signal: AbortSignal): Promise<PartFile | null> {
    const good = await this.check(identity, signal);
    if (good === null || good.size >= size) {
      this.remove(identity);
      return null;
    }
    writeFileSync(this.file(identity, 'marks'), `${[identity, ...this.marks(identity).slice(0, good.size / this.sizes.step)].join('\n')}\n`, { encoding: 'latin1', mode: 0o600 });
    const descriptor = openSync(this.file(identity, 'part'), constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0));
    ftruncateSync(descriptor, good.size);
    return this.opened(identity, descriptor, good.hash, good.size);
  }

  private opened(identity: string, descriptor: number, hash: Hash, size: number): PartFile {
    const marks = this.file(identity, 'marks');
    try {
      return new PartFile({ file: this.file(identity, 'part'), descriptor, marks: { file: marks, descriptor: openSync(marks, 'a') }, step: this.sizes.step, hash, size });
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Hashes what is there, up to the first mark that is wrong. */
  private async check(identity: string, signal: AbortSignal): Promise<{ readonly hash: Hash; readonly size: number } | null> {
    const marks = this.marks(identity);
    if (this.size(identity) === 0) return null;
    const handle = await open(this.file(identity, 'part'), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(Math.min(this.sizes.step, pieceSize));
      let good: { readonly hash: Hash; readonly size: number } | null = null;
      for (const [at, mark] of marks.entries()) {
        for (let left = this.sizes.step; left > 0; left -= buffer.length) {
          const piece = buffer.subarray(0, Math.min(left, buffer.length));
          signal.throwIfAborted();
          if (!(await fill(handle, piece))) return good;
          hash.update(piece);
        }
        if (hash.copy().digest('hex') !== mark) return good;
        good = { hash: hash.copy(), size: (at + 1) * this.sizes.step };
      }
      return good;
    } finally {
      await handle.close();
    }
  }

  /** Whole marks only: the last may have been cut off. */
  private marks(identity: string): readonly string[] {
    try {
      const [head, ...lines] = readFileSync(this.file(identity, 'marks'), 'latin1').split('\n');
      const end = lines.findIndex((line) => !digest.test(line));
      return head === identity ? lines.slice(0, end === -1 ? lines.length : end) : [];
    } catch {
      return [];
    }
  }

  private remove(identity: string): void {
    for (const ending of ['part', 'marks'] as const) rmSync(this.file(identity, ending), { force: true });
  }

  private makeRoom(): void {
    const parts = this.names().flatMap((name) => (name.endsWith('.part') ? [{ name: name.slice(0, -'.part'.length), at: lstatSync(path.join(this.folder, name)).mtimeMs }] : []));
    const over = parts.sort((a, b) => b.at - a.at).slice(this.sizes.most - 1);
    for (const { name } of over) for (const ending of ['part', 'marks']) rmSync(path.join(this.folder, `${name}.${ending}`), { force: true });
  }

  private names(): readonly string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return [];
    }
  }

  private name(identity: string): string {
    return createHash('sha256').update(identity, 'latin1').digest('hex').slice(0, 32);
  }

  private file(identity: string, ending: 'part' | 'marks'): string {
    return path.join(this.folder, `${this.name(identity)}.${ending}`);
  }
}
