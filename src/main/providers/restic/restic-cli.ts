// The local restic repository through the restic program, any version from 0.14 on.
import { access, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../domain/app-error';
import type { BackupSummary, DiffChange, ReadItem, RepositoryAccess, RepositorySnapshot, ResticRepository, ResticTool } from '../../domain/snapshot-ports';
import { isUnwritableName, makeFolders } from '../process/folders';
import { plainStderr, resticFailure } from './restic-errors';
import { changeSchema, decodeLine, errorText, inPieces, readItem, snapshotsSchema, statusSchema, summarySchema } from './restic-lines';
import { quickenKey } from './quick-key';
import type { ResticPrograms } from './restic-program';
import { cancelled, isAborted, type ResticRunner } from './restic-run';

/** The line 0.14 prints on stdout before anything else. */
const readingPassword = Buffer.from('reading repository password from stdin\n');

/** A path as a pattern that matches only itself. */
const literalPattern = (text: string): string => (process.platform === 'win32' ? text : text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`));

/** Patterns of one command, bytes: Windows takes 32,767 characters in all. Only restic from 0.17 on reads patterns from a file. */
const mostPatterns = process.platform === 'win32' ? 24_000 : 100_000;

/** A list in parts of a bounded size, bytes; one part at least. */
export const inCommands = (patterns: readonly string[], most = mostPatterns): readonly (readonly string[])[] => {
  const parts: string[][] = [[]];
  let size = 0;
  for (const pattern of patterns) {
    const bytes = Buffer.byteLength(pattern);
    if (size > 0 && size + bytes > most) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(pattern);
    size += bytes;
  }
  return parts;
};

/** What the app asks of restic: taking, listing, comparing, restoring and forgetting snapshots. */
export class ResticCli implements ResticRepository {
  constructor(
    private readonly programs: ResticPrograms,
    private readonly runner: ResticRunner,
  ) {}

  async tool(resticPath: string | null): Promise<ResticTool | null> {
    const found = await this.programs.locate(resticPath);
    if (found === null) return null;
    const { caps, file, from } = found;
    return { path: file, from, version: caps.version, advice: caps.supported ? (caps.advised ? 'ok' : 'update_advised') : 'too_old' };
  }

  exists(folder: string): Promise<boolean> {
    return access(path.join(folder, 'config')).then(
      () => true,
      () => false,
    );
  }

  async snapshotIds(at: RepositoryAccess, signal?: AbortSignal): Promise<ReadonlySet<string> | null> {
    if (!at.local) return new Set((await this.snapshots(at, signal)).map((one) => one.id));
    const names = await readdir(path.join(at.location, 'snapshots')).catch(() => null);
    return names === null ? null : new Set(names.filter((name) => /^[0-9a-f]{64}$/.test(name)));
  }

  async init(at: RepositoryAccess, { generated = false, signal }: { readonly generated?: boolean; readonly signal?: AbortSignal } = {}): Promise<void> {
    if (at.local) {
      await makeFolders(path.dirname(at.location)).catch((error: unknown) => {
        if (!isUnwritableName(error)) throw error;
        throw new AppError('repository_location', 'The disk there cannot write this name.', { reason: 'form' });
      });
    }
    await this.runner.run(at, { args: ['init'], signal });
    // It opens as well without.
    if (at.local && generated) await quickenKey(at.location, at.password).catch(() => null);
  }

  async backup(at: RepositoryAccess, job: Parameters<ResticRepository['backup']>[1], signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<BackupSummary> {
    const caps = await this.runner.caps(at);
    const errors: string[] = [];
    let summary: ReturnType<typeof summarySchema.parse> | null = null;
    const args = [
      'backup', '--ignore-inode', `--host=${job.host}`, `--tag=${[job.operationTag, ...job.tags].join(',')}`,
      ...(job.parentId === null ? ['--force'] : [`--parent=${job.parentId}`]), ...(caps.noScan ? ['--no-scan'] : []), ...(job.onNamed === undefined ? [] : ['--verbose=2']), '--', ...job.targets,
    ];
    const named = inPieces<ReadItem>(job.onNamed);
    const end = await this.runner.run(at, {
      args, cwd: job.folder, signal, accepted: [3], waitsForLock: true, manyLines: job.onNamed !== undefined,
      onLine: (line) => {
        if (line.kind !== 'json') return;
        if (line.type === 'status') {
          const status = statusSchema.parse(line.value);
          onProgress(status.bytes_done, status.files_done);
        } else if (line.type === 'verbose_status') named.add(readItem(line.value));
        else if (line.type === 'summary') summary = summarySchema.parse(line.value);
      },
    });
    named.end();
    for (const line of end.stderr.split('\n').map(decodeLine)) if (line.kind === 'json' && line.type === 'error') errors.push(errorText(line.value));
    if (end.exitCode === 3 && errors.length === 0) errors.push(plainStderr(end.stderr).slice(0, 300));
    const found = summary as ReturnType<typeof summarySchema.parse> | null;
    if (found?.snapshot_id === undefined) throw resticFailure(end.exitCode, end.stderr, at.location);
    return {
      snapshotId: await this.fullId(at, found.snapshot_id, job.operationTag),
      filesNew: found.files_new, filesChanged: found.files_changed, filesUnmodified: found.files_unmodified, dataAdded: found.data_added,
      totalFiles: found.total_files_processed, totalBytes: found.total_bytes_processed, errors,
    };
  }

  /** 0.14 gives 8 digits of 64. */
  private async fullId(at: RepositoryAccess, id: string, operationTag: string): Promise<string> {
    if (id.length === 64) return id;
    const found = (await this.snapshots(at)).filter((one) => one.id.startsWith(id) && one.tags.includes(operationTag));
    if (found.length !== 1 || found[0] === undefined) throw new AppError('restic_failed', 'restic did not list the snapshot that it made.', { exit_code: 0, output: id });
    return found[0].id;
  }

  async diff(at: RepositoryAccess, from: string, to: string, signal?: AbortSignal, onChanges?: (changes: readonly DiffChange[]) => void): Promise<readonly DiffChange[]> {
    const changes: DiffChange[] = [];
    const pieces = inPieces<DiffChange>(onChanges ?? ((some) => void changes.push(...some)));
    await this.runner.run(at, {
      args: ['diff', '--no-lock', from, to], signal,
      onLine: (line) => {
        if (line.kind === 'json' && line.type === 'change') pieces.add(changeSchema.parse(line.value));
      },
    });
    pieces.end();
    return changes;
  }

  async snapshots(at: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositorySnapshot[]> {
    let list: ReturnType<typeof snapshotsSchema.parse> | null = null;
    await this.runner.run(at, {
      args: ['snapshots', '--no-lock'], signal,
      onLine: (line) => {
        if (line.kind === 'text' && line.text.startsWith('[')) list = snapshotsSchema.parse(JSON.parse(line.text));
        // An empty repository says `null` in some versions.
        else if (line.kind === 'text' && line.text.trim() === 'null') list = [];
      },
    });
    const found = list as ReturnType<typeof snapshotsSchema.parse> | null;
    if (found === null) throw new AppError('restic_failed', 'restic did not list its snapshots.', { exit_code: 0, output: '' });
    return found.map((one) => ({
      id: one.id, time: Date.parse(one.time), hostname: one.hostname, tags: one.tags ?? [], paths: one.paths ?? [],
      sizeBytes: one.summary?.total_bytes_processed ?? null, fileCount: one.summary?.total_files_processed ?? null, original: one.original ?? null, tree: one.tree ?? null,
    }));
  }

  async forget(at: RepositoryAccess, id: string): Promise<void> {
    await this.runner.run(at, { args: ['forget', id], waitsForLock: true });
    // An unknown id is exit code 0, and so is one that could not be removed before 0.19.
    if ((await this.snapshots(at)).some((one) => one.id === id)) throw new AppError('restic_failed', 'restic says that it removed the snapshot, but it is still there.', { exit_code: 0, output: id });
  }

  async restore(at: RepositoryAccess, job: Parameters<ResticRepository['restore']>[1], signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<readonly string[]> {
    const patterns = [...job.includes.map(literalPattern), ...(job.starts ?? []).map((one) => `${literalPattern(one)}*`), ...(job.patterns ?? [])];
    const errors: string[] = [];
    let done = { bytes: 0, files: 0 };
    for (const part of inCommands(patterns)) {
      const before = done;
      errors.push(...(await this.restorePart(at, job, part, signal, (bytes, files) => {
        done = { bytes: before.bytes + bytes, files: before.files + files };
        onProgress(done.bytes, done.files);
      })));
    }
    return errors;
  }

  /** One command of a restore. */
  private async restorePart(at: RepositoryAccess, job: Parameters<ResticRepository['restore']>[1], patterns: readonly string[], signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<readonly string[]> {
    const caps = await this.runner.caps(at);
    const end = await this.runner.run(at, {
      args: ['restore', job.id, `--target=${job.folder}`, ...patterns.map((one) => `--include=${one}`), ...(job.verify ? ['--verify'] : [])],
      signal, accepted: [1, 3],
      onLine: (line) => {
        if (line.kind !== 'json' || line.type !== 'status' || !caps.restoreJson) return;
        const status = statusSchema.parse(line.value);
        onProgress(status.bytes_restored, status.files_restored);
      },
    });
    const failure = resticFailure(end.exitCode, end.stderr, at.location);
    if (isAppError(failure, 'disk_full')) throw new AppError('disk_full', failure.message, { path: job.folder });
    const errors = end.stderr.split('\n').map(decodeLine).flatMap((line) => (line.kind === 'json' && line.type === 'error' ? [errorText(line.value)] : []));
    if (end.exitCode !== 0 && errors.length === 0) throw failure;
    return errors;
  }

  dump(at: RepositoryAccess, id: string, file: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return this.output(at, ['dump', '--archive=tar', id, file], signal);
  }

  list(at: RepositoryAccess, id: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return this.output(at, ['ls', '--json', id], signal);
  }

  /** What a command prints, as it comes. */
  private async *output(at: RepositoryAccess, args: readonly string[], signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { child, caps } = await this.runner.start(at, args, signal);
    let finished = false;
    try {
      let head: Buffer | null = caps.saysReadingPassword ? Buffer.alloc(0) : null;
      // Its output stays open when the reader goes first: a closed pipe would kill restic before it has removed its lock.
      for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        if (head === null) {
          yield chunk;
          continue;
        }
        head = Buffer.concat([head, chunk]);
        if (head.length < readingPassword.length) continue;
        yield head.subarray(0, readingPassword.length).equals(readingPassword) ? head.subarray(readingPassword.length) : head;
        head = null;
      }
      if (head !== null && head.length > 0) yield head;
      finished = true;
    } finally {
      // Whoever reads no further wants no more of it.
      if (!finished) {
        child.stop();
        child.stdout.resume();
      }
      await child.ended;
    }
    const end = await child.ended;
    if (isAborted(signal)) throw cancelled();
    if (end.exitCode !== 0) throw resticFailure(end.exitCode, end.stderr, at.location);
  }

  async clearLocks(at: RepositoryAccess): Promise<void> {
    if (at.local && (await readdir(path.join(at.location, 'locks')).catch(() => [])).length > 0) await this.runner.heal(at);
  }

  async size(folder: string): Promise<number> {
    let bytes = 0;
    for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (found.isFile()) bytes += await stat(path.join(found.parentPath, found.name)).then((facts) => facts.size, () => 0);
    }
    return bytes;
  }
}
