// The local restic repository through the restic program, any version from 0.14 on.
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { AppError, isAppError } from '../../domain/app-error';
import type { BackupSummary, DiffChange, RepositoryAccess, RepositorySnapshot, ResticRepository } from '../../domain/snapshot-ports';
import { capsOf, minimumVersion, parseVersion, type ResticCaps } from './restic-caps';
import { plainStderr, resticFailure } from './restic-errors';
import { changeSchema, decodeLine, errorText, linesOf, snapshotsSchema, statusSchema, summarySchema, type ResticLine } from './restic-lines';
import { isDeadAndOurs, parseLock, thisComputer } from './restic-locks';
import { resticEnvironment, resticMissing, startRestic } from './restic-process';

/** The line 0.14 prints on stdout before anything else. */
const readingPassword = Buffer.from('reading repository password from stdin\n');

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

const cancelled = (): AppError => new AppError('cancelled', 'The operation was cancelled.', {});

/** A path as a pattern that matches only itself. */
const literalPattern = (text: string): string => (process.platform === 'win32' ? text : text.replaceAll(/[\\*?[\]]/g, String.raw`\$&`));

interface Run {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: ResticLine) => void;
  /** Exit codes besides 0 that are no failure. */
  readonly accepted?: readonly number[];
}

/** Runs restic commands on local repositories. */
export class ResticCli implements ResticRepository {
  private readonly probed = new Map<string, { readonly stamp: string; readonly caps: ResticCaps | null }>();

  /** Order: the user's setting, then `program` (a flag or DUMONT_RESTIC), then PATH, which `find` looks through. */
  constructor(private readonly options: { readonly program: string | null; readonly find: (name: string) => Promise<string | null> }) {}

  private async locate(resticPath: string | null): Promise<{ readonly file: string; readonly caps: ResticCaps } | null> {
    const file = resticPath ?? this.options.program ?? (await this.options.find('restic'));
    const facts = file === null ? null : await stat(file).catch(() => null);
    if (file === null || facts === null || !facts.isFile()) return null;
    const stamp = `${facts.size}:${facts.mtimeMs}`;
    const known = this.probed.get(file);
    if (known?.stamp === stamp) return known.caps === null ? null : { file, caps: known.caps };
    const result = await execa(file, ['version'], { reject: false, stdin: 'ignore', timeout: 15_000, extendEnv: false, env: resticEnvironment() });
    const version = parseVersion(result.stdout ?? '');
    const caps = version === null ? null : capsOf(version);
    if (caps !== null) this.probed.set(file, { stamp, caps });
    return caps === null ? null : { file, caps };
  }

  private async program(resticPath: string | null): Promise<{ readonly file: string; readonly caps: ResticCaps }> {
    const found = await this.locate(resticPath);
    if (found === null) throw resticMissing();
    if (!found.caps.supported) throw new AppError('restic_too_old', `This restic is too old: ${found.caps.version}.`, { version: found.caps.version, minimum: minimumVersion });
    return found;
  }

  async tool(resticPath: string | null): Promise<{ readonly path: string; readonly version: string; readonly advice: 'ok' | 'update_advised' | 'too_old' } | null> {
    const found = await this.locate(resticPath);
    if (found === null) return null;
    const { caps, file } = found;
    return { path: file, version: caps.version, advice: caps.supported ? (caps.advised ? 'ok' : 'update_advised') : 'too_old' };
  }

  exists(folder: string): Promise<boolean> {
    return access(path.join(folder, 'config')).then(
      () => true,
      () => false,
    );
  }

  async snapshotIds(folder: string): Promise<ReadonlySet<string> | null> {
    const names = await readdir(path.join(folder, 'snapshots')).catch(() => null);
    return names === null ? null : new Set(names.filter((name) => /^[0-9a-f]{64}$/.test(name)));
  }

  async init(at: RepositoryAccess, signal?: AbortSignal): Promise<void> {
    await mkdir(path.dirname(at.path), { recursive: true, mode: 0o700 });
    await this.run(at, { args: ['init'], signal });
  }

