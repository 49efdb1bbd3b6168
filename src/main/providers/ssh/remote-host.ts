// One rented host: each remote command, run through ssh, as the domain asks for it.
import { once } from 'node:events';
import { AppError } from '../../domain/app-error';
import { ManifestReader, type ListingLimits, type ManifestEntry } from '../../domain/snapshot-manifest';
import type { BytePath, FetchReport, HostManner, HostTarget, Probe, RemoteHost, WantedFile } from '../../domain/snapshot-ports';
import { ignoreLimits, type Prune } from '../../domain/source-rules';
import { runCapture } from './capture-job';
import { deltaCommand, ignoreMark, manifestCommand, probeCommand, restoreCommand, statCommand } from './remote-commands';
import { safeLines, sshFailure } from './ssh-errors';
import type { SshInvocation } from './ssh-invocation';
import { paced, within, type Pace, type SshPatience } from './ssh-pace';
import { startSsh, type SshChild } from './ssh-process';

/** The most a probe may say, bytes, `.dumontignore` included. */
const mostProbe = 16_384 + ignoreLimits.bytes;

/** Ends a child whatever happens, and gives its end as ssh saw it. */
const failed = (exitCode: number | null, stderr: string, phase: string): AppError =>
  new AppError('remote_failed', `A command failed on the instance (${phase}).`, { phase, exit_code: exitCode, detail: safeLines(stderr, 5).join(' ') });

const unasked = (): AppError => new AppError('remote_untrusted', 'The instance sent a name it was not asked for.', { detail: 'stat' });

/** Commands on one target. */
export class OpenSshHost implements RemoteHost {
  private polite = { nice: false, ionice: false };

  constructor(
    private readonly target: HostTarget,
    private readonly invoke: (remoteCommand: string) => Promise<SshInvocation>,
    private readonly patience: SshPatience,
    private readonly manner: HostManner,
    private readonly limits?: ListingLimits,
  ) {}

  async probe(directory: string, signal: AbortSignal): Promise<Probe> {
    const child = startSsh(await this.invoke(probeCommand(directory)), { stdin: false, signal });
    let text = '';
    await this.read(child, 'connect', this.patience.answer, (chunk) => {
      text += chunk.toString('latin1');
      if (text.length > mostProbe) throw new AppError('remote_untrusted', 'The instance sent too much.', { detail: 'probe' });
    });
    const at = text.indexOf(`\n${ignoreMark}\n`);
    const values = new Map((at === -1 ? text : text.slice(0, at)).split('\n').flatMap((line) => (line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()] as const] : [])));
    const { lowPriority } = this.manner;
    this.polite = { nice: lowPriority && values.get('nice') === 'yes', ionice: lowPriority && values.get('ionice') === 'yes' };
    return {
      ignoreFile: at === -1 ? null : text.slice(at + ignoreMark.length + 2),
      uname: values.get('uname') ?? '', tar: values.get('tar') ?? 'none', find: values.get('find') ?? 'none', directory: values.get('dir') === 'yes', ...this.polite,
    };
  }

  async manifest(directory: string, prune: readonly Prune[], signal: AbortSignal, take: (entry: ManifestEntry) => void, onCount: (count: number) => void): Promise<{ readonly notes: readonly string[] }> {
    const child = startSsh(await this.invoke(manifestCommand(directory, prune)), { stdin: false, signal });
    const reader = new ManifestReader(take, false, this.limits);
    const end = await this.read(child, 'scan', this.patience.listing, (chunk) => {
      reader.push(chunk);
      onCount(reader.count);
    }, [0, 1, 2]);
    if (reader.count === 0) {
      if (end.exitCode === 0) throw failed(end.exitCode, end.stderr, 'scan');
      throw new AppError('source_missing', `There is no folder ${directory} on the instance.`, { path: directory });
    }
    reader.end();
    // A shell of the host may say anything at its start; only a find that failed somewhere says so by its exit code.
    return { notes: end.exitCode === 0 ? [] : safeLines(end.stderr) };
  }

  async fetch(directory: string, files: readonly WantedFile[], into: { readonly data: string; readonly temporary: string }, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<FetchReport> {
    const invocation = await this.invoke(deltaCommand(directory, this.polite));
    const report = await runCapture({ invocation, target: this.target, files, into, patience: this.patience, bytesPerSecond: this.manner.bytesPerSecond }, signal, onProgress);
    if (report.exitCode > 2) throw failed(report.exitCode, report.notes.join('\n'), 'fetch');
    return report;
  }

  async stat(directory: string, paths: readonly BytePath[], signal: AbortSignal): Promise<readonly ManifestEntry[]> {
    const child = startSsh(await this.invoke(statCommand(directory)), { stdin: true, signal });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.from(paths.map((path) => `./${path}\0`).join(''), 'latin1'));
    const entries: ManifestEntry[] = [];
    const reader = new ManifestReader((entry) => void entries.push(entry), true);
    // 123: one of them is not there any more.
    await this.read(child, 'check', this.patience.answer, (chunk) => {
      reader.push(chunk);
      if (entries.length > paths.length) throw unasked();
    }, [0, 1, 123]);
    reader.end();
    const asked = new Set(paths);
    // Each name once.
    if (!entries.every((entry) => asked.delete(entry.path))) throw unasked();
    return entries;
  }

  async restore(directory: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const child = startSsh(await this.invoke(restoreCommand(directory)), { stdin: true, signal });
    const { stdin } = child;
    if (stdin === null) throw new Error('ssh was started without a stdin');
    const broken = new Promise<'broken'>((resolve) => {
      stdin.once('error', () => resolve('broken'));
      stdin.once('close', () => resolve('broken'));
    });
    const { taking, unpacking } = this.patience;
    // It says nothing while it unpacks: what it takes shows that it works.
    const ended = this.read(child, 'restore', null, () => undefined);
    ended.catch(() => undefined);
    try {
      for await (const chunk of tar) {
        if (stdin.write(chunk)) continue;
        if ((await within(Promise.race([once(stdin, 'drain').catch(() => 'broken'), broken]), taking, 'restore')) === 'broken') break;
      }
      stdin.end();
      await within(ended, unpacking, 'restore');
    } catch (error) {
      // The archive must not look complete to the other side.
      child.kill();
      await ended.catch(() => undefined);
      throw error;
    }
  }

  /** Reads stdout to its end, at the pace that is asked for, and judges how ssh ended. */
  private async read(child: SshChild, phase: string, pace: Pace | null, take: (chunk: Buffer) => void, accepted: readonly number[] = [0]): Promise<{ readonly exitCode: number | null; readonly stderr: string }> {
    let answered = false;
    const output = child.stdout as AsyncIterable<Buffer>;
    try {
      for await (const chunk of pace === null ? output : paced(output, pace, phase)) {
        answered = true;
        take(chunk);
      }
      const end = await (pace === null ? child.ended : within(child.ended, this.patience.ending, phase));
      const problem = sshFailure({ ...end, answered }, this.target, phase);
      if (problem !== null) throw problem;
      if (!accepted.includes(end.exitCode ?? -1)) throw failed(end.exitCode, end.stderr, phase);
      return end;
    } catch (error) {
      child.kill();
      await child.ended;
      throw error;
    }
  }
}
