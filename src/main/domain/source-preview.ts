// What a snapshot would fetch, leave out, cost and take: summed up over one listing of the host. Pure.
import type { Instance, SourceOptions, SourcePreview } from '../../contract';
import type { ManifestEntry } from './snapshot-manifest';
import { displayName } from './snapshot-names';
import type { SourceRules } from './source-rules';

/** Rows of what lies directly in the directory, and of the largest files. */
const mostRows = 30;
const mostLargest = 20;

/** Vast bills by the billion bytes. */
const bytesPerGb = 1e9;

/** Small files cost a little each, whatever the line carries: about 10,000 a second (facts/snapshots.md 3.6), seconds. */
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

/** Sums up a listing, entry by entry, parents first. */
export class PreviewTally {
  private readonly total = none();
  private readonly kept = none();
  private readonly byReasons = new Map<string, Amounts & { readonly reasons: SourcePreview['left_out'][number]['reasons'] }>();
  private readonly byTop = new Map<string, Amounts>();
  private largest: { readonly entry: ManifestEntry; readonly fetch: boolean }[] = [];
  /** Of a file with several names one is fetched. */
  private readonly seen = new Set<string>();

  /** `isKnown`: this file is here already as it is there. */
  constructor(private readonly rules: SourceRules, private readonly isKnown: (entry: ManifestEntry) => boolean) {}

  add(entry: ManifestEntry): void {
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
    if (this.largest.length < mostLargest || entry.size > (this.largest.at(-1)?.entry.size ?? 0)) {
      this.largest = [...this.largest, { entry, fetch }].sort((a, b) => b.entry.size - a.entry.size).slice(0, mostLargest);
    }
  }

  private mustCome(entry: ManifestEntry): boolean {
    if (this.isKnown(entry)) return false;
    if (entry.links < 2) return true;
    const identity = `${entry.device}:${entry.inode}`;
    if (this.seen.has(identity)) return false;
    this.seen.add(identity);
    return true;
  }

  sums(): Sums {
    const rows = [...this.byTop].map(([name, sums]) => ({ name: displayName(name), files: sums.files, bytes: sums.bytes, fetch_bytes: sums.fetchBytes, left_out_bytes: sums.leftOutBytes })).sort((a, b) => b.bytes - a.bytes);
    const rest = rows.slice(mostRows);
    const others = rest.reduce((all, row) => ({ name: '', files: all.files + row.files, bytes: all.bytes + row.bytes, fetch_bytes: all.fetch_bytes + row.fetch_bytes, left_out_bytes: all.left_out_bytes + row.left_out_bytes }), { name: '', files: 0, bytes: 0, fetch_bytes: 0, left_out_bytes: 0 });
    return {
      total: { files: this.total.files, bytes: this.total.bytes },
      kept: { files: this.kept.files, bytes: this.kept.bytes },
      fetch: { files: this.kept.fetchFiles, bytes: this.kept.fetchBytes },
      left_out: [...this.byReasons.values()].map(({ reasons, files, bytes, fetchFiles, fetchBytes }) => ({ reasons, files, bytes, fetch_files: fetchFiles, fetch_bytes: fetchBytes })),
      directories: [...rows.slice(0, mostRows), ...(rest.length > 0 ? [others] : [])],
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
