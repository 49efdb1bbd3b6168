// One batch of a capture: fetched, what changed meanwhile looked at again and fetched again, later names of one file copied. Runs in the capture worker.
import { nudged, wanted, wantedAsListed } from './capture-delta';
import { shown } from './capture-names';
import type { StageHooks } from './capture-ports';
import type { Follower } from './fetch-queue';
import { identityOf } from './file-identity';
import { inOrder, ListingCursor } from './listing-order';
import { inPlaceOf, sameEntry, type ManifestEntry } from './snapshot-manifest';
import type { BytePath, FetchReport, Mirror, RemoteHost } from './snapshot-ports';

/** A file that changes while it is read is fetched again so often; then it is kept as it came, and named. */
const rereads = 2;
/** The host's lines in one log. */
const mostNotes = 20;

export interface Batch {
  readonly files: readonly ManifestEntry[];
  readonly followers: readonly Follower[];
  /** With the followers. */
  readonly bytes: number;
}

const changed = (report: FetchReport, asked: readonly ManifestEntry[]): readonly BytePath[] =>
  report.exitCode === 0 ? [...report.odd.map((one) => one.path), ...report.missing, ...(report.resumed ?? [])] : asked.map((entry) => entry.path);

type ByPath = ReadonlyMap<BytePath, ManifestEntry>;

interface Compared {
  readonly gone: readonly BytePath[];
  /** Symbolic links by now. */
  readonly links: readonly ManifestEntry[];
  /** Directories and other things by now. */
  readonly turned: readonly BytePath[];
  readonly dirty: readonly ManifestEntry[];
}

/** Which files of these are not as they were listed, or did not come as they are now. */
const compare = (asked: readonly BytePath[], before: ByPath, now: ByPath, report: FetchReport): Compared => {
  const odd = new Set([...report.odd.map((one) => one.path), ...report.missing, ...(report.padded ?? [])]);
  const resumed = new Set(report.resumed);
  const gone: BytePath[] = [];
  const links: ManifestEntry[] = [];
  const turned: BytePath[] = [];
  const dirty: ManifestEntry[] = [];
  for (const path of asked) {
    const current = now.get(path);
    const old = before.get(path);
    if (current === undefined) gone.push(path);
    else if (current.type === 'l') links.push(current);
    else if (current.type !== 'f') turned.push(path);
    else if (odd.has(path) || old === undefined || !sameEntry(old, current) || (resumed.has(path) && identityOf(old) !== identityOf(current))) dirty.push(current);
  }
  return { gone, links, turned, dirty };
};

/** Fetches batches; progress is told over all of them. */
export class CaptureBatch {
  private done: { readonly bytes: number; readonly files: number };
  /** Files of the present batch as they are known by now. */
  private current = new Map<BytePath, ManifestEntry>();
  private warnings: string[] = [];

  constructor(
    private readonly parts: {
      readonly host: RemoteHost;
      readonly mirror: Mirror;
      readonly hooks: StageHooks;
      readonly directory: string;
      /** Of the snapshot that the next backup builds on; may change from batch to batch. */
      readonly base: () => Iterable<ManifestEntry> | null;
      readonly root: string;
      /** `kept`: bytes of them that were here already, as parts of files. */
      readonly totals: { readonly bytes: number; readonly files: number; readonly kept: number };
    },
  ) {
    this.done = { bytes: parts.totals.kept, files: 0 };
  }

  /** Gives what the mirror now holds of it. `more`: others come after it. */
  async bring({ files, followers }: Batch, more: boolean): Promise<{ readonly entries: readonly ManifestEntry[]; readonly warnings: readonly string[] }> {
    this.current = new Map();
    for (const entry of files) this.current.set(entry.path, entry);
    this.warnings = [];
    let queue = files;
    let left = followers;
    while (queue.length > 0 || left.length > 0) {
      const start = this.done;
      for (let round = 0; queue.length > 0; round += 1) queue = await this.round(queue, round, start, more);
      const orphans = await this.copyFollowers(left);
      queue = orphans.flatMap(({ entry, leader }) => (leader === entry.path ? [entry] : []));
      left = orphans.filter(({ entry, leader }) => leader !== entry.path);
      for (const entry of queue) this.current.set(entry.path, entry);
    }
    return { entries: [...this.current.values()], warnings: this.warnings };
  }

  /** Gives those whose first name is gone by now, under a new one of them: it is fetched after all. */
  private async copyFollowers(followers: readonly Follower[]): Promise<Follower[]> {
    const { mirror, root } = this.parts;
    const orphans = new Map<BytePath, BytePath>();
    const again: Follower[] = [];
    for (const { entry, leader, known } of followers) {
      // One that was here before is in no batch.
      const now = this.current.get(leader) ?? (known !== null && mirror.tree.isWhole(root, known) ? known : undefined);
      if (now?.type !== 'f') {
        const first = orphans.get(leader) ?? entry.path;
        orphans.set(leader, first);
        again.push({ entry, leader: first, known: null });
        continue;
      }
      // What was learnt about the first name while it was read holds for all.
      const followed = sameEntry(now, entry) ? { ...entry, sha256: now.sha256 } : (this.nudgedAll([inPlaceOf({ ...now, path: entry.path, nudge: 0 }, entry)])[0] ?? entry);
      this.current.set(entry.path, followed);
      await mirror.tree.copy(root, now, followed);
    }
    return again;
  }

