// What a snapshot would fetch, leave out, cost and take: summed up in turns over one listing of the host.
import type { Instance, SourceOptions, SourcePreview } from '../../contract';
import type { ManifestEntry } from './snapshot-manifest';
import { displayName } from './snapshot-names';
import type { SourceRules } from './source-rules';
import type { Turns } from './turns';

/** Rows of what lies directly in the directory, and of the largest files. */
const mostRows = 30;
const mostLargest = 20;

/** Vast bills by the billion bytes. */
const bytesPerGb = 1e9;

/** Small files cost a little each, whatever the line carries: about 10,000 a second, as measured with 20,000 over a loopback sshd, seconds. */
const secondsPerFile = 1e-4;

interface Amounts {
  files: number;
  bytes: number;
  fetchFiles: number;
  fetchBytes: number;
  leftOutBytes: number;
}

const none = (): Amounts => ({ files: 0, bytes: 0, fetchFiles: 0, fetchBytes: 0, leftOutBytes: 0 });

type Sums = Pick<SourcePreview, 'total' | 'kept' | 'fetch' | 'left_out' | 'directories' | 'largest'>;

/** Puts one into its place among the largest, behind those of its size; gives the one that is no longer among them. */
const place = <Item>(largest: Item[], item: Item, size: (item: Item) => number, most: number): Item | undefined => {
  let at = largest.length;
  while (at > 0 && size(largest[at - 1] as Item) < size(item)) at -= 1;
  largest.splice(at, 0, item);
  return largest.length > most ? largest.pop() : undefined;
};

/** Sums up a listing, entry by entry, parents first. Main does this, and a folder may have millions of entries: so they are put aside as they come, and judged in turns. */
export class PreviewTally {
  private readonly total = none();
  private readonly kept = none();
  private readonly byReasons = new Map<string, Amounts & { readonly reasons: SourcePreview['left_out'][number]['reasons'] }>();
  private readonly byTop = new Map<string, Amounts>();
  private readonly largest: { readonly entry: ManifestEntry; readonly fetch: boolean }[] = [];
  private readonly waiting: ManifestEntry[] = [];
  /** Of a file with several names one is fetched. */
  private readonly seen = new Set<string>();

  /** `isKnown`: this file is here already as it is there. */
  constructor(private readonly rules: SourceRules, private readonly isKnown: (entry: ManifestEntry) => boolean, private readonly turns: Turns) {}

  /** The next entry, as it comes. */
  readonly take = (entry: ManifestEntry): void => void this.waiting.push(entry);

  /** Judges what came so far. To be waited for before more is taken. */
  async settle(): Promise<void> {
    for (const entry of this.waiting.splice(0)) {
      this.add(entry);
      // Patterns may make one entry as slow as a thousand others.
      if (this.turns.dueNow) await this.turns.pause();
    }
  }

  private add(entry: ManifestEntry): void {
    const verdict = this.rules.judge(entry);
    if (entry.type !== 'f') return;
    const reasons = this.rules.reasons(verdict);
    const out = this.rules.isOut(verdict);
    const fetch = this.mustCome(entry);
    const top = entry.path.slice(0, entry.path.indexOf('/') === -1 ? undefined : entry.path.indexOf('/'));
    const row = this.byTop.get(top) ?? none();
    this.byTop.set(top, row);
    count(this.total, entry, fetch);
    count(row, entry, fetch && !out);
    if (out) row.leftOutBytes += entry.size;
    else count(this.kept, entry, fetch);
    if (reasons.length > 0) {
      const key = reasons.join(' ');
      const bucket = this.byReasons.get(key) ?? { ...none(), reasons };
      this.byReasons.set(key, bucket);
      count(bucket, entry, fetch);
    }
    place(this.largest, { entry, fetch }, (one) => one.entry.size, mostLargest);
  }

  private mustCome(entry: ManifestEntry): boolean {
    if (this.isKnown(entry)) return false;
    if (entry.links < 2) return true;
    const identity = `${entry.device}:${entry.inode}`;
    if (this.seen.has(identity)) return false;
    this.seen.add(identity);
    return true;
  }

  /** The largest of what lies directly in the directory, and all others as one row without a name. */
  private async directories(): Promise<Sums['directories']> {
    const rows: (readonly [string, Amounts])[] = [];
    const others = none();
    for (const row of this.byTop) {
      if (this.turns.due) await this.turns.pause();
      const rest = place(rows, row, ([, { bytes }]) => bytes, mostRows);
      if (rest !== undefined) for (const key of Object.keys(others) as (keyof Amounts)[]) others[key] += rest[1][key];
    }
    if (others.files > 0) rows.push(['', others]);
    return rows.map(([name, sums]) => ({ name: displayName(name), files: sums.files, bytes: sums.bytes, fetch_bytes: sums.fetchBytes, left_out_bytes: sums.leftOutBytes }));
  }

  async sums(): Promise<Sums> {
    await this.settle();
    return {
      total: { files: this.total.files, bytes: this.total.bytes },
      kept: { files: this.kept.files, bytes: this.kept.bytes },
      fetch: { files: this.kept.fetchFiles, bytes: this.kept.fetchBytes },
      left_out: [...this.byReasons.values()].map(({ reasons, files, bytes, fetchFiles, fetchBytes }) => ({ reasons, files, bytes, fetch_files: fetchFiles, fetch_bytes: fetchBytes })),
      directories: await this.directories(),
      largest: this.largest.map(({ entry, fetch }) => ({ path: displayName(entry.path), bytes: entry.size, fetch, reasons: this.rules.reasons(this.rules.judge(entry)) })),
    };
  }
}

const count = (sums: Amounts, entry: ManifestEntry, fetch: boolean): void => {
  sums.files += 1;
  sums.bytes += entry.size;
  if (!fetch) return;
  sums.fetchFiles += 1;
  sums.fetchBytes += entry.size;
};

/** How fast it will come: as it did last, else what the instance is said to send; never faster than the limit. */
export const expectedRate = (fetchRate: number | null, inetUp: number | null, options: SourceOptions): SourcePreview['rate'] => {
  const limit = options.bandwidth_kib_s === null ? Number.POSITIVE_INFINITY : options.bandwidth_kib_s * 1024;
  const said = inetUp === null || inetUp <= 0 ? null : (inetUp * 1e6) / 8;
  const found = fetchRate !== null ? ({ bytes_s: fetchRate, from: 'last_fetch' } as const) : said === null ? null : ({ bytes_s: said, from: 'instance' } as const);
  if (limit === Number.POSITIVE_INFINITY) return found;
  return found !== null && found.bytes_s <= limit ? found : { bytes_s: limit, from: 'limit' };
};

/** Seconds and dollars of a fetch. */
export const fetchCosts = (fetch: SourcePreview['fetch'], rate: SourcePreview['rate'], instance: Pick<Instance, 'inet_up_cost'>): Pick<SourcePreview, 'seconds' | 'dollars_per_gb' | 'dollars'> => ({
  seconds: rate === null ? null : fetch.bytes / rate.bytes_s + fetch.files * secondsPerFile,
  dollars_per_gb: instance.inet_up_cost,
  dollars: instance.inet_up_cost === null ? null : (fetch.bytes / bytesPerGb) * instance.inet_up_cost,
});
