// One rented host: each remote command, run through ssh, as the domain asks for it.
import { once } from 'node:events';
import { AppError, isAppError } from '../../domain/app-error';
import { identityOf } from '../../domain/file-identity';
import { ManifestReader, type ListingLimits, type ManifestEntry } from '../../domain/snapshot-manifest';
import type { BytePath, FetchFolders, FetchReport, HookEnd, HostManner, HostTarget, Probe, RemoteHost, Survey, WantedFile } from '../../domain/snapshot-ports';
import { ignoreLimits, type Prune } from '../../domain/source-rules';
import { runCapture, type CaptureJob } from './capture-job';
import { Outgrown, outgrows } from './capture-reader';
import { fetchInParts } from './fetch-in-parts';
import { HostShell } from './host-shell';
import { busyboxDeltaCommand, busyboxManifestCommand, busyboxStatCommand, StatRecords, unsettled } from './remote-busybox';
import { deltaCommand, digCommand, hookCommand, listingEnd, manifestCommand, probeCommand, restBlock, restCommand, restoreCommand, statCommand, surveyCommand } from './remote-commands';
import { readProbe, SurveyText } from './remote-probe';
import { resumeFiles, type RestOf } from './resumed-files';
import { failed, SafeLines, safeLines, sshFailure } from './ssh-errors';
import type { SharedConnection } from './shared-connection';
import type { SmallFiles } from './small-files';
import { paced, within, type SshPatience, type Step } from './ssh-pace';
import { sendNames, startSsh, type SshChild } from './ssh-process';
import { WaitingFetch } from './waiting-fetch';

/** The most a probe may say, bytes, `.dumontignore` included. */
const mostProbe = 16_384 + ignoreLimits.bytes;

interface Ended {
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** Of a probe: a host without a shell says so in its own words and ends with a code of its own. */
const probeCodes = [0, 1, 126, 127];
/** Of find: 1 where it could not look everywhere; 2 where the shell found no directory. */
const listingCodes = [0, 1, 2];

/** What a listing that came to its end says. */
const listed = (reader: ManifestReader, end: Ended, directory: string): { readonly notes: readonly string[] } => {
  if (reader.count === 0) {
    if (end.exitCode === 0) throw failed(end.exitCode, end.stderr, 'scan');
    throw new AppError('source_missing', `There is no folder ${directory} on the instance.`, { path: directory });
  }
  reader.end();
  // A shell of the host may say anything at its start; only a find that failed somewhere says so by its exit code.
  return { notes: end.exitCode === 0 ? [] : safeLines(end.stderr) };
};

const unasked = (): AppError => new AppError('remote_untrusted', 'The instance sent a name it was not asked for.', { detail: 'stat' });

/** Commands on one target. */
export class OpenSshHost implements RemoteHost {
  private busybox = { tar: false, find: false };
  private readonly waiting: WaitingFetch;
  /** How far the host's clock is ahead of ours, seconds; NaN when not known. */
  private ahead = Number.NaN;
  private readonly shell: HostShell;

  constructor(
    private readonly target: HostTarget,
    connection: SharedConnection,
    private readonly patience: SshPatience,
    private readonly manner: HostManner,
    private readonly limits?: ListingLimits,
    private readonly small: SmallFiles | null = null,
  ) {
    this.shell = new HostShell((command) => connection.invoke(command));
    this.waiting = new WaitingFetch(connection);
  }

  probe(directory: string, signal: AbortSignal): Promise<Probe> {
    return this.shell.asked(() => this.probeOnce(directory, signal));
  }

  survey(directory: string, prune: readonly Prune[], signal: AbortSignal, take: (entry: ManifestEntry) => void, onCount: (count: number) => void): Promise<Survey> {
    return this.shell.asked(() => this.surveyOnce(directory, prune, signal, take, onCount));
  }

