// The guard: a new snapshot must differ from its parent by exactly what was fetched and deleted. Pure. See [Note: Guard].
import type { ExpectedChange } from './capture-delta';
import type { BackupSummary, DiffChange, ReadItem } from './snapshot-ports';

/**
 * [Note: Guard] restic takes a file as unchanged from its size and time alone, so a mirror that is not what we think it is gives a snapshot that looks
 * well and holds old content. Therefore every new snapshot is compared with what the listings say must have changed; one that does not agree
 * is forgotten at once and its source is fetched whole the next time. Counts come first: of files, of bytes, and of the files that restic read, the others being taken over from the parent. That
 * is all where every file in the mirror is whole: whatever restic reads there is what was fetched, so a wrong snapshot would need a changed file that was taken over and, at the same time, another
 * one that was read although nothing about it changed. A stub that is read is worse: zeros would be stored as content. So where there are stubs, restic says of each file while it makes the
 * snapshot whether it read it, which must be so for the very files that the listings say; of huge trees `restic diff` is asked for afterwards.
 */
export type GuardVerdict = { readonly holds: true } | { readonly holds: false; readonly detail: string };

const fails = (detail: string): GuardVerdict => ({ holds: false, detail });

/** Compares counts: the files restic processed, the sidecar included, and their bytes. */
export const guardCounts = (summary: BackupSummary, expected: { readonly files: number; readonly bytes: number }): GuardVerdict => {
  if (summary.errors.length > 0) return fails(`restic could not read ${summary.errors.length} of the copies: ${summary.errors.slice(0, 3).join(', ')}`);
  if (summary.totalFiles !== expected.files) return fails(`restic read ${summary.totalFiles} files instead of ${expected.files}`);
  if (summary.totalBytes !== expected.bytes) return fails(`restic read ${summary.totalBytes} bytes instead of ${expected.bytes}`);
  return { holds: true };
};

/** Compares the number of files that restic read, the sidecar included: it counts those of the parent that it takes over apart. */
export const guardReads = ({ filesNew, filesChanged }: BackupSummary, expected: number): GuardVerdict =>
  filesNew + filesChanged === expected ? { holds: true } : fails(`restic read ${filesNew + filesChanged} files that were new or changed, instead of ${expected}`);

const example = (paths: readonly string[]): string => `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;

/** Compares restic's list of changes with the expected one; `ignored` are paths of our own, such as the sidecar. */
export const guardChanges = (changes: readonly DiffChange[], expected: ExpectedChange, ignored: ReadonlySet<string>): GuardVerdict => {
  const seen = { '+': new Set<string>(), '-': new Set<string>(), T: new Set<string>(), M: new Set<string>() };
  const strange: string[] = [];
  const below = (path: string): boolean => [...expected.retyped].some((parent) => path.startsWith(`${parent}/`));
  for (const change of changes) {
    const path = change.path.endsWith('/') ? change.path.slice(0, -1) : change.path;
    if (ignored.has(path)) continue;
    const letter = change.modifier.startsWith('T') ? 'T' : change.modifier;
    if (letter === 'U') continue;
    if (expected.retyped.size > 0 && below(path)) continue;
    if (letter === '+' || letter === '-' || letter === 'T' || letter === 'M') seen[letter].add(path);
    else strange.push(`${change.modifier} ${path}`);
  }
  if (strange.length > 0) return fails(`unexpected marks: ${example(strange)}`);
  const problems = [
    ...difference('added', seen['+'], expected.added, expected.added),
    ...difference('removed', seen['-'], expected.removed, expected.removed),
    ...difference('of another kind', seen.T, expected.retyped, expected.retyped),
    ...difference('changed', seen.M, expected.modified, new Set([...expected.modified, ...expected.modifiable])),
  ];
  return problems.length === 0 ? { holds: true } : fails(problems.join('; '));
};

/** What was seen must lie between `least` and `most`. */
const difference = (word: string, seen: ReadonlySet<string>, least: ReadonlySet<string>, most: ReadonlySet<string>): string[] => {
  const tooMuch = [...seen].filter((path) => !most.has(path));
  const lacking = [...least].filter((path) => !seen.has(path));
  return [
    ...(tooMuch.length > 0 ? [`${tooMuch.length} ${word} that should not be: ${example(tooMuch)}`] : []),
    ...(lacking.length > 0 ? [`${lacking.length} not ${word} that should be: ${example(lacking)}`] : []),
  ];
};

/** What restic must say of each file, and what it said otherwise. */
export interface NamedFiles {
  /** By path inside the snapshot: true = it reads it, false = it takes it over. What was heard is removed. */
  readonly expected: Map<string, boolean>;
  readonly strange: string[];
}

/** Strange items that are kept. */
const mostStrange = 100;

/** Takes in what restic says while it goes; `ignored` is a path of our own. */
export const hearNames = (files: NamedFiles, items: readonly ReadItem[], ignored: string): void => {
  for (const { path, read } of items) {
    if (path === ignored) continue;
    const expected = files.expected.get(path);
    if (expected === read) files.expected.delete(path);
    else if (files.strange.length < mostStrange) files.strange.push(`${path} ${expected === undefined ? 'should not be there' : read ? 'was read' : 'was not read'}`);
  }
};

/** Whether everything was said, and nothing else. */
export const guardNames = (files: NamedFiles): GuardVerdict => {
  if (files.strange.length > 0) return fails(`files otherwise than they should be: ${example(files.strange)}`);
  if (files.expected.size > 0) return fails(`${files.expected.size} files that restic did not name: ${example([...files.expected.keys()].slice(0, 4))}`);
  return { holds: true };
};
