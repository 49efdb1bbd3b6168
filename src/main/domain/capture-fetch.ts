// Brings the mirror up to a listing: fetches what changed, looks again at what changed meanwhile, and gives the listing as it really was.
import { AppError } from './app-error';
import { byPath, isKnown, isStored, mirrorEntries, wanted, withHashes, withNudges, type ByPath } from './capture-delta';
import type { OperationRun } from './ports';
import { copyMtime, isSparseBomb, sameEntry, type ManifestEntry } from './snapshot-manifest';
import { displayName, mirrorPath } from './snapshot-names';
import type { BytePath, FetchReport, Mirror, RemoteHost } from './snapshot-ports';

/** A file that changes while it is read is fetched again so often (facts/snapshots.md 3.3). */
const rereads = 2;
/** Names in one warning or log line. */
const named = 20;
/** What must stay free on the disk: 5 GB, or 5 % where that is less (facts/snapshots.md 3.4). */
const freeFloor = (total: number): number => Math.min(5e9, total * 0.05);

export interface FetchInput {
  readonly directory: string;
  /** Its name in the mirror and inside the snapshot. */
  readonly root: string;
  readonly entries: readonly ManifestEntry[];
  /** Earlier listings that vouch for copies, the last good one first; nulls = fetch everything. */
  readonly listings: readonly (ByPath | null)[];
}

export interface FetchResult {
  /** What the mirror now holds. */
  readonly entries: readonly ManifestEntry[];
  /** Left out on purpose. */
  readonly skipped: ReadonlySet<BytePath>;
  readonly warnings: readonly string[];
}

const list = (paths: readonly BytePath[]): string => `${paths.slice(0, named).map(displayName).join(', ')}${paths.length > named ? ` and ${paths.length - named} more` : ''}`;

const changed = (report: FetchReport, asked: readonly ManifestEntry[]): readonly BytePath[] =>
  report.exitCode === 0 ? [...report.odd.map((one) => one.path), ...report.missing] : asked.map((entry) => entry.path);

/** Which files of these are not as they were listed, or did not come as they are now. */
const judge = (asked: readonly BytePath[], before: ByPath, now: ByPath, report: FetchReport): { readonly gone: readonly BytePath[]; readonly dirty: readonly ManifestEntry[] } => {
  const odd = new Set([...report.odd.map((one) => one.path), ...report.missing]);
  const gone: BytePath[] = [];
  const dirty: ManifestEntry[] = [];
  for (const path of asked) {
    const current = now.get(path);
    const old = before.get(path);
    if (current?.type !== 'f') gone.push(path);
    else if (odd.has(path) || old === undefined || !sameEntry(old, current)) dirty.push(current);
  }
  return { gone, dirty };
};

/** One capture's fetching. */
export class CaptureFetch {
  private readonly current: Map<BytePath, ManifestEntry>;
  private readonly skipped = new Set<BytePath>();
  private readonly warnings: string[] = [];
  private readonly followers: { readonly entry: ManifestEntry; readonly leader: BytePath }[] = [];
  private readonly into: { readonly data: string; readonly temporary: string };
  private done = { bytes: 0, files: 0 };

  constructor(
    private readonly host: RemoteHost,
    private readonly mirror: Mirror,
    private readonly run: OperationRun,
    private readonly input: FetchInput,
  ) {
    this.current = byPath(withHashes(input.entries, input.listings));
    this.into = { data: `${mirror.folder}/${input.root}`, temporary: mirror.temporary };
  }

  async bring(): Promise<FetchResult> {
    const { mirror, input, run } = this;
    this.noteSpecials();
    this.skipSparse((await mirror.space()).free);
    const good = await mirror.prepare(input.root, mirrorEntries([...this.current.values()]));
    let queue = this.leaders([...this.current.values()].filter((entry) => entry.type === 'f'), (entry) => good.has(mirrorPath(entry.path)) && isKnown(entry, input.listings));
    const bytes = queue.reduce((sum, entry) => sum + entry.size, 0);
    const { free, total } = await mirror.space();
    if (bytes > 0 && bytes > free - freeFloor(total)) throw new AppError('disk_full', 'There is not enough room on the disk for what must be fetched.', { path: mirror.folder });
    await mirror.writeManifest('pending', [...this.current.values()]);
    run.log('info', `${queue.length} of ${input.entries.filter((entry) => entry.type === 'f').length} files to fetch, ${bytes} bytes`);
    const totals = { bytes_total: bytes, files_total: queue.length };
    run.progress({ phase: 'fetch', bytes_done: 0, files_done: 0, ...totals });
    while (queue.length > 0 || this.followers.length > 0) {
      for (let round = 0; queue.length > 0; round += 1) queue = await this.round(queue, round, totals);
      queue = await this.copyFollowers();
    }
    await mirror.link(input.root, [...this.current.values()].filter((entry) => entry.type === 'l').map((entry) => ({ name: mirrorPath(entry.path), target: entry.target })));
    return { entries: [...this.current.values()], skipped: this.skipped, warnings: this.warnings };
  }

