// The listing of a source as its options want it: told to the host where that saves work, and filtered here in any case.
import type { SourceOptions } from '../../contract';
import type { OperationRun } from './ports';
import type { ManifestEntry } from './snapshot-manifest';
import { displayName } from './snapshot-names';
import type { Probe, RemoteHost } from './snapshot-ports';
import { filterEntries, ignoreFileName, readIgnoreFile, SourceRules, type LeftOut } from './source-rules';

/** Names in one log line. */
const named = 20;

export interface SourceListing {
  /** What the snapshot is made of. */
  readonly entries: readonly ManifestEntry[];
  /** The host's own lines, safe to show. */
  readonly notes: readonly string[];
}

const words: Readonly<Record<LeftOut['reason'], string>> = {
  pip: 'pip cache', conda: 'conda packages', huggingface: 'Hugging Face cache', pycache: '__pycache__', node_modules: 'node_modules', sockets: 'sockets', git_objects: '.git/objects',
  patterns: 'patterns', size: 'size limit',
};

/** The rules of these options on a host, with its `.dumontignore`; what of that file was not taken is logged. */
export const rulesOf = (options: SourceOptions, probe: Pick<Probe, 'ignoreFile'>, run: Pick<OperationRun, 'log'>): SourceRules => {
  if (!options.ignore_file || probe.ignoreFile === null) return new SourceRules(options);
  const { patterns, ignored } = readIgnoreFile(probe.ignoreFile);
  run.log('info', `${ignoreFileName}: ${patterns.length} patterns`);
  if (ignored > 0) run.log('warn', `${ignoreFileName}: ${ignored} lines were not taken, because they are too long or too many`);
  return new SourceRules(options, patterns);
};

/** Lists the directory, and takes out what the options leave out; how much that was goes to the log. */
export const listSource = async (host: RemoteHost, directory: string, options: SourceOptions, probe: Probe, run: OperationRun): Promise<SourceListing> => {
  const rules = rulesOf(options, probe, run);
  const { entries: all, notes } = await host.manifest(directory, rules.prune(), run.signal, (count) =>
    run.progress({ phase: 'scan', bytes_done: 0, bytes_total: null, files_done: count, files_total: null }),
  );
  const { entries, leftOut, large } = await filterEntries(all, rules, options, run.signal);
  for (const { reason, files, directories, bytes } of leftOut) {
    const inside = directories > 0 ? `${directories} folders${files > 0 ? ` and ${files} files, ${bytes} bytes, of those that were looked into` : ' with all that is in them'}` : `${files} files, ${bytes} bytes`;
    run.log('info', `Left out (${words[reason]}): ${inside}`);
  }
  if (large.length > 0) run.log('info', `Larger than ${options.max_file_bytes ?? 0} bytes: ${large.slice(0, named).map(displayName).join(', ')}${large.length > named ? ` and ${large.length - named} more` : ''}`);
  return { entries, notes };
};
