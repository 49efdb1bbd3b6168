// One fetch: starts ssh, feeds it the list of names, and reads its tar stream into the mirror. Runs in the capture worker, or in a test's own thread.
import { asDiskFull } from '../../domain/disk-room';
import type { FetchReport, HostTarget, WantedFile } from '../../domain/snapshot-ports';
import { CaptureReader, Outgrown } from './capture-reader';
import { safeLines, sshFailure } from './ssh-errors';
import type { SshInvocation } from './ssh-invocation';
import { paced, within, type SshPatience } from './ssh-pace';
import { mostStderr, startSsh, type SshChild } from './ssh-process';
import { paddedFiles } from './tar-complaints';
import { throttled } from './throttle';

/** Everything a fetch needs; plain data, so that it can be posted to a thread. */
export interface CaptureJob {
  readonly invocation: SshInvocation;
  readonly target: HostTarget;
  readonly files: readonly WantedFile[];
  readonly into: { readonly data: string; readonly temporary: string };
  readonly patience: Pick<SshPatience, 'archive' | 'ending'>;
  /** Null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
  /** Several archives one after another, of which the last may be cut short. See [Note: Busybox hosts]. */
  readonly inParts?: boolean;
}

/** Progress is told at most so often, milliseconds. */
const progressEvery = 200;

/** What a tar that failed in part says of files that it made zeros of. */
const paddedOf = ({ files }: CaptureJob, stderr: string): Pick<FetchReport, 'padded' | 'paddedNotes'> => {
  const asked = new Set(files.map((file) => file.path));
  const { paths, unnamed } = paddedFiles(stderr, (path) => asked.has(path), Buffer.byteLength(stderr, 'latin1') >= mostStderr);
  return { padded: paths, paddedNotes: unnamed };
};

/** Runs it to its end. Errors are AppErrors, or what the file system threw. `ready`: an ssh of this very invocation that waits for its names. */
export const runCapture = async (job: CaptureJob, signal: AbortSignal, onProgress: (bytes: number, files: number) => void, ready: SshChild | null = null): Promise<FetchReport> => {
  const reader = new CaptureReader(job.files, job.into, job.inParts === true);
  const child = ready ?? (await startSsh(job.invocation, { stdin: true, signal }));
  // ssh may end before it has read all names: that shows in how it ended.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(Buffer.from(job.files.map((file) => `./${file.path}\0`).join(''), 'latin1'));
  const fetching = { phase: 'fetch', pace: job.patience.archive };
  let answered = false;
  let told = 0;
  let failure: unknown = null;
  try {
    for await (const chunk of throttled(paced(child.stdout as AsyncIterable<Buffer>, () => fetching), job.bytesPerSecond, signal)) {
      answered = true;
      reader.push(chunk);
      const now = Date.now();
      if (now - told >= progressEvery) {
        told = now;
        onProgress(reader.bytes, reader.files);
      }
    }
  } catch (error) {
    failure = error;
    child.kill();
  }
  try {
    const end = await within(child.ended, job.patience.ending, 'fetch');
    // Whether it grew is for the host to show.
    if (failure instanceof Outgrown) return { ...reader.stopped(), stoppedAt: failure.path, outgrown: true, exitCode: 1, notes: safeLines(end.stderr) };
    if (failure !== null) throw asDiskFull(failure, job.into.data);
    const problem = sshFailure({ ...end, answered }, job.target, 'fetch');
    if (problem !== null) throw problem;
    const report = job.inParts === true && end.exitCode !== 0 ? reader.stopped() : reader.end();
    onProgress(report.bytes, report.files);
    return { ...report, ...(end.exitCode === 0 ? {} : paddedOf(job, end.stderr)), exitCode: end.exitCode ?? 255, notes: safeLines(end.stderr) };
  } finally {
    child.kill();
    reader.abandon();
  }
};