  async backup(at: RepositoryAccess, job: Parameters<ResticRepository['backup']>[1], signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<BackupSummary> {
    const { caps } = await this.program(at.resticPath);
    const errors: string[] = [];
    let summary: ReturnType<typeof summarySchema.parse> | null = null;
    const args = [
      'backup', '--ignore-inode', `--host=${job.host}`, `--tag=${[job.operationTag, ...job.tags].join(',')}`,
      ...(job.parentId === null ? ['--force'] : [`--parent=${job.parentId}`]), ...(caps.noScan ? ['--no-scan'] : []), '--', ...job.targets,
    ];
    const end = await this.run(at, {
      args, cwd: job.folder, signal, accepted: [3],
      onLine: (line) => {
        if (line.kind !== 'json') return;
        if (line.type === 'status') {
          const status = statusSchema.parse(line.value);
          onProgress(status.bytes_done, status.files_done);
        } else if (line.type === 'summary') summary = summarySchema.parse(line.value);
      },
    });
    for (const line of end.stderr.split('\n').map(decodeLine)) if (line.kind === 'json' && line.type === 'error') errors.push(errorText(line.value));
    if (end.exitCode === 3 && errors.length === 0) errors.push(plainStderr(end.stderr).slice(0, 300));
    const found = summary as ReturnType<typeof summarySchema.parse> | null;
    if (found?.snapshot_id === undefined) throw resticFailure(end.exitCode, end.stderr, at.path);
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

  async diff(at: RepositoryAccess, from: string, to: string, signal?: AbortSignal): Promise<readonly DiffChange[]> {
    const changes: DiffChange[] = [];
    await this.run(at, {
      args: ['diff', from, to], signal,
      onLine: (line) => {
        if (line.kind === 'json' && line.type === 'change') changes.push(changeSchema.parse(line.value));
      },
    });
    return changes;
  }

  async snapshots(at: RepositoryAccess, signal?: AbortSignal): Promise<readonly RepositorySnapshot[]> {
    let list: ReturnType<typeof snapshotsSchema.parse> | null = null;
    await this.run(at, {
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
      sizeBytes: one.summary?.total_bytes_processed ?? null, fileCount: one.summary?.total_files_processed ?? null,
    }));
  }

  async forget(at: RepositoryAccess, id: string): Promise<void> {
    await this.run(at, { args: ['forget', id] });
    // An unknown id is exit code 0, and so is one that could not be removed before 0.19.
    if ((await this.snapshots(at)).some((one) => one.id === id)) throw new AppError('restic_failed', 'restic says that it removed the snapshot, but it is still there.', { exit_code: 0, output: id });
  }

  async restore(at: RepositoryAccess, job: Parameters<ResticRepository['restore']>[1], signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<readonly string[]> {
    const { caps } = await this.program(at.resticPath);
    const end = await this.run(at, {
      args: ['restore', job.id, `--target=${job.folder}`, ...job.includes.map((one) => `--include=${literalPattern(one)}`), ...(job.verify ? ['--verify'] : [])],
      signal, accepted: [1, 3],
      onLine: (line) => {
        if (line.kind !== 'json' || line.type !== 'status' || !caps.restoreJson) return;
        const status = statusSchema.parse(line.value);
        onProgress(status.bytes_restored, status.files_restored);
      },
    });
    const failure = resticFailure(end.exitCode, end.stderr, at.path);
    if (isAppError(failure, 'disk_full')) throw new AppError('disk_full', failure.message, { path: job.folder });
    const errors = end.stderr.split('\n').map(decodeLine).flatMap((line) => (line.kind === 'json' && line.type === 'error' ? [errorText(line.value)] : []));
    if (end.exitCode !== 0 && errors.length === 0) throw failure;
    return errors;
  }

  async *dump(at: RepositoryAccess, id: string, file: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { file: program, caps } = await this.program(at.resticPath);
    const child = startRestic(program, [`--repo=${at.path}`, '--no-cache', 'dump', '--archive=tar', id, file], { password: at.password, signal });
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
    if (end.exitCode !== 0) throw resticFailure(end.exitCode, end.stderr, at.path);
  }

  async addKey(at: RepositoryAccess, newPassword: string): Promise<void> {
    // restic takes the new password from a file only; this one is private and lives as long as the call.
    const file = path.join(path.dirname(at.path), `.key-${randomBytes(8).toString('hex')}`);
    await writeFile(file, newPassword, { mode: 0o600, flag: 'wx' });
    try {
      await this.run(at, { args: ['key', 'add', `--new-password-file=${file}`] });
    } finally {
      await rm(file, { force: true });
    }
  }

  async size(folder: string): Promise<number> {
    let bytes = 0;
    for (const found of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (found.isFile()) bytes += await stat(path.join(found.parentPath, found.name)).then((facts) => facts.size, () => 0);
    }
    return bytes;
  }

  /** Runs a command; on a foreign lock looks whether it is a dead one of ours, and then tries once more. */
  private async run(at: RepositoryAccess, job: Run): Promise<{ readonly exitCode: number; readonly stderr: string }> {
    try {
      return await this.once(at, job);
    } catch (error) {
      if (!isAppError(error, 'repository_locked') || !(await this.heal(at))) throw error;
      return await this.once(at, job);
    }
  }

  private async once(at: RepositoryAccess, job: Run): Promise<{ readonly exitCode: number; readonly stderr: string }> {
    const { file } = await this.program(at.resticPath);
    if (isAborted(job.signal)) throw cancelled();
    const child = startRestic(file, [`--repo=${at.path}`, '--no-cache', '--json', ...job.args], { password: at.password, cwd: job.cwd, signal: job.signal });
    for await (const line of linesOf(child.stdout as AsyncIterable<Buffer>)) job.onLine?.(decodeLine(line));
    const end = await child.ended;
    if (isAborted(job.signal)) {
      if (end.killed) await this.heal(at).catch(() => false);
      throw cancelled();
    }
    const { exitCode } = end;
    if (exitCode === null || (exitCode !== 0 && job.accepted?.includes(exitCode) !== true)) throw resticFailure(exitCode, end.stderr, at.path);
    const failure = exitCode === 0 ? null : resticFailure(exitCode, end.stderr, at.path);
    if (failure !== null && !isAppError(failure, 'restic_failed', 'repository_damaged', 'disk_full')) throw failure;
    return { exitCode, stderr: end.stderr };
  }

  /** Removes locks when all are dead ones of ours. See [Note: Lock healing]. */
  private async heal(at: RepositoryAccess): Promise<boolean> {
    const here = thisComputer();
    const ids: string[] = [];
    const keep = (line: ResticLine): void => {
      if (line.kind === 'text' && /^[0-9a-f]{64}$/.test(line.text.trim())) ids.push(line.text.trim());
    };
    await this.once(at, { args: ['list', 'locks', '--no-lock'], onLine: keep });
    for (const id of ids) {
      const text: string[] = [];
      await this.once(at, { args: ['cat', 'lock', id, '--no-lock'], onLine: (line) => text.push(line.kind === 'text' ? line.text : JSON.stringify(line.value)) });
      const lock = parseLock(text.join('\n'));
      if (lock === null || !isDeadAndOurs(lock, here)) return false;
    }
    if (ids.length === 0) return true;
    await this.once(at, { args: ['unlock'] });
    return true;
  }
}
