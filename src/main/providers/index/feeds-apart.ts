// Two lists of files side by side: where they differ. Lines that are equal are not read. See [Note: Index patch].
import type { IndexEntry } from '../../domain/file-index-port';
import { orderKey } from '../../domain/listing-order';
import { aboutOf, entryOfLine, LineCutter, progressEvery, type FeedAbout } from './index-feed';
import { PatchRefused } from './index-patch';

/** Takes what differs, in the order of listings. */
export interface Differences {
  remove(entry: IndexEntry): void;
  change(entry: IndexEntry): void;
  add(entry: IndexEntry): void;
}

/** A file that was not fetched stands at the end of a list, out of order. */
const isOutOfOrder = (line: string): boolean => line.endsWith(',"stored":false}') && line.includes('"type":"f"');

/** The lines of a sidecar, one at a time. */
export class SidecarLines {
  private lines: string[] = [];
  private at = 0;
  private readonly cutter = new LineCutter((line) => void this.lines.push(line));
  private readonly chunks: AsyncIterator<Uint8Array>;
  private ended = false;
  private read: { readonly entry: IndexEntry; readonly key: string } | null = null;
  private lastKey: string | null = null;
  /** Lines that were passed, without the first. */
  count = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  /** There is one more line, at once. */
  get ready(): boolean {
    return this.at < this.lines.length;
  }

  /** Waits for the next line; false at the end. */
  async fill(): Promise<boolean> {
    while (!this.ready && !this.ended) {
      this.lines = [];
      this.at = 0;
      const next = await this.chunks.next();
      if (next.done === true) {
        this.ended = true;
        this.cutter.end();
      } else this.cutter.push(next.value);
    }
    return this.ready;
  }

  get line(): string {
    return this.lines[this.at] ?? '';
  }

  pass(): void {
    if (isOutOfOrder(this.line)) throw new PatchRefused('A list is not in order.');
    this.at += 1;
    this.count += 1;
    this.read = null;
  }

  /** What the line says. */
  get entry(): { readonly entry: IndexEntry; readonly key: string } {
    if (this.read !== null) return this.read;
    const entry = entryOfLine(this.line);
    const key = orderKey(entry.path);
    if (this.lastKey !== null && key <= this.lastKey) throw new PatchRefused('A list is not in order.');
    this.lastKey = key;
    this.read = { entry, key };
    return this.read;
  }

  /** The first line; `entries` are those that it announces. */
  async head(): Promise<FeedAbout & { readonly entries: number }> {
    await this.fill();
    const about = aboutOf(this.line);
    this.at += 1;
    return about;
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}

const step = (old: SidecarLines | null, now: SidecarLines | null, into: Differences): void => {
  if (old !== null && now !== null && old.line === now.line) {
    old.pass();
    now.pass();
    return;
  }
  const [was, is] = [old?.entry ?? null, now?.entry ?? null];
  const sameName = was?.key === is?.key;
  if (was !== null && is !== null && sameName && (was.entry.type === 'd') === (is.entry.type === 'd')) into.change(is.entry);
  else {
    // A directory that became a file is one that went and another that came; what was in it goes later, and is not looked for in the file.
    if (was !== null && (is === null || sameName || was.key < is.key)) into.remove(was.entry);
    if (is !== null && (was === null || sameName || is.key < was.key)) into.add(is.entry);
  }
  if (was !== null && (is === null || was.key <= is.key)) old?.pass();
  if (is !== null && (was === null || is.key <= was.key)) now?.pass();
};

/** Walks both to their ends. `onCount`: lines of the new one so far. */
export const tellApart = async (old: SidecarLines, now: SidecarLines, into: Differences, onCount: (lines: number) => void): Promise<void> => {
  for (;;) {
    const [was, is] = [old.ready || (await old.fill()), now.ready || (await now.fill())];
    if (!was && !is) return;
    step(was ? old : null, is ? now : null, into);
    if (now.count % progressEvery === 0) onCount(now.count);
  }
};
