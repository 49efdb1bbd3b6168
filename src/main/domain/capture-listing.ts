// The first look at a source: what its host has, and the listing, over one connection where that is possible. Runs in the capture worker.
import type { SourceOptions } from '../../contract';
import { isFirst } from './capture-base';
import { scanListing } from './capture-held';
import type { Examples } from './capture-names';
import type { ListingWriter, StageHooks } from './capture-ports';
import type { ManifestEntry } from './snapshot-manifest';
import type { Mirror, Probe, RemoteHost } from './snapshot-ports';
import { listSource, SourceListing } from './source-listing';

interface Listed {
  /** The host's own lines, safe to show. */
  readonly notes: readonly string[];
  /** What lies deeper than a snapshot goes. */
  readonly tooDeep: Examples;
}

/** Lists a source into its mirror's listings, in order, as `scanListing`. */
export class CaptureListing {
  private probed: Pick<Probe, 'ignoreFile'> = { ignoreFile: null };
  private ahead: Listed | null = null;

  constructor(
    private readonly host: RemoteHost,
    private readonly mirror: Mirror,
    private readonly options: SourceOptions,
    private readonly hooks: StageHooks,
  ) {}

  async probe(directory: string): Promise<Probe> {
    const { before, ignore_file: ignores } = this.options;
    // A command before the snapshot may change what is to be listed. The survey leaves the listing to `list` wherever a `.dumontignore` is.
    const probe = before === null && ignores ? await this.survey(directory) : await this.host.probe(directory, this.hooks.signal);
    this.probed = probe;
    return probe;
  }

  async list(directory: string): Promise<Listed> {
    const { ahead } = this;
    // Of this moment: whoever asks again wants another.
    this.ahead = null;
    if (ahead !== null) return ahead;
    const sorter = await this.sorter(directory);
    const listed = await listSource(this.host, directory, this.options, this.probed, this.hooks, (entry) => sorter.add(entry));
    sorter.done();
    return listed;
  }

  private async survey(directory: string): Promise<Probe> {
    const sorter = await this.sorter(null);
    const listing = new SourceListing(this.options, { ignoreFile: null }, this.hooks, (entry) => sorter.add(entry));
    const { probe, listing: ahead } = await this.host.survey(directory, listing.prune, this.hooks.signal, listing.take, listing.count);
    if (ahead !== null) {
      sorter.done();
      listing.end();
    }
    this.ahead = ahead === null ? null : { ...ahead, tooDeep: listing.tooDeep };
    return probe;
  }

  /** The connection of a first fetch from `directory` is made while the listing comes: once something does, so that it is known that one can be. Null: a survey leaves its own to it. */
  private async sorter(directory: string | null): Promise<ListingWriter> {
    await this.mirror.adopt();
    const sorter = this.mirror.listings.sorter(scanListing);
    let first = isFirst(this.mirror.listings) ? directory : null;
    const add = (entry: ManifestEntry): void => {
      if (first !== null) this.host.prepare(first, this.hooks.signal);
      first = null;
      sorter.add(entry);
    };
    return { add, done: () => sorter.done() };
  }
}
