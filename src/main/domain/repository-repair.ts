// A damaged repository is put right: copies first, then restic's own steps, then the rows of snapshots that were rewritten.
import path from 'node:path';
import * as z from 'zod';
import type { Caller, Clock, Hints, OperationRun, Operations } from './ports';
import { AppError } from './app-error';
import type { RepositoryShelves } from './repository-contents';
import type { RepositoryUpkeep } from './repository-ports';
import type { RepositoryAccess, RepositorySnapshot, ResticRepository } from './snapshot-ports';
import type { SnapshotQueues } from './snapshot-queue';
import type { SnapshotRepositories } from './snapshot-repository';
import type { OperationRow, RepositoryRow, SnapshotRow, Store } from './store-port';

export interface RepairParts {
  readonly store: Pick<Store, 'sources' | 'snapshots' | 'upkeep'>;
  readonly repositories: SnapshotRepositories;
  readonly shelves: RepositoryShelves;
  readonly restic: ResticRepository;
  readonly upkeep: RepositoryUpkeep;
  readonly queues: SnapshotQueues;
  readonly operations: Operations;
  readonly hints: Hints;
  readonly clock: Clock;
  readonly dataFolder: string;
}

const lostFiles = 'The repository was damaged and repaired: files whose contents were lost are missing from this snapshot.';

type Origin = Pick<RepositorySnapshot, 'id' | 'original'>;

/** Which snapshot became which: restic keeps the first id of a rewritten one. */
export const rewritten = (rows: readonly SnapshotRow[], before: readonly Origin[], after: readonly Origin[]): ReadonlyMap<string, string> => {
  const left = new Set(after.map((one) => one.id));
  const firstId = new Map(before.map((one) => [one.id, one.original ?? one.id]));
  const byFirst = new Map(after.filter((one) => one.original !== null && !firstId.has(one.id)).map((one) => [one.original, one.id]));
  return new Map(
    rows.flatMap((row) => {
      const id = left.has(row.id) ? undefined : byFirst.get(firstId.get(row.id) ?? row.id);
      return id === undefined ? [] : [[row.id, id] as const];
    }),
  );
};

/** Repairs repositories. */
export class RepositoryRepair {
  constructor(private readonly parts: RepairParts) {}

  start(caller: Caller, id: string): { readonly operation_id: string } {
    const row = this.parts.repositories.row(caller.userId, id);
    const { location } = this.parts.repositories.placeOf(row);
    const { operation } = this.parts.operations.start(
      { caller, kind: 'repair', instanceId: null, title: row.name === '' ? location : row.name, cancellable: true, context: { repository_id: row.id } },
      (run) => this.parts.queues.of(location).run('exclusive', () => this.repair(row, run), run.signal),
    );
    return { operation_id: operation.id };
  }

  private async repair(row: RepositoryRow, run: OperationRun): Promise<void> {
    const { repositories, restic, upkeep, clock, dataFolder, shelves, hints } = this.parts;
    const access = await repositories.open(row.userId, row.id);
    if (access === null) throw new AppError('repository_missing', 'The repository was not made yet.', { path: repositories.placeOf(row).location });
    const phase = (code: string): void => run.progress({ phase: code, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    phase('copies');
    const before = await restic.snapshots(access, run.signal);
    run.remember({ originals: before.filter((one) => one.original !== null).map((one) => [one.id, one.original]) });
    const working = path.join(dataFolder, 'users', row.userId, 'repairs', `${row.id}-${new Date(clock.now()).toISOString().replaceAll(':', '-')}`);
    if (await upkeep.keepCopies(access, working)) run.log('info', `Copies of the index and of the snapshots' records are in ${working}.`);
    else run.log('warn', 'The repository is on a server: no copies were made.');
    try {
      const outcome = await upkeep.repair(access, working, run.signal, { phase, log: (text) => run.log('info', text) });
      for (const problem of outcome.problems) run.warn(problem);
      for (const step of outcome.left) run.warn(step === 'packs' ? 'This restic cannot repair packs: use 0.17 or newer.' : 'This restic cannot repair snapshots: use 0.16 or newer.');
      this.keepDamage(row, outcome.sound ? null : new Date(clock.now()).toISOString());
      if (outcome.sound) run.log('info', 'A full check found nothing more.');
      else if (outcome.problems.length === 0) run.warn('The repository is still damaged.');
    } finally {
      // Also after a cancel: what was rewritten by then was.
      await this.follow(row, access, before);
      shelves.changed(access.location);
      hints.tell(row.userId, 'snapshots');
    }
  }

  /** Null: it is whole. */
  private keepDamage(row: RepositoryRow, damagedAt: string | null): void {
    const { upkeep } = this.parts.store;
    upkeep.put(row.userId, row.id, { ...upkeep.get(row.userId, row.id), damaged_at: damagedAt });
  }

  /** Ends a repair that a former run of the app left: rows follow what it had rewritten by then. */
  takeUp(left: OperationRow): void {
    const { repositories, queues, operations, shelves, hints } = this.parts;
    const { repository_id: id, originals } = left.context;
    const { done } = operations.takeUp(left, async (run) => {
      const row = repositories.row(left.userId, String(id));
      const access = await repositories.open(row.userId, row.id);
      const known = new Map(z.array(z.tuple([z.string(), z.string()])).catch([]).parse(originals));
      const before = this.parts.store.snapshots.list(row.userId).map((one) => ({ id: one.id, original: known.get(one.id) ?? null }));
      if (access !== null) await queues.of(access.location).run('exclusive', () => this.follow(row, access, before), run.signal);
      if (access !== null) shelves.changed(access.location);
      hints.tell(row.userId, 'snapshots');
      run.log('info', 'The app ended while this was running.');
      throw new AppError('cancelled', 'The app ended while this was running.', { operation_id: left.id });
    });
    done.catch(() => undefined);
  }

  /** Rows and parents follow their snapshots; what builds on a rewritten one fetches everything next time. */
  private async follow(row: RepositoryRow, access: RepositoryAccess, before: readonly Origin[]): Promise<void> {
    const { store, restic } = this.parts;
    const after = await restic.snapshots(access);
    const rows = store.snapshots.list(row.userId).filter((one) => one.repositoryId === row.id);
    const renamed = rewritten(rows, before, after);
    for (const one of rows) {
      const id = renamed.get(one.id);
      if (id !== undefined) store.snapshots.rename(row.userId, one.id, { id, result: 'warnings', warnings: [...one.warnings.filter((text) => text !== lostFiles), lostFiles] });
    }
    const left = new Set(after.map((one) => one.id));
    for (const source of store.sources.list(row.userId)) {
      if (source.repositoryId === row.id && source.parentId !== null && !left.has(source.parentId)) store.sources.update(source.id, { parentId: null, needsFullFetch: true });
    }
  }
}
