// What is left out of a listing and why: presets, `.dumontignore`, own patterns, the size limit; and what of it the host need not even look into.
import type { LeftOutReason, SourceOptions } from '../../contract';
import { AppError } from './app-error';
import { parentOf, toBytePath } from './snapshot-names';
import type { ManifestEntry } from './snapshot-manifest';
import type { BytePath } from './snapshot-ports';
import { parsePattern, PatternList, type Pattern } from './source-patterns';
import { presetOrder, presetPatterns } from './source-presets';

/** The name of the file on the host that lists what to leave out, directly in the captured directory. */
export const ignoreFileName = '.dumontignore';

/** What is taken of a `.dumontignore`: a stranger may have written it. Bytes, patterns, bytes in a pattern, and parts of all that are not plain names. */
export const ignoreLimits = { bytes: 65_536, patterns: 1000, length: 500, parts: 2000 } as const;

/** Steps of comparing patterns for one listing: about 20 s of one core, in short turns, and far above what any honest list needs. */
const mostSteps = 5e9;

/** Directories that `find` on the host need not enter: by name anywhere, or by the end of their path, or by their whole path below the directory. ASCII only. */
export interface Prune {
  readonly kind: 'name' | 'tail' | 'path';
  readonly text: string;
}

export interface ReadPatterns {
  readonly patterns: readonly Pattern[];
  /** Lines that were not taken because of a limit. */
  readonly ignored: number;
}

/** The patterns of a `.dumontignore`, within the limits. */
export const readIgnoreFile = (content: BytePath): ReadPatterns => {
  const lines = content.replace(/^\u00ef\u00bb\u00bf/, '').split('\n');
  const patterns: Pattern[] = [];
  let parts = 0;
  let ignored = 0;
  for (const line of lines) {
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    const pattern = text.length > ignoreLimits.length ? null : parsePattern(text);
    if (pattern === null) {
      if (text.length > ignoreLimits.length) ignored += 1;
      continue;
    }
    const more = pattern.form.kind === 'tokens' ? pattern.form.tokens.length : 0;
    if (patterns.length >= ignoreLimits.patterns || parts + more > ignoreLimits.parts) ignored += 1;
    else {
      parts += more;
      patterns.push(pattern);
    }
  }
  return { patterns, ignored };
};

const parsed = (lines: readonly string[]): readonly Pattern[] => lines.flatMap((line) => parsePattern(toBytePath(line)) ?? []);

/** Why an entry is left out: presets as bits, whether they are on or not; own patterns; the size. */
export interface Verdict {
  readonly presets: number;
  readonly patterns: boolean;
  readonly size: boolean;
}

const clear: Verdict = { presets: 0, patterns: false, size: false };

/** What one set of options says of each entry of a listing; entries must come parents first. */
export class SourceRules {
  private readonly presets = presetOrder.map((name) => new PatternList(parsed(presetPatterns[name])));
  private readonly socketBit = 1 << presetOrder.indexOf('sockets');
  private readonly lists: PatternList;
  private readonly patterns: readonly Pattern[];
  private readonly limit: number;
  private readonly enabled: number;
  /** Verdicts of directories that are left out for some reason, for what lies in them. */
  private readonly directories = new Map<BytePath, Verdict>();

  constructor(private readonly options: SourceOptions, ignoreFile: readonly Pattern[] = [], private readonly steps: number = mostSteps) {
    this.patterns = [...(options.ignore_file ? ignoreFile : []), ...parsed(options.exclude)];
    this.lists = new PatternList(this.patterns);
    this.limit = options.max_file_bytes ?? Number.POSITIVE_INFINITY;
    this.enabled = presetOrder.reduce((mask, name, bit) => (options.presets[name] ? mask | (1 << bit) : mask), 0);
  }

