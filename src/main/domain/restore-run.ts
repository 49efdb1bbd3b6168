// One restore: into a new folder here, or through the header filter into a running instance.
import { Readable } from 'node:stream';
import type { RestoreResult } from '../../contract';
import { AppError } from './app-error';
import { connect } from './capture-run';
import type { Clock, Log, OperationRun, Operations } from './ports';
import { compareOnHost } from './restore-compare';
import { findAlike, type Alike } from './names-alike';
import { loadTree, planRestore, type InsideCover, type RestorePlan } from './restore-plan';
import { RestoreTar } from './restore-tar';
import type { RestoredEntry, RestoreFolders } from './restore-ports';
import type { BytePath, Probe, RemoteHost, RepositoryAccess, ResticRepository } from './snapshot-ports';
import type { OperationRow } from './store-port';
import { mainTurn, Turns } from './turns';

export interface RestoreParts {
  readonly restic: ResticRepository;
  readonly folders: RestoreFolders;
  readonly clock: Clock;
}

export interface RestoreInput {
  readonly access: RepositoryAccess;
  readonly snapshotId: string;
  /** Undefined: everything. */
  readonly paths: readonly BytePath[] | undefined;
  readonly verify: boolean;
}

type Outcome = Omit<RestoreResult, 'operation_id'>;

/** Errors that are named one by one. */
const named = 100;

/** What the folder is finished from. `alike`: some lie apart from the others. */
const restored = async ({ entries, sidecar }: RestorePlan, alike: Alike | null, folders: readonly string[], signal: AbortSignal): Promise<readonly RestoredEntry[]> => {
  const turns = new Turns(signal, mainTurn);
  const first = new Map<string, string>();
  const found: RestoredEntry[] = [];
  for (const entry of alike === null ? entries : [...alike.ways, ...entries]) {
    if (turns.due) await turns.pause();
    const { path, type, group, mirrorName } = entry;
    // Links of a snapshot of another client stay as restic made them: nobody else knows their targets.
    if (path === '' || !entry.stored || (type !== 'f' && type !== 'd' && (type !== 'l' || sidecar.foreign))) continue;
    const sameAs = type === 'f' && group !== '' ? (first.get(group) ?? null) : null;
    if (type === 'f' && group !== '' && sameAs === null) first.set(group, path);
    const apart = alike?.places.get(path);
    const folder = apart?.round === null || apart === undefined ? undefined : folders[apart.round];
    found.push({ mirrorName: apart?.place ?? mirrorName, from: folder === undefined ? null : [folder, sidecar.root, mirrorName].filter((part) => part !== '').join('/'), path, type, mode: entry.mode & 0o777, mtime: entry.mtime, target: entry.target, sameAs });
  }
  return found;
};

/**
 * Ends a restore that a former run of the app left: what it had prepared is removed.
 *
 * Files come into place in one go at the end; only when the app ended within that moment are some of them there.
 */
export const endLeftRestore = async (row: OperationRow, parts: { readonly folders: RestoreFolders; readonly operations: Pick<Operations, 'end'>; readonly log: Log }): Promise<void> => {
  const { target, scratch } = row.context;
  let said = 'The app ended while this was running. The snapshot is kept as it was.';
  if (typeof target === 'string' && typeof scratch === 'string') {
    const left = await parts.folders.discard(target, scratch).catch((error: unknown) => {
      parts.log.warn('restore_not_cleared', { operation: row.id, error });
      return 'unknown' as const;
    });
    if (left === 'nothing') said += ' Nothing was put into the folder.';
    else said += left === 'something' ? ' A part of the files is in place: restore into another folder.' : ' What it had prepared could not be removed.';
  }
  parts.operations.end(row.id, 'failed', { code: 'cancelled', message: said, data: { operation_id: row.id } });
};

/** Runs one restore of one snapshot. */
export class RestoreRun {
  constructor(
    private readonly parts: RestoreParts,
    private readonly input: RestoreInput,
    private readonly run: OperationRun,
  ) {}