  private async probeOnce(directory: string, signal: AbortSignal): Promise<Probe> {
    const child = await startSsh(await this.shell.call(probeCommand(directory)), { stdin: false, signal });
    let text = '';
    await this.read(child, { phase: 'connect', pace: this.patience.answer }, (chunk) => {
      text += chunk.toString('latin1');
      if (text.length > mostProbe) throw new AppError('remote_untrusted', 'The instance sent too much.', { detail: 'probe' });
    }, probeCodes);
    return this.learn(text);
  }

  private async surveyOnce(directory: string, prune: readonly Prune[], signal: AbortSignal, take: (entry: ManifestEntry) => void, onCount: (count: number) => void): Promise<Survey> {
    const child = await startSsh(await this.shell.call(surveyCommand(directory, prune, this.manner.lowPriority)), { stdin: true, signal });
    const reader = new ManifestReader(take, { limits: this.limits, ending: listingEnd });
    let probe: Probe | null = null;
    const answer = new SurveyText(mostProbe, (chunk) => {
      // Before the first entry is passed on: what is prepared meanwhile goes by it.
      probe ??= this.learn(answer.text);
      reader.push(chunk);
      onCount(reader.count);
    });
    const { answer: talking, listing } = this.patience;
    const end = await this.readUntil(child, () => (answer.listing ? { phase: 'scan', pace: listing } : { phase: 'connect', pace: talking }), (chunk) => answer.push(chunk), null, () => reader.over);
    if (end === null) {
      // One that speaks unasked is not gone on with.
      if (reader.more) child.kill();
      else this.waiting.keep(directory, Promise.resolve(child));
      return { probe: probe ?? this.learn(answer.text), listing: listed(reader, { exitCode: 0, stderr: '' }, directory) };
    }
    const accepted = answer.listing ? listingCodes : probeCodes;
    if (!accepted.includes(end.exitCode ?? -1)) throw failed(end.exitCode, end.stderr, answer.listing ? 'scan' : 'connect');
    probe ??= this.learn(answer.text);
    return { probe, listing: answer.listing ? listed(reader, end, directory) : null };
  }

  private learn(text: string): Probe {
    const { probe, busybox, now } = readProbe(text);
    this.busybox = busybox;
    this.ahead = now - Date.now() / 1000;
    return probe;
  }

  async manifest(directory: string, prune: readonly Prune[], signal: AbortSignal, take: (entry: ManifestEntry) => void, onCount: (count: number) => Promise<void> | void): Promise<{ readonly notes: readonly string[] }> {
    const records = this.busybox.find ? new StatRecords() : null;
    const began = Date.now() / 1000 + this.ahead;
    const child = await startSsh(await this.shell.call((records === null ? manifestCommand : busyboxManifestCommand)(directory, prune)), { stdin: false, signal });
    const reader = new ManifestReader(records === null ? take : (entry) => take(unsettled(entry, began)), { limits: this.limits });
    const end = await this.read(child, { phase: 'scan', pace: this.patience.listing }, (chunk) => {
      reader.push(records === null ? chunk : records.push(chunk));
      return onCount(reader.count);
    }, listingCodes);
    records?.end();
    return listed(reader, end, directory);
  }

  prepare(directory: string, signal: AbortSignal): void {
    if (!this.busybox.tar) this.waiting.prepare(directory, async () => await startSsh(await this.shell.call(deltaCommand(directory, this.manner.lowPriority)), { stdin: true, signal }), signal);
  }

  release(): void {
    this.waiting.release();
    this.small?.close();
  }

