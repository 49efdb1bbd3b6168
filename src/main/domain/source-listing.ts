// The listing of a source as its options want it: told to the host where that saves work, and filtered here in any case.
import type { SourceOptions } from '../../contract';
import type { OperationRun } from './ports';
import { Examples } from './capture-names';
import { beyondDepth, type ManifestEntry } from './snapshot-manifest';
import { displayName } from './snapshot-names';
import type { Probe, RemoteHost } from './snapshot-ports';
import { EntryFilter, ignoreFileName, readIgnoreFile, SourceRules, type LeftOut, type Prune } from './source-rules';

const words: Readonly<Record<LeftOut['reason'], string>> = {
  pip: 'pip cache', conda: 'conda packages', huggingface: 'Hugging Face cache', pycache: '__pycache__', node_modules: 'node_modules', sockets: 'sockets', git_objects: '.git/objects',
  patterns: 'patterns', size: 'size limit',
};

/** The count is told at most so often, milliseconds. */
const countEvery = 100;

/** The rules of these options on a host, with its `.dumontignore`; what of that file was not taken is logged. */
export const rulesOf = (options: SourceOptions, probe: Pick<Probe, 'ignoreFile'>, run: Pick<OperationRun, 'log'>): SourceRules => {
  if (!options.ignore_file || probe.ignoreFile === null) return new SourceRules(options);
  const { patterns, ignored } = readIgnoreFile(probe.ignoreFile);
  run.log('info', `${ignoreFileName}: ${patterns.length} patterns`);
  if (ignored > 0) run.log('warn', `${ignoreFileName}: ${ignored} lines were not taken, because they are too long or too many`);
  return new SourceRules(options, patterns);
};

/** One listing on its way: what the options do not leave out is passed on, and how much that was goes to the log at its end. */
export class SourceListing {
  readonly prune: readonly Prune[];
  private readonly filter: EntryFilter;
  private counted = -countEvery;
  /** The first of each way that goes deeper than a snapshot does. */
  readonly tooDeep = new Examples();

  constructor(
    private readonly options: SourceOptions,
    probe: Pick<Probe, 'ignoreFile'>,
    private readonly run: Pick<OperationRun, 'progress' | 'log'>,
    private readonly pass: (entry: ManifestEntry) => void,
  ) {
    const rules = rulesOf(options, probe, run);
    this.prune = rules.prune();
    this.filter = new EntryFilter(rules, options);
  }

  readonly take = (entry: ManifestEntry): void => {
    const beyond = beyondDepth(entry.path);
    if (beyond > 1 || !this.filter.keeps(entry)) return;
    if (beyond === 1) this.tooDeep.add(entry.path);
    else this.pass(entry);
  };

  readonly count = (count: number): void => {
    const now = performance.now();
    if (now - this.counted < countEvery) return;
    this.counted = now;
    this.run.progress({ phase: 'scan', bytes_done: 0, bytes_total: null, files_done: count, files_total: null });
  };

  end(): void {
    for (const { reason, files, directories, bytes } of this.filter.leftOut()) {
      const inside = directories > 0 ? `${directories} folders${files > 0 ? ` and ${files} files, ${bytes} bytes, of those that were looked into` : ' with all that is in them'}` : `${files} files, ${bytes} bytes`;
      this.run.log('info', `Left out (${words[reason]}): ${inside}`);
    }
    const { large, largeCount } = this.filter;
    if (largeCount > 0) this.run.log('info', `Larger than ${this.options.max_file_bytes ?? 0} bytes: ${large.map(displayName).join(', ')}${largeCount > large.length ? ` and ${largeCount - large.length} more` : ''}`);
  }
}

/** Lists the directory, and passes on what the options do not leave out. Gives the host's own lines, safe to show, and what lies too deep. */
export const listSource = async (
  host: Pick<RemoteHost, 'manifest'>, directory: string, options: SourceOptions, probe: Pick<Probe, 'ignoreFile'>, run: Pick<OperationRun, 'signal' | 'progress' | 'log'>, pass: (entry: ManifestEntry) => void,
): Promise<{ readonly notes: readonly string[]; readonly tooDeep: Examples }> => {
  const listing = new SourceListing(options, probe, run, pass);
  const { notes } = await host.manifest(directory, listing.prune, run.signal, listing.take, listing.count);
  listing.end();
  return { notes, tooDeep: listing.tooDeep };
};
