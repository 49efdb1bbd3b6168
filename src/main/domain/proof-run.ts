// One rehearsal: restores a snapshot or the next part of it into a scratch folder, compares it with the sidecar, runs the user's check, and leaves nothing behind.
import { createHash } from 'node:crypto';
import type { Proof } from '../../contract';
import { AppError, isAppError } from './app-error';
import type { OperationRun } from './ports';
import { choosePart, literal, type RehearsalPart } from './proof-part';
import type { CompareTree, ComparisonJob, RehearsalFolders, RunCheck } from './proof-ports';
import { hasNoSidecar, loadSidecar } from './restore-plan';
import { displayName, safeText } from './snapshot-names';
import type { RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { Sidecar, SidecarEntry } from './sidecar';
import type { PartBeginning } from './store-port';
import { mainTurn, Turns } from './turns';

/** What must stay free on the disk: 5 GB, or 5 % where that is less. */
const freeFloor = (total: number): number => Math.min(5e9, total * 0.05);
/** Problems that are kept. */
const named = 100;

export interface RehearsalParts {
  readonly restic: ResticRepository;
  readonly folders: RehearsalFolders;
  readonly compare: CompareTree;
  readonly runCheck: RunCheck;
}

export interface RehearsalInput {
  readonly userId: string;
  readonly access: RepositoryAccess;
  readonly snapshotId: string;
  /** Where the last rehearsal of this source ended; null = at the start. */
  readonly cursor: string | null;
  /** Bytes restored in one rehearsal. */
  readonly budget: number;
  readonly check: { readonly command: string; readonly limitMs: number } | null;
}

/** What came of it: all that a stamp keeps. */
export type RehearsalOutcome = Pick<Proof, 'kind' | 'result' | 'weak' | 'files' | 'bytes' | 'total_files' | 'total_bytes' | 'command' | 'problems'> & { readonly cursor: string; readonly begins: PartBeginning | null; readonly problemCount: number };

const compared = ({ mirrorName, type, size, target, sha256 }: SidecarEntry): ComparisonJob['entries'][number] => ({ mirrorName, type, size, target, sha256 });

/** Failures that say something about the snapshot, and not about this computer or this moment: a restic that somebody killed says nothing. */
export const speaksOfSnapshot = (error: unknown): error is AppError => isAppError(error, 'repository_damaged') || (isAppError(error, 'restic_failed') && error.data.exit_code !== null);

/** Runs one rehearsal of one snapshot. Never reads the mirror. */
export class RehearsalRun {
  private readonly problems: string[] = [];
  private problemCount = 0;

  constructor(
    private readonly parts: RehearsalParts,
    private readonly input: RehearsalInput,
    private readonly run: OperationRun,
  ) {}

  /** Gives what it found; throws only what says nothing about the snapshot, such as `disk_full` or `cancelled`. */
  async perform(): Promise<RehearsalOutcome> {
    const { access, snapshotId, cursor, budget, userId } = this.input;
    this.phase('scan');
    const sidecar = await this.attempt(() => this.sidecar(access, snapshotId));
    if (sidecar === null) return this.outcome(null, 'none', false);
    const part = await choosePart(sidecar.entries, { cursor, budget }, this.run.signal);
    const folder = await this.parts.folders.open(userId, this.run.id);
    try {
      await this.checkSpace(folder, part);
      const unhashed = (await this.compareRestored(folder, sidecar, part)) + (await this.comparePiped(sidecar, part));
      const command = this.problemCount === 0 ? await this.check(`${folder}/${sidecar.root}`, part) : 'none';
      return this.outcome(part, command, unhashed > 0);
    } finally {
      await this.parts.folders.discard(folder);
    }
  }

  private async sidecar(access: RepositoryAccess, snapshotId: string): Promise<Sidecar> {
    try {
      return await loadSidecar(this.parts.restic, access, snapshotId, this.run.signal);
    } catch (error) {
      if (!hasNoSidecar(error)) throw error;
      throw new AppError('snapshot_foreign', 'Another program made this snapshot: there is no list to compare a restore with.', { snapshot_id: snapshotId });
    }
  }

  private phase(phase: string): void {
    this.run.progress({ phase, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
  }

  private progress(phase: string, part: RehearsalPart, bytes: number, files: number): void {
    this.run.progress({ phase, bytes_done: Math.min(bytes, part.bytes), bytes_total: part.bytes, files_done: Math.min(files, part.files), files_total: part.files });
  }

  private problem(text: string, count = 1): void {
    this.problemCount += count;
    if (this.problems.length < named) this.problems.push(text);
  }

  /** Null when it failed in a way that speaks of the snapshot: then that is a problem. */
  private async attempt<Value>(work: () => Promise<Value>): Promise<Value | null> {
    try {
      return await work();
    } catch (error) {
      this.run.signal.throwIfAborted();
      if (!speaksOfSnapshot(error)) throw error;
      const { output } = error.data as { readonly output?: string };
      this.problem(`${error.message} ${safeText(output ?? '', 300)}`.trim());
      return null;
    }
  }

  private async checkSpace(folder: string, part: RehearsalPart): Promise<void> {
    const { free, total } = await this.parts.folders.space(folder);
    // What is piped never gets onto the disk.
    const bytes = part.piped.length > 0 ? 0 : part.bytes;
    if (bytes > free - freeFloor(total)) throw new AppError('disk_full', 'There is not enough room on the disk for a rehearsal.', { path: folder });
  }

  /** Gives how many files had no hash. */
  private async compareRestored(folder: string, sidecar: Sidecar, part: RehearsalPart): Promise<number> {
    const { restic, compare } = this.parts;
    const { access, snapshotId } = this.input;
    if (part.restored.length === 0 && part.patterns !== null) return 0;
    this.progress('restore', part, 0, 0);
    const job = { id: snapshotId, folder, includes: part.patterns === null ? [`/${sidecar.root}`] : [], patterns: (part.patterns ?? []).map((one) => `/${literal(sidecar.root)}/${one}`), verify: false };
    const errors = await this.attempt(() => restic.restore(access, job, this.run.signal, (bytes, files) => this.progress('restore', part, bytes, files)));
    if (errors === null) return 0;
    for (const error of errors) this.problem(safeText(error, 300));
    this.progress('compare', part, 0, 0);
    const turns = new Turns(this.run.signal, mainTurn);
    const directories = part.patterns === null ? await turns.collect(sidecar.entries, (entry) => (entry.stored && entry.type === 'd' && entry.path !== '' ? compared(entry) : undefined)) : [];
    const entries = directories.concat(await turns.collect(part.restored, compared));
    const report = await compare({ folder: `${folder}/${sidecar.root}`, entries, whole: part.patterns === null }, this.run.signal, (bytes, files) => this.progress('compare', part, bytes, files));
    for (const problem of report.problems) this.problem(problem, 0);
    this.problemCount += report.problemCount;
    return report.unhashed;
  }

  /** Those larger than the budget are read in passing. */
  private async comparePiped(sidecar: Sidecar, part: RehearsalPart): Promise<number> {
    for (const entry of part.piped) await this.attempt(() => this.pipe(sidecar, part, entry));
    return part.piped.filter((entry) => entry.sha256 === '').length;
  }

  private async pipe(sidecar: Sidecar, part: RehearsalPart, entry: SidecarEntry): Promise<void> {
    const { access, snapshotId } = this.input;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of this.parts.restic.dump(access, snapshotId, `/${sidecar.root}/${entry.mirrorName}`, this.run.signal)) {
      hash.update(chunk);
      bytes += chunk.length;
      this.progress('compare', part, bytes, 0);
    }
    if (bytes !== entry.size) this.problem(`${bytes} bytes instead of ${entry.size}: ${displayName(entry.path)}`);
    else if (entry.sha256 !== '' && hash.digest('hex') !== entry.sha256) this.problem(`Another content: ${displayName(entry.path)}`);
  }

  private async check(folder: string, part: RehearsalPart): Promise<Proof['command']> {
    const { check } = this.input;
    // A part is not what the user's check was made for.
    if (check === null || part.patterns !== null) return 'none';
    this.phase('check');
    const { exitCode, output } = await this.parts.runCheck(check.command, folder, check.limitMs, this.run.signal);
    for (const line of output.split('\n').filter((text) => text !== '')) this.run.log(exitCode === 0 ? 'info' : 'warn', line, 'remote');
    if (exitCode === 0) return 'ok';
    this.problem(exitCode === null ? `Your check did not end within ${Math.round(check.limitMs / 1000)} s.` : `Your check ended with code ${exitCode}.`);
    return 'failed';
  }

  private outcome(part: RehearsalPart | null, command: Proof['command'], weak: boolean): RehearsalOutcome {
    return {
      kind: part?.patterns === null ? 'full' : 'part', result: this.problemCount === 0 ? 'ok' : 'failed', weak, files: part?.files ?? 0, bytes: part?.bytes ?? 0,
      total_files: part?.totalFiles ?? 0, total_bytes: part?.totalBytes ?? 0, command, problems: this.problems, problemCount: this.problemCount, cursor: part?.cursor ?? '', begins: part?.begins ?? null,
    };
  }
}