  async fetch(directory: string, files: readonly WantedFile[], into: FetchFolders, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<FetchReport> {
    const { hashes, ...done } = await resumeFiles(files, into, this.restOf(directory, signal), signal, onProgress);
    const resumed = [...hashes.keys()];
    const left = hashes.size === 0 ? files : files.filter(({ path }) => !hashes.has(path));
    const none = { files: 0, bytes: 0, odd: [], hashes: new Map<BytePath, string>(), missing: [], exitCode: this.busybox.tar ? 1 : 0, notes: [] };
    const report = left.length === 0 ? none : await this.fetchWhole(directory, left, into, signal, (bytes, count) => onProgress(done.bytes + bytes, done.files + count));
    return { ...report, files: done.files + report.files, bytes: done.bytes + report.bytes, hashes: hashes.size === 0 ? report.hashes : new Map([...hashes, ...report.hashes]), resumed };
  }

  /** See [Note: Kept parts]. */
  private restOf(directory: string, signal: AbortSignal): RestOf {
    const { target, patience, manner } = this;
    return {
      job: async (from) => ({ invocation: await this.shell.call(restCommand(directory, from / restBlock, manner.lowPriority)), target, patience, bytesPerSecond: manner.bytesPerSecond }),
      isSame: async ({ path, identity }) => {
        const [now] = await this.stat(directory, [path], signal);
        return now !== undefined && identityOf(now) === identity;
      },
    };
  }

  private async fetchWhole(directory: string, files: readonly WantedFile[], into: FetchFolders, signal: AbortSignal, onProgress: (bytes: number, files: number) => void): Promise<FetchReport> {
    const inParts = this.busybox.tar;
    const invocation = await this.shell.call((inParts ? busyboxDeltaCommand : deltaCommand)(directory, this.manner.lowPriority));
    const job = { invocation, target: this.target, into, patience: this.patience, bytesPerSecond: this.manner.bytesPerSecond, inParts };
    const there = async (paths: readonly BytePath[]): Promise<ReadonlySet<BytePath>> => new Set((await this.stat(directory, paths, signal)).flatMap((entry) => (entry.type === 'f' ? [entry.path] : [])));
    const one = async (left: readonly WantedFile[], onPart: typeof onProgress): Promise<FetchReport> => {
      const report = await this.capture({ ...job, files: left }, signal, onPart, await this.waiting.take(directory));
      if (report.outgrown === true) await this.expectGrown(directory, left.find(({ path }) => path === report.stoppedAt), signal);
      if (!inParts && report.exitCode > 2) throw failed(report.exitCode, report.notes.join('\n'), 'fetch');
      return report;
    };
    // busybox's tar does not tell what changed: every file is looked at again.
    if (inParts) return { ...(await fetchInParts(files, one, there, onProgress, ({ exitCode }) => exitCode !== 0)), exitCode: 1 };
    // What comes after a file that has outgrown its listing is asked for again, without it.
    return await fetchInParts(files, one, there, onProgress, ({ stoppedAt }) => stoppedAt !== undefined);
  }

  /** What was made ahead may be lost just when it is used: before the host said anything, another takes its place. */
  private async capture(job: CaptureJob, signal: AbortSignal, onPart: (bytes: number, files: number) => void, ready: SshChild | null): Promise<FetchReport> {
    let answered = false;
    const tell: typeof onPart = (bytes, count) => {
      answered = true;
      onPart(bytes, count);
    };
    try {
      return await runCapture(job, signal, tell, this.small, ready);
    } catch (error) {
      if (ready === null || answered || !isAppError(error, 'connection_cut', 'ssh_unreachable')) throw error;
      return await runCapture(job, signal, onPart, this.small);
    }
  }

  /** A file that is far larger in the archive than in the listing must have grown by what the host says now, or be gone: else `remote_untrusted`. */
  private async expectGrown(directory: string, file: WantedFile | undefined, signal: AbortSignal): Promise<void> {
    if (file === undefined) throw new Error('The archive ended before a file that was not asked for');
    const [now] = await this.stat(directory, [file.path], signal);
    if (now?.type === 'f' && !outgrows(now.size, file.size)) throw new Outgrown(file.path);
  }

  async stat(directory: string, paths: readonly BytePath[], signal: AbortSignal): Promise<readonly ManifestEntry[]> {
    const records = this.busybox.find ? new StatRecords() : null;
    const child = await startSsh(await this.shell.call((records === null ? statCommand : busyboxStatCommand)(directory)), { stdin: true, signal });
    sendNames(child, paths);
    const entries: ManifestEntry[] = [];
    const reader = new ManifestReader((entry) => void entries.push(entry), { dotted: true });
    // 123: one of them is not there any more.
    await this.read(child, { phase: 'check', pace: this.patience.answer }, (chunk) => {
      reader.push(records === null ? chunk : records.push(chunk));
      if (entries.length > paths.length) throw unasked();
    }, [0, 1, 123]);
    records?.end();
    reader.end();
    const asked = new Set(paths);
    // Each name once.
    if (!entries.every((entry) => asked.delete(entry.path))) throw unasked();
    return entries;
  }

  async restore(directory: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const child = await startSsh(await this.shell.call(restoreCommand(directory)), { stdin: true, signal });
    const { stdin } = child;
    if (stdin === null) throw new Error('ssh was started without a stdin');
    const broken = new Promise<'broken'>((resolve) => {
      stdin.once('error', () => resolve('broken'));
      stdin.once('close', () => resolve('broken'));
    });
    const { taking, unpacking } = this.patience;
    // It says nothing while it unpacks: what it takes shows that it works.
    const ended = this.read(child, { phase: 'restore', pace: null }, () => undefined);
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

  async dig(directory: string, paths: readonly BytePath[], signal: AbortSignal): Promise<void> {
    const child = await startSsh(await this.shell.call(digCommand(directory)), { stdin: true, signal });
    sendNames(child, paths);
    await within(this.read(child, { phase: 'restore', pace: null }, () => undefined, [0, 123]), this.patience.unpacking, 'restore');
  }

  async command(directory: string, text: string, seconds: number, signal: AbortSignal, onLine: (line: string) => void): Promise<HookEnd> {
    const began = performance.now();
    const child = await startSsh(await this.shell.call(hookCommand(directory, text, seconds)), { stdin: false, signal });
    const lines = new SafeLines(onLine);
    try {
      const { exitCode } = await this.read(child, { phase: 'hook', pace: null }, (chunk) => lines.push(chunk), null);
      lines.end();
      // `timeout` ends with 124; one that had to kill, or busybox's, shows by the time it took.
      return { exitCode, timedOut: exitCode === 124 || (exitCode !== 0 && performance.now() - began >= seconds * 1000) };
    } catch (error) {
      if (signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError') return { exitCode: null, timedOut: true };
      throw error;
    }
  }

  /** Reads stdout to its end, at the pace that is asked for, and judges how ssh ended. */
  private async read(child: SshChild, step: Step | (() => Step), take: (chunk: Buffer) => Promise<void> | void, accepted: readonly number[] | null = [0]): Promise<Ended> {
    return (await this.readUntil(child, step, take, accepted, () => false)) as Ended;
  }

  /** The same; null once it is `enough`, and then ssh goes on. */
  private async readUntil(child: SshChild, step: Step | (() => Step), take: (chunk: Buffer) => Promise<void> | void, accepted: readonly number[] | null, enough: () => boolean): Promise<Ended | null> {
    let answered = false;
    const now = typeof step === 'function' ? step : (): Step => step;
    // Whoever reads on after this needs it open.
    const stdout: AsyncIterable<Buffer> = { [Symbol.asyncIterator]: () => child.stdout.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer> };
    try {
      for await (const chunk of paced(stdout, now)) {
        answered = true;
        await take(chunk);
        if (enough()) return null;
      }
      const { phase, pace } = now();
      const end = await (pace === null ? child.ended : within(child.ended, this.patience.ending, phase));
      const problem = sshFailure({ ...end, answered }, this.target, phase);
      if (problem !== null) throw problem;
      if (accepted !== null && !accepted.includes(end.exitCode ?? -1)) throw failed(end.exitCode, end.stderr, phase);
      return end;
    } catch (error) {
      child.kill();
      child.stdout.destroy();
      await child.ended;
      throw error;
    }
  }
}