  /**
   * The files to fetch: of several names of one file the first, the others are copied from it afterwards.
   *
   * tar sends a second name as a link, which is never accepted; and bytes cost money.
   */
  private leaders(files: readonly ManifestEntry[], isHere: (entry: ManifestEntry) => boolean): ManifestEntry[] {
    const first = new Map<string, BytePath>();
    const group = (entry: ManifestEntry): string | null => (entry.links > 1 ? `${entry.device}:${entry.inode}:${entry.size}:${entry.mtime}` : null);
    const queue: ManifestEntry[] = [];
    const lacking: ManifestEntry[] = [];
    for (const entry of files) {
      const key = group(entry);
      if (!isHere(entry)) lacking.push(entry);
      else if (key !== null && !first.has(key)) first.set(key, entry.path);
    }
    for (const entry of lacking) {
      const key = group(entry);
      const leader = key === null ? undefined : first.get(key);
      if (leader !== undefined) this.followers.push({ entry, leader });
      else {
        queue.push(entry);
        if (key !== null) first.set(key, entry.path);
      }
    }
    return queue;
  }

  /** Gives those whose first name is gone by now: they are fetched after all. */
  private async copyFollowers(): Promise<ManifestEntry[]> {
    const { mirror, input, current } = this;
    const orphans: ManifestEntry[] = [];
    for (const { entry, leader } of this.followers.splice(0)) {
      const now = current.get(leader);
      if (now === undefined) {
        orphans.push(entry);
        continue;
      }
      // What was learnt about the first name while it was read holds for all.
      const followed = withNudges(input.listings[0] ?? null, [{ ...now, path: entry.path, nudge: entry.nudge }])[0] ?? entry;
      current.set(entry.path, followed);
      await mirror.copyFile(input.root, mirrorPath(leader), mirrorPath(entry.path), copyMtime(followed));
    }
    return this.leaders(orphans, () => false);
  }

  /** Fetches these; gives those that must be fetched again. */
  private async round(queue: readonly ManifestEntry[], round: number, totals: { readonly bytes_total: number; readonly files_total: number }): Promise<ManifestEntry[]> {
    const { host, run, input } = this;
    const before = this.done;
    const report = await host.fetch(input.directory, queue.map(wanted), this.into, run.signal, (bytes, files) =>
      run.progress({ phase: 'fetch', bytes_done: round === 0 ? bytes : before.bytes, files_done: round === 0 ? files : before.files, ...totals }),
    );
    if (round === 0) this.done = { bytes: report.bytes, files: report.files };
    for (const [path, sha256] of report.hashes) {
      const entry = this.current.get(path);
      if (entry !== undefined) this.current.set(path, { ...entry, sha256 });
    }
    for (const note of report.notes.slice(0, named)) run.log('warn', note, 'remote');
    const asked = changed(report, queue);
    if (asked.length === 0) return [];
    const now = byPath(await host.stat(input.directory, asked, run.signal));
    const { gone, dirty } = judge(asked, this.current, now, report);
    await this.drop(gone);
    if (round < rereads) {
      const again = withNudges(input.listings[0] ?? null, dirty);
      for (const entry of again) this.current.set(entry.path, entry);
      return [...again];
    }
    await this.keepDirty(dirty, report);
    return [];
  }

  private async drop(gone: readonly BytePath[]): Promise<void> {
    if (gone.length === 0) return;
    for (const path of gone) this.current.delete(path);
    await this.mirror.removeFiles(this.input.root, gone.map((path) => mirrorPath(path)));
    this.warnings.push(`Deleted while the snapshot was taken: ${list(gone)}`);
  }

  /** Still changing: kept as last read, named, and marked so that the next capture fetches it. */
  private async keepDirty(dirty: readonly ManifestEntry[], report: FetchReport): Promise<void> {
    if (dirty.length === 0) return;
    const odd = new Map(report.odd.map((one) => [one.path, one.size]));
    const missing = new Set(report.missing);
    await this.drop(dirty.filter((entry) => missing.has(entry.path)).map((entry) => entry.path));
    const kept = dirty.filter((entry) => !missing.has(entry.path));
    for (const entry of kept) {
      // The copy has the time of the listing it was fetched by.
      const listed = this.current.get(entry.path) ?? entry;
      this.current.set(entry.path, { ...listed, size: odd.get(entry.path) ?? listed.size, ctime: '0' });
    }
    if (kept.length > 0) this.warnings.push(`Changed while it was read: ${list(kept.map((entry) => entry.path))}`);
  }

  private noteSpecials(): void {
    const specials = this.input.entries.filter((entry) => !isStored(entry)).map((entry) => entry.path);
    if (specials.length > 0) this.run.log('info', `Recorded but not stored (sockets, pipes, devices): ${list(specials)}`);
  }

  private skipSparse(free: number): void {
    const bombs = [...this.current.values()].filter((entry) => isSparseBomb(entry, free));
    for (const entry of bombs) {
      this.skipped.add(entry.path);
      this.current.delete(entry.path);
    }
    if (bombs.length > 0) this.warnings.push(`Left out, mostly holes and larger than the free disk: ${list(bombs.map((entry) => entry.path))}`);
  }
}