  private async plan(): Promise<RestorePlan> {
    this.run.progress({ phase: 'scan', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    const { access, snapshotId, paths } = this.input;
    const tree = await loadTree(this.parts.restic, access, snapshotId, this.run.signal);
    if (tree.foreign) this.run.log('info', 'Another program made this snapshot: what is in it is what restic says.');
    return await planRestore(tree, paths, this.run.signal);
  }

  private progress(phase: string, plan: RestorePlan, bytes: number, files: number): void {
    this.run.progress({ phase, bytes_done: Math.min(bytes, plan.bytes), bytes_total: plan.bytes, files_done: Math.min(files, plan.files), files_total: plan.files });
  }

  /** Into a folder of this computer; `within`: it must stay below that one. */
  async toFolder(target: string, within: string | null): Promise<Outcome> {
    const { folders } = this.parts;
    const { snapshotId, verify } = this.input;
    const plan = await this.plan();
    const { scratch } = await folders.open(target, within);
    try {
      // With a full disk this throws already.
      this.run.remember({ target, scratch });
      this.progress('restore', plan, 0, 0);
      const alike = (await folders.foldsNames(scratch)) ? await findAlike(plan, new Turns(this.run.signal, mainTurn)) : null;
      const { errors, places } = await this.inRounds(plan, alike?.rounds ?? [plan], scratch);
      const entries = await restored(plan, alike, places, this.run.signal);
      this.run.setCancellable(false);
      const { files, warnings } = await folders.finish(target, scratch, plan.sidecar.root, entries);
      for (const warning of warnings) this.run.warn(warning);
      const merged = alike !== null && plan.sidecar.foreign ? [`${alike.names} names differ from others only in case or in how a letter is written, and this disk takes those for one: what they held lies over each other`] : [];
      const all = [...errors.slice(0, named), ...merged, ...(files === plan.files ? [] : [`${plan.files - files} of ${plan.files} files were not restored`])];
      if (verify && all.length === 0) this.run.log('info', `Verified: restic read all ${files} restored files again and compared their contents.`);
      this.progress('restore', plan, plan.bytes, files);
      return { success: all.length === 0, snapshot_id: snapshotId, target_path: target, files_restored: files, errors: all };
    } catch (error) {
      await folders.discard(target, scratch);
      throw error;
    }
  }

  /** One call of restic for each round, into the scratch folder and then beside it. Gives the rounds' folders. */
  private async inRounds(plan: RestorePlan, rounds: readonly InsideCover[], scratch: string): Promise<{ readonly errors: readonly string[]; readonly places: readonly string[] }> {
    const { access, snapshotId, verify } = this.input;
    const errors: string[] = [];
    const places: string[] = [];
    let done = { bytes: 0, files: 0 };
    for (const round of rounds) {
      const place = places.length === 0 ? '' : await this.parts.folders.beside(scratch);
      places.push(place);
      // Nothing to include would be everything.
      if (round !== plan && round.includes.length + round.starts.length === 0) continue;
      const before = done;
      const job = { id: snapshotId, folder: place === '' ? scratch : `${scratch}/${place}`, includes: round.includes, starts: round.starts, verify };
      errors.push(...(await this.parts.restic.restore(access, job, this.run.signal, (bytes, files) => {
        done = { bytes: before.bytes + bytes, files: before.files + files };
        this.progress('restore', plan, done.bytes, done.files);
      })));
    }
    return { errors, places };
  }

  /** Into a directory of an instance; default: where it was taken. */
  async toHost(host: RemoteHost, directory: string | undefined): Promise<Outcome> {
    const plan = await this.plan();
    const target = directory ?? plan.sidecar.directory;
    if (target === '') throw new AppError('invalid_input', 'Where a snapshot of another program goes on the instance must be said.', { issues: [{ path: 'target_path', message: 'a directory' }] });
    this.run.progress({ phase: 'connect', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null });
    const probe = await connect(host, target, this.parts.clock, this.run);
    if (probe.tar !== 'gnu' && probe.tar !== 'busybox') throw new AppError('remote_tool_missing', 'The instance lacks tar.', { missing: ['tar (GNU or busybox)'] });
    const { access, snapshotId } = this.input;
    const filter = await RestoreTar.of(plan, ({ bytes, files }) => this.progress('restore', plan, bytes, files), this.run.signal);
    await host.restore(target, filter.archive((call) => this.parts.restic.dump(access, snapshotId, call.path, this.run.signal)), this.run.signal);
    await this.finish(host, target, probe, plan, filter);
    const errors = this.input.verify ? await compareOnHost(host, target, plan, this.run, (files) => this.progress('verify', plan, plan.bytes, files)) : [];
    return { success: errors.length === 0, snapshot_id: snapshotId, target_path: target, files_restored: filter.count.files, errors };
  }

  /** What tar leaves undone: directories' times where busybox set them too early, and holes. */
  private async finish(host: RemoteHost, target: string, probe: Probe, plan: RestorePlan, filter: RestoreTar): Promise<void> {
    if (probe.tar === 'busybox') await host.restore(target, Readable.from(filter.directories()), this.run.signal);
    const sparse = await new Turns(this.run.signal, mainTurn).collect(plan.entries, (entry) => (entry.sparse ? entry.path : undefined));
    if (sparse.length === 0) return;
    if (probe.dig) await host.dig(target, sparse, this.run.signal);
    else this.run.log('info', `${sparse.length} files had holes; this instance has no fallocate that digs them, so they take their full size.`);
  }
}