  /** Why this entry is left out, whatever is switched on. */
  judge(entry: Pick<ManifestEntry, 'path' | 'type' | 'size'>): Verdict {
    const { path, type } = entry;
    if (path === '') return clear;
    const above = this.directories.get(parentOf(path)) ?? clear;
    const directory = type === 'd';
    const own = this.lists.verdict(path, directory);
    let presets = above.presets;
    if (own !== 'in') {
      for (const [bit, list] of this.presets.entries()) if (list.verdict(path, directory) === 'out') presets |= 1 << bit;
      if (type === 's') presets |= this.socketBit;
    }
    const verdict = { presets, patterns: above.patterns || own === 'out', size: type === 'f' && entry.size > this.limit };
    if (directory && (presets !== 0 || verdict.patterns)) this.directories.set(path, verdict);
    if (this.lists.meter.work > this.steps) throw new AppError('source_too_large', 'Comparing the patterns of what to leave out takes too long.', { entries: 0, bytes: 0, limit: 'patterns', directory: ignoreFileName });
    return verdict;
  }

  /** With the options as they are. */
  isOut({ presets, patterns, size }: Verdict): boolean {
    return patterns || size || (presets & this.enabled) !== 0;
  }

  reasons({ presets, patterns, size }: Verdict): LeftOutReason[] {
    return [...presetOrder.filter((_, bit) => (presets & (1 << bit)) !== 0), ...(patterns ? (['patterns'] as const) : []), ...(size ? (['size'] as const) : [])];
  }

  /**
   * Directories that the host need not enter. What is said there is only a saving: every entry is judged here again.
   *
   * None where a pattern brings something back, since order then matters.
   */
  prune(): readonly Prune[] {
    if (this.patterns.some((pattern) => pattern.negated)) return [];
    const presets = presetOrder.flatMap((name) => (this.options.presets[name] ? parsed(presetPatterns[name]) : []));
    return [...presets, ...this.patterns].flatMap((pattern) => pruneOf(pattern) ?? []).slice(0, 100);
  }
}

/** Printable ASCII, so that it is one shell word and the same bytes there. */
const plain = /^[\x21-\x7e][\x20-\x7e]*$/;

const pruneOf = ({ form, nameOnly }: Pattern): Prune | null => {
  if ((form.kind !== 'literal' && form.kind !== 'tail') || !plain.test(form.text)) return null;
  return { kind: form.kind === 'tail' ? 'tail' : nameOnly ? 'name' : 'path', text: form.text };
};

/** What was left out, for the log. */
export interface LeftOut {
  readonly reason: LeftOutReason;
  readonly files: number;
  /** Directories whose insides were not listed or not looked at. */
  readonly directories: number;
  readonly bytes: number;
}

/** Names of large files that are kept. */
const mostLarge = 20;

/** Takes out what the options leave out, entry by entry, parents first. An entry counts for the first of its reasons that is on. */
export class EntryFilter {
  private readonly sums = new Map<LeftOutReason, { files: number; directories: number; bytes: number }>();
  /** Files over the size limit: the first of them, and how many there are. */
  readonly large: BytePath[] = [];
  largeCount = 0;

  constructor(
    private readonly rules: SourceRules,
    private readonly options: SourceOptions,
  ) {}

  keeps(entry: ManifestEntry): boolean {
    const verdict = this.rules.judge(entry);
    if (!this.rules.isOut(verdict)) return true;
    const reason = this.rules.reasons(verdict).find((one) => one === 'patterns' || one === 'size' || this.options.presets[one]) ?? 'patterns';
    const sum = this.sums.get(reason) ?? { files: 0, directories: 0, bytes: 0 };
    this.sums.set(reason, sum);
    if (entry.type === 'd') sum.directories += 1;
    else sum.files += 1;
    if (entry.type === 'f') sum.bytes += entry.size;
    if (reason === 'size') {
      this.largeCount += 1;
      if (this.large.length < mostLarge) this.large.push(entry.path);
    }
    return false;
  }

  leftOut(): readonly LeftOut[] {
    return [...this.sums].map(([reason, sum]) => ({ reason, ...sum }));
  }
}
