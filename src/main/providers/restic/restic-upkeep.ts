// Care of repositories: who holds them, how big they are, and putting a damaged one right.
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { AppError } from '../../domain/app-error';
import type { RepairOutcome, RepairSteps, RepositoryLock, RepositorySize, RepositoryUpkeep } from '../../domain/repository-ports';
import { safeText } from '../../domain/snapshot-names';
import type { RepositoryAccess } from '../../domain/snapshot-ports';
import { plainStderr } from './restic-errors';
import { holderOf, mayBeRemoved, thisComputer } from './restic-locks';
import type { ResticJob, ResticRunner } from './restic-run';

/** The most problems of a check that are named. */
const mostProblems = 20;

const rawSchema = z.object({ total_size: z.number().default(0), total_uncompressed_size: z.number().default(0), snapshots_count: z.number().default(0) });

/** Ids of packs that a check called broken, in any version's words. */
export const brokenPacks = (text: string): readonly string[] => [...new Set([...text.matchAll(/(?:pack|<data\/|"broken_packs":\[[^\]]*?)"?\s*([0-9a-f]{64})/g)].flatMap((match) => match[1] ?? []))];

/** Looks after repositories through restic. */
export class ResticUpkeep implements RepositoryUpkeep {
  constructor(private readonly runner: ResticRunner) {}

  async locks(at: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositoryLock[]> {
    const here = thisComputer();
    const now = Date.now();
    return (await this.runner.locks(at, signal)).map((lock) => ({ holder: holderOf(lock), since: Date.parse(lock.time), exclusive: lock.exclusive, removable: mayBeRemoved(lock, here, now) }));
  }

  async unlock(at: RepositoryAccess): Promise<void> {
    const here = thisComputer();
    const now = Date.now();
    const left = await this.runner.removeLocks(at, (lock) => mayBeRemoved(lock, here, now));
    if (left !== null) throw new AppError('repository_locked', 'A lock may belong to a program that still runs.', { holder: holderOf(left) });
  }

  heal(at: RepositoryAccess): Promise<boolean> {
    return this.runner.heal(at);
  }

  async size(at: RepositoryAccess, signal?: AbortSignal): Promise<RepositorySize> {
    const { rawStats } = await this.runner.caps(at);
    let found: z.output<typeof rawSchema> | null = null;
    await this.runner.run(at, {
      args: ['stats', '--mode=raw-data', '--no-lock'], signal,
      onLine: (line) => {
        if (line.kind === 'json' && typeof line.value.total_size === 'number') found = rawSchema.parse(line.value);
      },
    });
    const stats = found as z.output<typeof rawSchema> | null;
    if (stats === null) throw new AppError('restic_failed', 'restic did not say how much is stored.', { exit_code: 0, output: '' });
    return { rawBytes: stats.total_size, uncompressedBytes: rawStats ? stats.total_uncompressed_size : null, snapshots: stats.snapshots_count };
  }

  async keepCopies(at: RepositoryAccess, working: string): Promise<boolean> {
    if (!at.local) return false;
    for (const name of ['index', 'snapshots']) await cp(path.join(at.location, name), path.join(working, name), { recursive: true });
    return true;
  }

  async repair(at: RepositoryAccess, working: string, signal: AbortSignal, steps: RepairSteps): Promise<RepairOutcome> {
    const { repairSnapshots, repairPacks } = await this.runner.caps(at);
    await mkdir(working, { recursive: true, mode: 0o700 });
    steps.phase('index');
    await this.step(at, { args: repairSnapshots ? ['repair', 'index'] : ['rebuild-index'], signal }, steps);
    steps.phase('check_all');
    const first = await this.check(at, signal);
    if (first.problems.length === 0) return { sound: true, problems: [], left: [] };
    if (!repairSnapshots) return { sound: false, problems: first.problems, left: ['packs', 'snapshots'] };
    const broken = brokenPacks(first.text);
    if (repairPacks && broken.length > 0) {
      steps.phase('packs');
      // restic keeps a copy of each in its working directory.
      await this.step(at, { args: ['repair', 'packs', ...broken], cwd: working, signal }, steps);
    }
    steps.phase('snapshots');
    await this.step(at, { args: ['repair', 'snapshots', '--forget'], signal }, steps);
    steps.phase('check_all');
    const { problems } = await this.check(at, signal);
    return { sound: problems.length === 0, problems, left: repairPacks || broken.length === 0 ? [] : ['packs'] };
  }

  private async step(at: RepositoryAccess, job: ResticJob, steps: RepairSteps): Promise<void> {
    await this.runner.run(at, {
      ...job, waitsForLock: true,
      onLine: (line) => {
        if (line.kind === 'text' && line.text.trim() !== '' && !/^\[\d|^reading repository password/.test(line.text)) steps.log(safeText(line.text, 400));
      },
    });
  }

  /** Reads everything. */
  private async check(at: RepositoryAccess, signal: AbortSignal): Promise<{ readonly problems: readonly string[]; readonly text: string }> {
    const lines: string[] = [];
    const end = await this.runner.run(at, { args: ['check', '--read-data'], signal, accepted: [1], waitsForLock: true, onLine: (line) => lines.push(line.kind === 'text' ? line.text : JSON.stringify(line.value)) });
    if (end.exitCode === 0) return { problems: [], text: '' };
    const problems = plainStderr(end.stderr).split('\n').filter((text) => text.trim() !== '').slice(0, mostProblems).map((text) => safeText(text, 300));
    return { problems: problems.length > 0 ? problems : ['restic check failed'], text: `${lines.join('\n')}\n${end.stderr}` };
  }

  async folderState(folder: string): Promise<'free' | 'repository' | 'not_empty'> {
    const names = await readdir(folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      return ['?'];
    });
    if (names.includes('config') && names.includes('keys')) return 'repository';
    return names.length === 0 ? 'free' : 'not_empty';
  }
}
