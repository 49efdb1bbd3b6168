// Runs restic commands on repositories: password, environment, cancelling, errors and lock healing are the same for all of them.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../domain/app-error';
import type { RepositoryAccess } from '../../domain/snapshot-ports';
import { keyHint } from './quick-key';
import { restEnvironmentSince, type ResticCaps } from './restic-caps';
import { resticFailure } from './restic-errors';
import { decodeLine, gathered, linesOf, type ResticLine } from './restic-lines';
import { isLeftByUs, parseLock, thisComputer, unreadableLock, type LockFacts } from './restic-locks';
import { startRestic, type ResticChild } from './restic-process';
import type { ResticPrograms } from './restic-program';

/** One command. */
export interface ResticJob {
  /** Without `--repo` and `--json`, which all commands get. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: ResticLine) => void;
  /** It says something of every file. */
  readonly manyLines?: boolean;
  /** Without `--json`: the commands that show their progress as text only. */
  readonly plain?: boolean;
  /** Somebody else's lock is waited for, for a while: for what would be a pity to fail, or needs the repository to itself. */
  readonly waitsForLock?: boolean;
  /** Exit codes besides 0 that are no failure. */
  readonly accepted?: readonly number[];
}

export interface ResticResult {
  readonly exitCode: number;
  /** The last of it. */
  readonly stderr: string;
}

export const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

export const cancelled = (): AppError => new AppError('cancelled', 'The operation was cancelled.', {});

/** Variables that backends on servers also need: proxies, the user's ssh agent, where rclone's settings are. */
const passedToServers = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSH_AUTH_SOCK', 'XDG_CONFIG_HOME', 'APPDATA', 'RCLONE_CONFIG', 'SSL_CERT_FILE', 'SSL_CERT_DIR'] as const;

/** restic reads the value of `--option` as a line of CSV. */
const csvField = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const environmentOf = (at: RepositoryAccess): Readonly<Record<string, string>> =>
  at.local ? {} : { ...Object.fromEntries(passedToServers.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))), ...at.env };

/** How long somebody else's lock is waited for, milliseconds: a `check` by hand of a small repository ends within it. */
const lockPatience = 120_000;

export interface RunnerOptions {
  /** For repositories on servers; a local one needs no cache. */
  readonly cacheFolder: string | null;
  /** Milliseconds. */
  readonly lockPatience?: number;
}

/** Runs restic on repositories. Every class that asks restic for something stands on one of these. */
export class ResticRunner {
  constructor(
    private readonly programs: ResticPrograms,
    private readonly options: RunnerOptions = { cacheFolder: null },
  ) {}

  /** What the restic of this access can do. `restic_missing`, `restic_too_old`. */
  async caps(at: RepositoryAccess): Promise<ResticCaps> {
    return (await this.programs.usable(at.resticPath)).caps;
  }

  /** Runs a command; on a foreign lock looks whether it is a dead one of ours, and then tries once more. Only then a living one is waited for. */
  async run(at: RepositoryAccess, job: ResticJob): Promise<ResticResult> {
    try {
      return await this.once(at, job);
    } catch (error) {
      // One that somebody killed left its lock.
      if (isAppError(error, 'restic_failed') && error.data.exit_code === null) await this.heal(at).catch(() => false);
      if (!isAppError(error, 'repository_locked')) throw error;
      const waits = job.waitsForLock === true && (await this.caps(at)).retryLock;
      if (!(await this.heal(at)) && !waits) throw error;
      return await this.once(at, job, waits ? [`--retry-lock=${this.options.lockPatience ?? lockPatience}ms`] : []);
    }
  }

  /** Starts a command whose output is bytes. */
  async start(at: RepositoryAccess, args: readonly string[], signal?: AbortSignal): Promise<{ readonly child: ResticChild; readonly caps: ResticCaps }> {
    const { file, caps } = await this.programs.usable(at.resticPath);
    return { child: await startRestic(file, [...(await this.head(at)), ...args], { password: at.password, env: environmentOf(at), signal }), caps };
  }

