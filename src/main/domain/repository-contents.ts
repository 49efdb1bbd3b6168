// Which snapshots lie in a repository: a folder here is looked at each time, a server is asked in the background and its last answer is used.
import { isAppError } from './app-error';
import type { Clock, Hints, Log } from './ports';
import type { RepositorySnapshot, ResticRepository } from './snapshot-ports';
import type { SnapshotRepositories } from './snapshot-repository';
import type { RepositoryRow } from './store-port';

/** How long a list waits for restic on a local repository, milliseconds. */
const patience = 4000;
/** How long restic may take to answer where nobody waits for it, as with a server, milliseconds. */
export const longPatience = 60_000;
/** How long somebody waits who must know now, milliseconds. */
const shortPatience = 10_000;
/** A server's answer is good for so long, milliseconds; after a failure too, so that one that is down is not asked by every list. */
const freshFor = 60_000;

export interface RepositoryContents {
  /** Full ids. */
  readonly ids: ReadonlySet<string>;
  /** What restic says of those that were asked for. */
  readonly details: ReadonlyMap<string, RepositorySnapshot>;
  /** Milliseconds since the epoch: what was taken later may be missing. */
  readonly asOf: number;
}

/** How long somebody waits: milliseconds, and no longer than until the abort. */
export interface Wait {
  readonly ms: number;
  readonly signal?: AbortSignal;
}

interface Remote {
  contents: RepositoryContents | null;
  askedAt: number;
  /** The question that is under way; never rejects. */
  asking: Promise<void> | null;
  /** Why the last question failed: an error code. */
  problem: string | null;
  /** How often something was added or removed by us, or its credentials were changed: what was asked before does not count. */
  changes: number;
}

export interface ContentsParts {
  readonly repositories: SnapshotRepositories;
  readonly restic: ResticRepository;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly log: Log;
}

/** For what the file system answers alone. */
const placeOnly = ({ id }: RepositoryRow, location: string) => ({ id, location, local: true, password: '', resticPath: null, env: {}, options: [] });

/** Contents of all repositories. A snapshot never changes under its id, so details are kept. */
export class RepositoryShelves {
  private readonly details = new Map<string, Map<string, RepositorySnapshot>>();
  /** What restic is asked about folders now, by location; never rejects. */
  private readonly asked = new Map<string, Promise<void>>();
  private readonly remotes = new Map<string, Remote>();
  /** Folders that restic is asked about in the background, or did not say everything of, and when it was asked, ms. */
  private readonly learning = new Map<string, number>();

  constructor(private readonly parts: ContentsParts) {}

  /** Null when it cannot be read, or was never read yet. Details of snapshots that are not among `known` are there when restic answered; `wait` says for how long those of a folder are waited for. */
  async of(row: RepositoryRow, known: ReadonlySet<string>, wait: Wait = { ms: patience }): Promise<RepositoryContents | null> {
    const { location, local } = this.parts.repositories.placeOf(row);
    return local ? await this.onDisk(row, location, known, wait) : this.onServer(row, location);
  }

  /** Asks restic in the background for details of what lies in a folder here; where it did not say everything, not again for a minute. Null when it is not asked. */
  async learn(row: RepositoryRow): Promise<RepositoryContents | null> {
    const { location, local } = this.parts.repositories.placeOf(row);
    const now = this.parts.clock.now();
    const last = this.learning.get(location);
    if (!local || (last !== undefined && last <= now && now - last <= freshFor)) return null;
    this.learning.set(location, now);
    const contents = await this.onDisk(row, location, new Set(), { ms: longPatience });
    if (contents !== null && [...contents.ids].every((id) => contents.details.has(id))) this.learning.delete(location);
    return contents;
  }

  /** What lies there now, without details; null when that cannot be said within a short time. An answer of a server counts for a minute. */
  async now(row: RepositoryRow): Promise<Pick<RepositoryContents, 'ids' | 'asOf'> | null> {
    const { location, local } = this.parts.repositories.placeOf(row);
    const enough = new AbortController();
    const late = this.parts.clock.sleep(shortPatience, enough.signal).then(() => null, () => null);
    try {
      return await Promise.race([local ? this.lyingIn(row, location) : this.answered(row, location), late]);
    } finally {
      enough.abort();
    }
  }

  private async lyingIn(row: RepositoryRow, location: string): Promise<Pick<RepositoryContents, 'ids' | 'asOf'> | null> {
    const asOf = this.parts.clock.now();
    // Without its settings a repository cannot be opened, whatever else lies in the folder.
    if (!(await this.parts.restic.exists(location))) return null;
    const ids = await this.parts.restic.snapshotIds(placeOnly(row, location));
    return ids === null ? null : { ids, asOf };
  }

  private async answered(row: RepositoryRow, location: string): Promise<RepositoryContents | null> {
    const found = this.remoteOf(location);
    const isFresh = found.asking === null && found.contents !== null && found.problem === null && this.parts.clock.now() - found.askedAt <= freshFor;
    if (!isFresh) await (found.asking ?? this.ask(row, location, found));
    const { contents, problem } = this.remoteOf(location);
    return problem === null ? contents : null;
  }

