// Listings of one source as files of blocks: written and read piece by piece, sorted in runs that are merged, so that memory does not grow with the tree. Synchronous; runs in the capture worker.
import { closeSync, fsyncSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { deflateRaw, inflateRawSync } from 'node:zlib';
import { DamagedListing, type ListingRecord, type Listings, type ListingWriter, type RecordWriter } from '../../domain/capture-ports';
import { joined, orderKey } from '../../domain/listing-order';
import { manifestRecord, storedEntry, type ManifestEntry } from '../../domain/snapshot-manifest';
import { PackedFile } from './packed-file';

/*
 * A file is a row of blocks: one byte of kind (1 plain, 2 deflated), four bytes of length (little endian), then the records of some entries, latin1. A last
 * byte 0 ends it: a file without it was cut off.
 */
const plain = 1;
const deflated = 2;
const headSize = 5;
/** Text in one block, characters. */
const blockText = 131_072;
/** A block can never be larger, bytes: one record has at most 12 KiB. */
const mostBlock = 4_194_304;
/** Entries that are sorted at a time in memory. */
const runLength = 40_000;

const nameForm = /^[A-Za-z0-9.-]{1,160}$/;

const deflate = promisify<Buffer, { readonly level: number }, Buffer>(deflateRaw);

/** What ends a listing. */
const ending = Buffer.from([0]);

const block = (kind: number, body: Buffer): Buffer => {
  const head = Buffer.alloc(headSize);
  head[0] = kind;
  head.writeUInt32LE(body.length, 1);
  return Buffer.concat([head, body]);
};

class BlockWriter implements ListingWriter {
  private readonly descriptor: number;
  private records: string[] = [];
  private held = 0;

  constructor(private readonly file: string) {
    this.descriptor = openSync(`${file}.new`, 'w', 0o600);
  }

  add(entry: ManifestEntry): void {
    const record = manifestRecord(entry);
    this.records.push(record);
    this.held += record.length;
    if (this.held >= blockText) this.flush();
  }

  private flush(): void {
    if (this.held === 0) return;
    this.write(block(plain, Buffer.from(this.records.join(''), 'latin1')));
    this.records = [];
    this.held = 0;
  }

  private write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
  }

  done(): void {
    this.flush();
    this.write(ending);
    closeSync(this.descriptor);
    renameSync(`${this.file}.new`, this.file);
  }
}

class PackingWriter implements RecordWriter {
  private readonly packed: PackedFile;
  private parts: string[] = [];
  private held = 0;

  constructor(private readonly file: string) {
    this.packed = new PackedFile(`${file}.new`, async (text) => block(deflated, await deflate(Buffer.from(text, 'latin1'), { level: 1 })));
  }

  add({ meta, target, path }: ListingRecord): Promise<void> | null {
    this.parts.push(meta, target, path);
    this.held += meta.length + target.length + path.length + 3;
    return this.held >= blockText ? this.flush() : null;
  }

  private flush(): Promise<void> {
    const text = `${this.parts.join('\0')}\0`;
    this.parts = [];
    this.held = 0;
    return this.packed.write(text);
  }

  async done(): Promise<void> {
    // What goes wrong in the last piece shows at the end.
    if (this.held > 0) void this.flush();
    await this.packed.done(ending);
    renameSync(`${this.file}.new`, this.file);
  }
}

/** `name`: what is said to be damaged. */
function* readBlocks<Item>(name: string, descriptor: number, made: (meta: string, target: string, path: string) => Item): Generator<Item> {
  try {
    const head = Buffer.alloc(headSize);
    for (;;) {
      const got = readSync(descriptor, head, 0, headSize, null);
      if (got === 1 && head[0] === 0) return;
      const length = head.readUInt32LE(1);
      if (got !== headSize || (head[0] !== plain && head[0] !== deflated) || length > mostBlock) throw new DamagedListing(name);
      const body = Buffer.alloc(length);
      if (readSync(descriptor, body, 0, length, null) !== length) throw new DamagedListing(name);
      const parts = unpacked(body, head[0] === deflated, name).split('\0');
      for (let at = 0; at + 2 < parts.length; at += 3) yield made(parts[at] ?? '', parts[at + 1] ?? '', parts[at + 2] ?? '');
    }
  } finally {
    closeSync(descriptor);
  }
}

