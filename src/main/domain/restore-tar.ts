// The header filter: restic's own tar goes in, a tar with the host's original names, modes, owners, times and hardlinks comes out. Streaming.
import { AppError } from './app-error';
import type { DumpCall, RestorePlan } from './restore-plan';
import { parentOf } from './snapshot-names';
import { blockSize, isEmptyBlock, paddingOf, paxRecords, readHeader, tarEnd, tarHeader, type TarEntry, type TarHeader } from './snapshot-tar';
import type { BytePath } from './snapshot-ports';
import { plainName, type SidecarEntry } from './sidecar';
import { mainTurn, Turns } from './turns';

const damaged = (output: string): AppError => new AppError('repository_damaged', 'What restic gave for the snapshot is not what was stored.', { output });

/** Long names and times; restic writes short ones. */
const mostMeta = 1_048_576;

/** A stream read in the amounts one asks for. */
class Bytes {
  private chunk: Buffer = Buffer.alloc(0);
  private readonly iterator: AsyncIterator<Uint8Array>;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.iterator = stream[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes; null at the end. */
  async some(most: number): Promise<Buffer | null> {
    while (this.chunk.length === 0) {
      const next = await this.iterator.next();
      if (next.done === true) return null;
      this.chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length);
    }
    const part = this.chunk.subarray(0, most);
    this.chunk = this.chunk.subarray(part.length);
    return part;
  }