  private async head(at: RepositoryAccess): Promise<readonly string[]> {
    const { cacheFolder } = this.options;
    const hint = at.local ? await keyHint(at.location) : null;
    return [`--repo=${at.location}`, ...(hint === null ? [] : [`--key-hint=${hint}`]), at.local || cacheFolder === null ? '--no-cache' : `--cache-dir=${cacheFolder}`, ...at.options.map((option) => `--option=${csvField(option)}`)];
  }

  /** `more`: options beside those that all commands get. */
  private async once(at: RepositoryAccess, job: ResticJob, more: readonly string[] = []): Promise<ResticResult> {
    const { file, caps } = await this.programs.usable(at.resticPath);
    if (!caps.restEnvironment && at.env.RESTIC_REST_PASSWORD !== undefined) {
      throw new AppError('restic_too_old', `restic ${caps.version} takes the password of a REST server only in its address, where others could read it.`, { version: caps.version, minimum: restEnvironmentSince });
    }
    if (isAborted(job.signal)) throw cancelled();
    const child = await startRestic(file, [...(await this.head(at)), ...more, ...(job.plain === true ? [] : ['--json']), ...job.args], { password: at.password, env: environmentOf(at), cwd: job.cwd, signal: job.signal });
    const output = child.stdout as AsyncIterable<Buffer>;
    for await (const lines of linesOf(job.manyLines === true ? gathered(output) : output)) for (const line of lines) job.onLine?.(decodeLine(line));
    const end = await child.ended;
    if (isAborted(job.signal)) {
      if (end.killed) await this.heal(at).catch(() => false);
      throw cancelled();
    }
    const { exitCode } = end;
    if (exitCode === null || (exitCode !== 0 && job.accepted?.includes(exitCode) !== true)) throw resticFailure(exitCode, end.stderr, at.location);
    const failure = exitCode === 0 ? null : resticFailure(exitCode, end.stderr, at.location);
    if (failure !== null && !isAppError(failure, 'restic_failed', 'repository_damaged', 'disk_full')) throw failure;
    return { exitCode, stderr: end.stderr };
  }

  /** What locks there are. None is taken for it. */
  async locks(at: RepositoryAccess, signal?: AbortSignal): Promise<readonly LockFacts[]> {
    return [...(await this.locksById(at, signal)).values()];
  }

  private async locksById(at: RepositoryAccess, signal?: AbortSignal): Promise<ReadonlyMap<string, LockFacts>> {
    const ids: string[] = [];
    const keep = (line: ResticLine): void => {
      if (line.kind === 'text' && /^[0-9a-f]{64}$/.test(line.text.trim())) ids.push(line.text.trim());
    };
    await this.once(at, { args: ['list', 'locks', '--no-lock'], onLine: keep, signal });
    const found = new Map<string, LockFacts>();
    for (const id of ids) {
      const text: string[] = [];
      // One may go while it is looked at.
      const end = await this.once(at, { args: ['cat', 'lock', id, '--no-lock'], accepted: [1], signal, onLine: (line) => text.push(line.kind === 'text' ? line.text : JSON.stringify(line.value)) });
      if (end.exitCode === 0) found.set(id, parseLock(text.join('\n')) ?? unreadableLock);
    }
    return found;
  }

  /** Removes locks when all were left by processes of ours. See [Note: Lock healing]. */
  async heal(at: RepositoryAccess): Promise<boolean> {
    const here = thisComputer();
    const now = Date.now();
    return (await this.removeLocks(at, (lock) => isLeftByUs(lock, here, now))) === null;
  }

  /** Removes all locks when each of them may be; else none, and one that may not is given. */
  async removeLocks(at: RepositoryAccess, mayGo: (lock: LockFacts) => boolean): Promise<LockFacts | null> {
    const locks = await this.locksById(at);
    const kept = [...locks.values()].find((lock) => !mayGo(lock));
    if (kept !== undefined) return kept;
    if (locks.size > 0) await this.once(at, { args: ['unlock'] });
    // restic takes a process that ended for one that lives as long as nobody waited for it: in containers without an init, for ever.
    if (at.local) for (const id of locks.keys()) await rm(path.join(at.location, 'locks', id), { force: true });
    return null;
  }
}