const unpacked = (body: Buffer, isDeflated: boolean, name: string): string => {
  if (!isDeflated) return body.toString('latin1');
  try {
    return inflateRawSync(body, { maxOutputLength: mostBlock }).toString('latin1');
  } catch {
    throw new DamagedListing(name);
  }
};

/** Sorts a run at a time in memory; they are merged as they are read. `done` gives the files of more than one. */
class SortingWriter implements ListingWriter {
  private rows: { readonly key: string; readonly entry: ManifestEntry }[] = [];
  private readonly runs: string[] = [];

  constructor(
    private readonly file: string,
    private readonly finished: (runs: readonly string[]) => void,
  ) {}

  add(entry: ManifestEntry): void {
    this.rows.push({ key: orderKey(entry.path), entry });
    if (this.rows.length === runLength) this.run();
  }

  private run(): void {
    const name = `${this.file}.run-${String(this.runs.length)}`;
    this.write(name);
    this.runs.push(name);
  }

  private write(name: string): void {
    this.rows.sort((a, b) => (a.key < b.key ? -1 : a.key === b.key ? 0 : 1));
    const writer = new BlockWriter(name);
    for (const { entry } of this.rows) writer.add(entry);
    writer.done();
    this.rows = [];
  }

  done(): void {
    if (this.runs.length === 0) this.write(this.file);
    else if (this.rows.length > 0) this.run();
    this.finished(this.runs);
  }
}

/** Listings in one folder, as `NAME.list`. */
export class ListingFiles implements Listings {
  /** Files of sorted listings that are more than one, by name: they live as long as this. */
  private readonly sorted = new Map<string, readonly string[]>();

  constructor(private readonly folder: string) {}

  private file(name: string): string {
    if (!nameForm.test(name)) throw new Error('A listing name has an unexpected form');
    return path.join(this.folder, `${name}.list`);
  }

  read(name: string): Iterable<ManifestEntry> | null {
    const runs = this.sorted.get(name);
    if (runs === undefined) return this.stored(name, storedEntry);
    return { [Symbol.iterator]: () => joined(runs.map((file) => readBlocks(name, openSync(file, 'r'), storedEntry))) };
  }

  records(name: string): Iterable<ListingRecord> | null {
    return this.stored(name, (meta, target, at) => ({ meta, target, path: at }));
  }

  private stored<Item>(name: string, made: (meta: string, target: string, path: string) => Item): Iterable<Item> | null {
    const file = this.file(name);
    try {
      closeSync(openSync(file, 'r'));
    } catch {
      return null;
    }
    return { [Symbol.iterator]: () => readBlocks(name, openSync(file, 'r'), made) };
  }

  writer(name: string): ListingWriter {
    return new BlockWriter(this.file(name));
  }

  packer(name: string): RecordWriter {
    return new PackingWriter(this.file(name));
  }

  sorter(name: string): ListingWriter {
    const file = this.file(name);
    this.remove(name);
    return new SortingWriter(file, (runs) => {
      if (runs.length > 0) this.sorted.set(name, runs);
    });
  }

  keep(name: string, as: string): void {
    const descriptor = openSync(this.file(name), 'r+');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(this.file(name), this.file(as));
    this.syncFolder();
  }

  /** So that the new name is there after a loss of power too; Windows has no such call. */
  private syncFolder(): void {
    if (process.platform === 'win32') return;
    const descriptor = openSync(this.folder, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  }

  remove(name: string): void {
    for (const file of [this.file(name), ...(this.sorted.get(name) ?? [])]) rmSync(file, { force: true });
    this.sorted.delete(name);
  }

  names(): readonly string[] {
    return readdirSync(this.folder).flatMap((name) => (name.endsWith('.list') ? [name.slice(0, -'.list'.length)] : []));
  }

  /** Removes what writers and sorters left that did not come to their end. */
  clear(): void {
    for (const name of readdirSync(this.folder)) if (/\.list(?:\.run-\d+)?\.new$|\.list\.run-\d+$/.test(name)) rmSync(path.join(this.folder, name), { force: true });
  }
}