  /** Exactly so many; null when the stream is at its end. */
  async exactly(size: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    for (let left = size; left > 0; ) {
      const part = await this.some(left);
      if (part === null) {
        if (left === size) return null;
        throw damaged('the archive ends early');
      }
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  async close(): Promise<void> {
    await this.iterator.return?.();
  }
}

const tarTypes: Readonly<Record<string, TarEntry['type']>> = { f: '0', l: '2', d: '5', p: '6' };

/** What the filter made so far. */
export interface RestoreCount {
  readonly files: number;
  readonly bytes: number;
}

/** Filters the dumps of one plan into one archive. */
export class RestoreTar {
  private readonly byMirrorName = new Map<string, SidecarEntry>();
  /** Pipes and links by their directory: restic knows no pipes, and no links where the mirror's disk had none, and what comes later into a directory would change its time. */
  private readonly made = new Map<BytePath, SidecarEntry[]>();
  private readonly seen = new Set<BytePath>();
  private readonly firstOfGroup = new Map<string, BytePath>();
  private written = 0;
  private files = 0;
  private bytes = 0;

  private constructor(private readonly plan: RestorePlan, private readonly onProgress: (count: RestoreCount) => void) {}

  /** The filter of a plan, made in turns. */
  static async of(plan: RestorePlan, onProgress: (count: RestoreCount) => void, signal?: AbortSignal): Promise<RestoreTar> {
    const filter = new RestoreTar(plan, onProgress);
    const turns = new Turns(signal, mainTurn);
    // The place itself is nothing that another client captured.
    if (plan.sidecar.foreign) filter.seen.add('');
    for (const entry of plan.entries) {
      if (turns.due) await turns.pause();
      filter.byMirrorName.set(entry.mirrorName, entry);
      if (entry.type !== 'p' && (entry.type !== 'l' || plan.sidecar.foreign)) continue;
      const parent = parentOf(entry.path);
      const made = filter.made.get(parent);
      if (made === undefined) filter.made.set(parent, [entry]);
      else made.push(entry);
    }
    return filter;
  }

  get count(): RestoreCount {
    return { files: this.files, bytes: this.bytes };
  }

  /** The whole archive. `open` gives the stream of one dump. Throws `repository_damaged` when a file is missing or has another size. */
  async *archive(open: (call: DumpCall) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of this.parts(open)) {
      this.written += part.length;
      yield part;
    }
    yield tarEnd(this.written);
  }

  /** The directories alone, the deepest first: for a tar that sets their times before it writes into them. */
  *directories(): Generator<Uint8Array> {
    const depth = (entry: SidecarEntry): number => (entry.path === '' ? 0 : entry.path.split('/').length);
    let written = 0;
    for (const entry of this.plan.entries.filter(({ type }) => type === 'd').sort((a, b) => depth(b) - depth(a))) {
      const header = this.header(entry);
      written += header.length;
      yield header;
    }
    yield tarEnd(written);
  }

  private async *parts(open: (call: DumpCall) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for (const call of this.plan.dumps) {
      const bytes = new Bytes(open(call));
      try {
        if (call.kind === 'tree') yield* this.tree(bytes);
        else yield* this.single(bytes, call.entry);
      } finally {
        await bytes.close();
      }
    }
    // Links that were chosen alone, the directory itself, and directories restic does not name.
    for (const entry of this.plan.entries) {
      if (this.seen.has(entry.path)) continue;
      if (entry.type === 'f') throw damaged('a file is missing in the snapshot');
      yield this.header(entry);
    }
  }

  private async *tree(bytes: Bytes): AsyncGenerator<Uint8Array> {
    let pax: ReadonlyMap<string, string> = new Map();
    let longName: string | undefined;
    let longLink: string | undefined;
    for (;;) {
      const block = await bytes.exactly(blockSize);
      // A directory without files may come as an empty stream.
      if (block === null || isEmptyBlock(block)) break;
      const header = readHeader(block);
      if (header === null) throw damaged('not a tar archive');
      if (header.type === 'x' || header.type === 'g' || header.type === 'L' || header.type === 'K') {
        if (header.size > mostMeta) throw damaged('an extended header is too large');
        const content = (await bytes.exactly(header.size + paddingOf(header.size)))?.subarray(0, header.size) ?? Buffer.alloc(0);
        const records = header.type === 'L' || header.type === 'K' ? new Map<string, string>() : paxRecords(content);
        if (records === null) throw damaged('an extended header is not well formed');
        if (header.type === 'x') pax = records;
        const text = (): string => content.toString('latin1').replace(/\0.*$/s, '');
        if (header.type === 'L') longName = text();
        if (header.type === 'K') longLink = text();
        continue;
      }
      const size = pax.get('size') === undefined ? header.size : Number(pax.get('size'));
      const name = pax.get('path') ?? longName ?? header.name;
      const known = this.byMirrorName.get(this.mirrorName(name));
      const entry = this.plan.sidecar.foreign ? this.asStored(known, { ...header, name, linkName: pax.get('linkpath') ?? longLink ?? header.linkName }) : known;
      pax = new Map();
      longName = undefined;
      longLink = undefined;
      if (entry === undefined) yield* this.content(bytes, size, false);
      else yield* this.entry(bytes, entry, size);
    }
    while ((await bytes.some(1 << 20)) !== null) {
      // The rest is padding; it is read so that restic can end well.
    }
  }

  /** Of a snapshot of another client only the archive itself knows the targets of links, and names that are not UTF-8. */
  private asStored(known: SidecarEntry | undefined, header: TarHeader): SidecarEntry | undefined {
    if (known !== undefined) return known.type === 'l' ? { ...known, target: header.linkName } : known;
    const type = { 0: 'f', 2: 'l', 5: 'd' }[header.type];
    const path = header.name.replace(/^\.?\//, '').replace(/\/$/, '');
    if (!this.plan.whole || type === undefined || !plainName(path)) return undefined;
    return { path, mirrorName: '', type, mode: header.mode & 0o7777, uid: header.uid || 0, gid: header.gid || 0, size: header.size, mtime: String(header.mtime), target: header.linkName, group: '', sparse: false, sha256: '', stored: true };
  }

  private mirrorName(latin1: string): string {
    const name = Buffer.from(latin1, 'latin1').toString('utf8').replace(/^\.?\//, '').replace(/\/$/, '');
    if (this.plan.sidecar.root === '') return name;
    const prefix = `${this.plan.sidecar.root}/`;
    return name.startsWith(prefix) ? name.slice(prefix.length) : '\0';
  }

  private async *single(bytes: Bytes, entry: SidecarEntry): AsyncGenerator<Uint8Array> {
    yield* this.entry(bytes, entry, entry.size, false);
    if ((await bytes.some(1)) !== null) throw damaged('a file is longer than it was');
  }

  private async *entry(bytes: Bytes, entry: SidecarEntry, size: number, padded = true): AsyncGenerator<Uint8Array> {
    const isMade = this.seen.has(entry.path) && entry.type === 'l';
    this.seen.add(entry.path);
    if (entry.type !== 'f') {
      if (!isMade) yield this.header(entry);
      yield* this.content(bytes, size, false, padded);
      for (const one of entry.type === 'd' ? (this.made.get(entry.path) ?? []) : []) {
        this.seen.add(one.path);
        yield this.header(one);
      }
      return;
    }
    if (size !== entry.size) throw damaged('a file has another size than it had');
    this.files += 1;
    const first = entry.group === '' ? undefined : this.firstOfGroup.get(entry.group);
    if (first !== undefined) {
      yield this.header(entry, first);
      yield* this.content(bytes, size, false, padded);
    } else {
      if (entry.group !== '') this.firstOfGroup.set(entry.group, entry.path);
      yield this.header(entry);
      yield* this.content(bytes, size, true, padded);
    }
    this.bytes += first === undefined ? 0 : size;
    this.onProgress(this.count);
  }

  private header(entry: SidecarEntry, hardlinkTo?: BytePath): Buffer {
    const type = hardlinkTo === undefined ? (tarTypes[entry.type] ?? '0') : '1';
    const linkName = hardlinkTo !== undefined ? `./${hardlinkTo}` : entry.type === 'l' ? entry.target : '';
    const name = `./${entry.path}${entry.type === 'd' && entry.path !== '' ? '/' : ''}`;
    return tarHeader({ name, type, mode: entry.mode, uid: entry.uid, gid: entry.gid, size: entry.size, mtime: entry.mtime, linkName });
  }

  /** Passes content on, or drops it; `padded`: it comes with tar's padding. */
  private async *content(bytes: Bytes, size: number, pass: boolean, padded = true): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      const part = await bytes.some(left);
      if (part === null) throw damaged('a file is shorter than it was');
      left -= part.length;
      if (!pass) continue;
      this.bytes += part.length;
      yield part;
      this.onProgress(this.count);
    }
    const padding = paddingOf(size);
    if (padding === 0) return;
    if (padded && (await bytes.exactly(padding)) === null) throw damaged('the archive ends early');
    if (pass) yield Buffer.alloc(padding);
  }
}
