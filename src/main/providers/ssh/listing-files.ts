// Listings of one source as files of blocks: written and read piece by piece, sorted in runs that are merged, so that memory does not grow with the tree. Synchronous; runs in the capture worker.
import { closeSync, fsyncSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { DamagedListing, type ListingRecord, type Listings, type ListingWriter, type OrderedWriter } from '../../domain/capture-ports';
import { joined, orderKey } from '../../domain/listing-order';
import { manifestRecord, storedEntry, type ManifestEntry } from '../../domain/snapshot-manifest';

/*
 * A file is a row of blocks: one byte of kind (1 plain; 2 deflated, which is read and not written any more), four bytes of length (little endian), then the records of some entries, latin1. A last
 * byte 0 ends it: a file without it was cut off.
 */
const plain = 1;
const deflated = 2;
const headSize = 5;
/** Text in one block, characters: a block is written when it has so many. */
const blockText = 131_072;
/** Far above what one record takes (12 KiB), bytes. */
const mostRecord = 65_536;
/** A block can never be larger, bytes. */
const mostBlock = 4_194_304;
/** Entries that are sorted at a time in memory. */
const runLength = 40_000;

const nameForm = /^[A-Za-z0-9.-]{1,160}$/;

class BlockWriter implements OrderedWriter {
  private readonly descriptor: number;
  private readonly block = Buffer.allocUnsafe(headSize + blockText + mostRecord);
  private end = headSize;

  constructor(private readonly file: string) {
    this.descriptor = openSync(`${file}.new`, 'w', 0o600);
    this.block[0] = plain;
  }

  add(entry: ManifestEntry): void {
    this.put(manifestRecord(entry));
  }

  copy({ meta, target, path }: ListingRecord): void {
    this.put(`${meta}\0${target}\0${path}\0`);
  }

  private put(record: string): void {
    if (record.length > mostRecord) throw new Error('A record is longer than any can be');
    this.end += this.block.write(record, this.end, 'latin1');
    if (this.end >= headSize + blockText) this.flush();
  }

  private flush(): void {
    this.block.writeUInt32LE(this.end - headSize, 1);
    this.write(this.block.subarray(0, this.end));
    this.end = headSize;
  }

  private write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
  }

  done(): void {
    if (this.end > headSize) this.flush();
    this.write(Buffer.from([0]));
    closeSync(this.descriptor);
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

  writer(name: string): OrderedWriter {
    return new BlockWriter(this.file(name));
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
