// What a capture fetches, in order, and the other names of it. Runs in the capture worker.
import type { ManifestEntry } from './snapshot-manifest';
import type { BytePath } from './snapshot-ports';

/** A later name of a file with several, and the name whose copy it gets. */
export interface Follower {
  readonly entry: ManifestEntry;
  readonly leader: BytePath;
  /** The leader, where its copy was here before. */
  readonly known: ManifestEntry | null;
}

/** Files to fetch, in order, read as they are taken. */
export class FetchQueue {
  private readonly source: Iterator<ManifestEntry>;
  /** The file that is taken next. */
  next: ManifestEntry | null = null;

  constructor(
    entries: Iterable<ManifestEntry>,
    private readonly followers: ReadonlyMap<BytePath, readonly ManifestEntry[]>,
    private waiting: readonly Follower[],
  ) {
    this.source = entries[Symbol.iterator]();
    this.advance();
  }

  private advance(): void {
    const next = this.source.next();
    this.next = next.done === true ? null : next.value;
  }

  /** At most so many files, and so many bytes unless the first alone has more. */
  take(files: number, bytes: number): { readonly files: ManifestEntry[]; readonly followers: Follower[]; readonly bytes: number } {
    const taken: ManifestEntry[] = [];
    // Those whose first name is here already come with whatever is fetched first.
    const followers = [...this.waiting];
    this.waiting = [];
    let size = 0;
    while (this.next !== null && taken.length < files && (taken.length === 0 || size + this.next.size <= bytes)) {
      const leader = this.next;
      taken.push(leader);
      size += leader.size;
      for (const entry of this.followers.get(leader.path) ?? []) {
        followers.push({ entry, leader: leader.path, known: null });
        size += entry.size;
      }
      this.advance();
    }
    return { files: taken, followers, bytes: size };
  }

  close(): void {
    this.source.return?.();
  }
}
