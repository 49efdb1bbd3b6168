// Care of a repository through the restic program: what a policy would remove, removing it, freeing space, checking. Text where no version has JSON.
import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import type { CareProgress, RepositoryCare, RetentionQuestion } from '../../domain/repository-care';
import type { DryRun, DryRunRow } from '../../domain/retention-plan';
import { safeText } from '../../domain/snapshot-names';
import type { RepositoryAccess } from '../../domain/snapshot-ports';
import type { ResticCli } from './restic-cli';
import type { ResticLine } from './restic-lines';
import type { ResticRunner } from './restic-run';

/** Ids that one command line takes. */
const idsAtOnce = 200;
/** Headings of restic that are passed on; a damaged repository may print one line per blob. */
const mostHeadings = 500;

const forgetRow = z.object({ id: z.string().regex(/^[0-9a-f]{64}$/), time: z.string(), tags: z.array(z.string()).nullable().default([]) });

/** `remove` is null when there is nothing; the reasons name the id from 0.17 on, the time always. */
const forgetGroups = z.array(
  z.object({
    keep: z.array(forgetRow).nullable().default([]),
    remove: z.array(forgetRow).nullable().default([]),
    reasons: z.array(z.object({ snapshot: z.object({ id: z.string().optional(), time: z.string() }), matches: z.array(z.string()).nullable().default([]) })).nullable().default([]),
  }),
);

/** The answer of `forget --dry-run --json`, of any version. */
export const parseForget = (text: string): DryRun => {
  const groups = forgetGroups.parse(JSON.parse(text));
  const toRow = (row: z.output<typeof forgetRow>, reasons: readonly string[]): DryRunRow => ({ id: row.id, time: Date.parse(row.time), tags: row.tags ?? [], reasons });
  return {
    keep: groups.flatMap((group) =>
      (group.keep ?? []).map((row) => toRow(row, group.reasons?.find(({ snapshot }) => (snapshot.id === undefined ? snapshot.time === row.time : snapshot.id === row.id))?.matches ?? [])),
    ),
    remove: groups.flatMap((group) => (group.remove ?? []).map((row) => toRow(row, []))),
  };
};

const progressPattern = /^\[(?:\d+:)?\d+:\d+\] (?:\d+\.\d+)%\s+(\d+) \/ (\d+) (.+)$/;

/** One line of text: how far it is, or a heading. */
export const parseCareLine = (text: string): CareProgress | null => {
  const match = progressPattern.exec(text.trim());
  if (match !== null) return { kind: 'progress', done: Number(match[1]), total: Number(match[2]), unit: safeText(match[3] ?? '', 60) };
  const heading = text.trim();
  return heading === '' || heading.startsWith('[') ? null : { kind: 'heading', text: safeText(heading, 400) };
};

export class ResticMaintenance implements RepositoryCare {
  constructor(
    private readonly runner: Pick<ResticRunner, 'run'>,
    private readonly restic: Pick<ResticCli, 'snapshots'>,
  ) {}

  /*
   * [Note: One group per source] Every snapshot carries the tag of its operation, so grouping by tags would make a group of each and keep them all; hosts change
   * with an instance's label. The source's own tag selects exactly its snapshots, and they are one group. restic cannot be told to leave some out: when there are such, the others are
   * selected by the tags of their operations.
   */
  async dryRun(at: RepositoryAccess, { sourceTag, keep, ignored }: RetentionQuestion, signal?: AbortSignal): Promise<DryRun> {
    const all = await this.dryRunOf(at, [sourceTag], keep, signal);
    const rows = [...all.keep, ...all.remove];
    const counted = rows.filter((row) => !ignored(row));
    if (counted.length === rows.length) return all;
    if (counted.length === 0) return { keep: [], remove: [] };
    const operations = counted.flatMap((row) => row.tags.find((tag) => tag.startsWith('op:')) ?? []);
    const dry = operations.length < counted.length ? all : await this.dryRunOf(at, [...new Set(operations)].map((tag) => `${sourceTag},${tag}`), keep, signal);
    if (![...dry.keep, ...dry.remove].some(ignored)) return dry;
    throw new AppError('retention_changed', 'What an interrupted snapshot left cannot be told apart from the others. Nothing was removed; the next snapshot clears it up.', {});
  }

  /** Of the snapshots with any of these tags. Looks only, so somebody else's lock is no hindrance. */
  private async dryRunOf(at: RepositoryAccess, tags: readonly string[], keep: readonly string[], signal?: AbortSignal): Promise<DryRun> {
    let found: DryRun | null = null;
    await this.runner.run(at, {
      args: ['forget', '--dry-run', '--no-lock', '--group-by=', ...tags.map((tag) => `--tag=${tag}`), ...keep], signal,
      onLine: (line) => {
        if (line.kind === 'text' && line.text.startsWith('[')) found = parseForget(line.text);
        else if (line.kind === 'text' && line.text.trim() === 'null') found = { keep: [], remove: [] };
      },
    });
    return (found as DryRun | null) ?? { keep: [], remove: [] };
  }

  async forget(at: RepositoryAccess, ids: readonly string[], signal?: AbortSignal): Promise<void> {
    for (let from = 0; from < ids.length; from += idsAtOnce) await this.runner.run(at, { args: ['forget', ...ids.slice(from, from + idsAtOnce)], signal, waitsForLock: true });
    // An unknown id is exit code 0, and so is one that could not be removed before 0.19.
    const left = new Set((await this.restic.snapshots(at)).map((one) => one.id));
    const still = ids.filter((id) => left.has(id));
    if (still.length > 0) throw new AppError('restic_failed', 'restic says that it removed the snapshots, but some are still there.', { exit_code: 0, output: still.join(' ').slice(0, 2000) });
  }

  async prune(at: RepositoryAccess, options: { readonly maxRepackGb: number }, signal: AbortSignal, onProgress: (progress: CareProgress) => void): Promise<void> {
    await this.runner.run(at, { args: ['prune', '--max-unused=5%', `--max-repack-size=${Math.floor(options.maxRepackGb * 1024)}M`], plain: true, signal, waitsForLock: true, onLine: headings(onProgress) });
  }

  async check(at: RepositoryAccess, read: 'none' | 'all' | { readonly part: number; readonly parts: number }, signal: AbortSignal, onProgress: (progress: CareProgress) => void): Promise<void> {
    const how = read === 'none' ? [] : read === 'all' ? ['--read-data'] : [`--read-data-subset=${read.part}/${read.parts}`];
    await this.runner.run(at, { args: ['check', ...how], plain: true, signal, waitsForLock: true, onLine: headings(onProgress) });
  }
}

const headings = (onProgress: (progress: CareProgress) => void): ((line: ResticLine) => void) => {
  let given = 0;
  return (line) => {
    const parsed = line.kind === 'text' ? parseCareLine(line.text) : null;
    if (parsed === null || (parsed.kind === 'heading' && given >= mostHeadings)) return;
    if (parsed.kind === 'heading') given += 1;
    onProgress(parsed);
  };
};