  /** Something was added or removed by us: the next look asks again. */
  changed(location: string): void {
    const remote = this.remotes.get(location);
    if (remote !== undefined) this.remotes.set(location, { ...remote, contents: null, askedAt: 0, changes: remote.changes + 1 });
  }

  /** Why a server did not answer the last time; null when it did, or was not asked. */
  problem(location: string): string | null {
    return this.remotes.get(location)?.problem ?? null;
  }

  private detailsOf(location: string): Map<string, RepositorySnapshot> {
    const found = this.details.get(location) ?? new Map<string, RepositorySnapshot>();
    this.details.set(location, found);
    return found;
  }

  private async onDisk(row: RepositoryRow, location: string, known: ReadonlySet<string>, wait: Wait): Promise<RepositoryContents | null> {
    const ids = await this.parts.restic.snapshotIds(placeOnly(row, location));
    if (ids === null) return null;
    const details = this.detailsOf(location);
    const isLacking = (): boolean => [...ids].some((id) => !known.has(id) && !details.has(id));
    if (isLacking()) await this.detailed(row, location, isLacking, wait);
    return { ids, details, asOf: this.parts.clock.now() };
  }

  /** Waits for restic to say what is lacking, for a short time only. What comes later is in the next list, which pages are told to ask for. */
  private async detailed(row: RepositoryRow, location: string, isLacking: () => boolean, wait: Wait): Promise<void> {
    const asking = this.askOnDisk(row, location, isLacking);
    const enough = new AbortController();
    const late = this.parts.clock.sleep(wait.ms, AbortSignal.any([enough.signal, ...(wait.signal === undefined ? [] : [wait.signal])])).then(() => true, () => false);
    const isLate = await Promise.race([asking.then(() => false), late]);
    enough.abort();
    if (isLate) void asking.then(() => (isLacking() ? undefined : this.parts.hints.tell(row.userId, 'snapshots')));
  }

  /** One question about a folder at a time. Never rejects. */
  private async askOnDisk(row: RepositoryRow, location: string, isLacking: () => boolean): Promise<void> {
    // One that was begun before may not know the newest.
    await this.asked.get(location);
    if (!isLacking()) return;
    const asking = this.asked.get(location) ?? this.learnDetails(row, location).finally(() => this.asked.delete(location));
    this.asked.set(location, asking);
    await asking;
  }

  private async learnDetails(row: RepositoryRow, location: string): Promise<void> {
    const details = this.detailsOf(location);
    try {
      for (const one of await this.question(row)) details.set(one.id, one);
    } catch (error) {
      this.parts.log.warn('repository_list_incomplete', { code: isAppError(error) ? error.code : 'internal' });
    }
  }

  private onServer(row: RepositoryRow, location: string): RepositoryContents | null {
    const found = this.remoteOf(location);
    if (found.asking === null && this.parts.clock.now() - found.askedAt > freshFor) void this.ask(row, location, found);
    return found.contents;
  }

  private remoteOf(location: string): Remote {
    const found = this.remotes.get(location) ?? { contents: null, askedAt: 0, asking: null, problem: null, changes: 0 };
    this.remotes.set(location, found);
    return found;
  }

  private ask(row: RepositoryRow, location: string, before: Remote): Promise<void> {
    const asking = this.listen(row, location, before);
    this.remotes.set(location, { ...before, asking, askedAt: this.parts.clock.now() });
    return asking;
  }

  /** Asks once more where something was changed meanwhile: the answer may be of before, and would show what was deleted and miss what was added. */
  private async listen(row: RepositoryRow, location: string, before: Remote): Promise<void> {
    for (;;) {
      const { changes } = this.remoteOf(location);
      const asOf = this.parts.clock.now();
      const answer = await this.question(row).then((found) => new Map(found.map((one) => [one.id, one])), (error: unknown) => (isAppError(error) ? error.code : 'internal'));
      const now = this.remoteOf(location);
      if (now.changes !== changes) {
        if (this.parts.repositories.rows(row.userId).some(({ id }) => id === row.id)) continue;
        // Its repository was forgotten: one that is made known at this place later is asked for itself.
        this.remotes.delete(location);
        return;
      }
      if (typeof answer === 'string') {
        this.remotes.set(location, { ...now, askedAt: asOf, asking: null, problem: answer });
        this.parts.log.warn('repository_not_asked', { repository: row.id, code: answer });
        if (before.problem !== answer) this.parts.hints.tell(row.userId, 'snapshots');
        return;
      }
      const changed = now.contents?.ids.size !== answer.size || [...answer.keys()].some((id) => before.contents?.ids.has(id) !== true);
      this.remotes.set(location, { ...now, contents: { ids: new Set(answer.keys()), details: answer, asOf }, askedAt: asOf, asking: null, problem: null });
      if (changed || before.problem !== null) this.parts.hints.tell(row.userId, 'snapshots');
      return;
    }
  }

  private async question(row: RepositoryRow): Promise<readonly RepositorySnapshot[]> {
    const access = await this.parts.repositories.open(row.userId, row.id);
    return access === null ? [] : await this.parts.restic.snapshots(access, AbortSignal.timeout(longPatience));
  }
}