  /** Fetches these; gives those that must be fetched again. */
  private async round(queue: readonly ManifestEntry[], round: number, start: { readonly bytes: number; readonly files: number }, more: boolean): Promise<readonly ManifestEntry[]> {
    const { host, hooks, directory, root, mirror, totals } = this.parts;
    const tell = (bytes: number, files: number): void => hooks.progress({ phase: 'fetch', bytes_done: Math.min(bytes, totals.bytes), files_done: files, bytes_total: totals.bytes, files_total: totals.files });
    tell(this.done.bytes, this.done.files);
    const into = { data: `${mirror.tree.folder}/${root}`, temporary: mirror.tree.temporary, parts: mirror.parts.folder };
    const report = await host.fetch(directory, queue.map(round === 0 ? wantedAsListed : wanted), into, hooks.signal, (bytes, files) => {
      if (round === 0) tell(start.bytes + bytes, start.files + files);
      // The one before is in use by now.
      if (more) host.prepare(directory, hooks.signal);
    });
    if (round === 0) this.done = { bytes: start.bytes + report.bytes, files: start.files + report.files };
    for (const [path, sha256] of report.hashes) {
      const entry = this.current.get(path);
      if (entry !== undefined) this.current.set(path, { ...entry, sha256 });
    }
    for (const note of report.notes.slice(0, mostNotes)) hooks.log('warn', note, 'remote');
    const { paddedNotes = [] } = report;
    if (paddedNotes.length > 0) this.warnings.push(`The instance could not read everything, and sent zeros for it: ${paddedNotes.join('; ')}`);
    const asked = changed(report, queue);
    if (asked.length === 0) return [];
    const now = new Map((await host.stat(directory, asked, hooks.signal)).map((entry) => [entry.path, inPlaceOf(entry, this.current.get(entry.path))]));
    const { gone, links, turned, dirty } = compare(asked, this.current, now, report);
    this.drop(gone);
    this.drop(turned, 'Was replaced by something else while the snapshot was taken, and is not in the snapshot');
    this.keepLinks(links);
    if (round === rereads) {
      this.keepDirty(dirty, report);
      return [];
    }
    const again = this.nudgedAll(dirty);
    for (const entry of again) this.current.set(entry.path, entry);
    return again;
  }

  /** As they are compared with what the base holds; see nudged. */
  private nudgedAll(entries: readonly ManifestEntry[]): ManifestEntry[] {
    const cursor = new ListingCursor(entries.length === 0 ? null : this.parts.base());
    try {
      return inOrder(entries).map((entry) => nudged(cursor.find(entry.path), entry));
    } finally {
      cursor.close();
    }
  }

  /** Nothing lies below what was listed as a file, so that nothing can be reached through them; they are made last, like all links. */
  private keepLinks(links: readonly ManifestEntry[]): void {
    for (const entry of links) {
      this.parts.mirror.tree.remove(this.parts.root, entry);
      this.current.set(entry.path, entry);
    }
  }

  private drop(gone: readonly BytePath[], why = 'Deleted while the snapshot was taken'): void {
    if (gone.length === 0) return;
    for (const path of gone) {
      this.parts.mirror.tree.remove(this.parts.root, this.current.get(path) ?? { path });
      this.current.delete(path);
    }
    this.warnings.push(`${why}: ${shown(gone)}`);
  }

  /** Still changing, or not to be read to its end: kept as last read, named, and marked so that the next capture fetches it. */
  private keepDirty(dirty: readonly ManifestEntry[], report: FetchReport): void {
    if (dirty.length === 0) return;
    const odd = new Map(report.odd.map((one) => [one.path, one.size]));
    const missing = new Set(report.missing);
    const padded = new Set(report.padded);
    // They are there: the host has been asked.
    this.drop(dirty.filter((entry) => missing.has(entry.path)).map((entry) => entry.path), 'Could not be read, and is not in the snapshot');
    const kept = dirty.filter((entry) => !missing.has(entry.path));
    for (const entry of kept) {
      // The copy has the time of the listing it was fetched by.
      const listed = this.current.get(entry.path) ?? entry;
      this.current.set(entry.path, { ...listed, size: odd.get(entry.path) ?? listed.size, ctime: '0' });
    }
    const [torn, moving] = [kept.filter((entry) => padded.has(entry.path)), kept.filter((entry) => !padded.has(entry.path))];
    if (torn.length > 0) this.warnings.push(`Could be read only in part, zeros stand for the rest: ${shown(torn.map((entry) => entry.path))}`);
    if (moving.length > 0) this.warnings.push(`Changed while it was read: ${shown(moving.map((entry) => entry.path))}`);
  }
}
