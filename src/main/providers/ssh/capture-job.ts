// One fetch: reads the host's tar stream of the files that were asked for into the mirror. Runs in the capture worker, or in a test's own thread.
import { isAppError } from '../../domain/app-error';
import { asDiskFull } from '../../domain/disk-room';
import type { FetchFolders, FetchReport, WantedFile } from '../../domain/snapshot-ports';
import { CaptureReader, Outgrown } from './capture-reader';
import { receive, type ReceiveJob } from './received';
import type { SmallFiles } from './small-files';
import { safeLines } from './ssh-errors';
import { mostStderr, type SshChild } from './ssh-process';
import { paddedFiles } from './tar-complaints';

/** Everything a fetch needs; plain data, so that it can be posted to a thread. */
export interface CaptureJob extends ReceiveJob {
  readonly files: readonly WantedFile[];
  readonly into: FetchFolders;
  /** Several archives one after another, of which the last may be cut short. See [Note: Busybox hosts]. */
  readonly inParts?: boolean;
}

/** What a tar that failed in part says of files that it made zeros of. */
const paddedOf = ({ files }: CaptureJob, stderr: string): Pick<FetchReport, 'padded' | 'paddedNotes'> => {
  const asked = new Set(files.map((file) => file.path));
  const { paths, unnamed } = paddedFiles(stderr, (path) => asked.has(path), Buffer.byteLength(stderr, 'latin1') >= mostStderr);
  return { padded: paths, paddedNotes: unnamed };
};

/** Whether what came of a file before this error may be gone on with: not when the host lied, nor when the trouble is this computer's, above all when its disk is full. */
export const leavesPart = (error: unknown): boolean => isAppError(error) && error.code !== 'remote_untrusted' && error.code !== 'disk_full';

/** All that was put aside is on the disk; throws what the file system threw. */
const settled = async (small: SmallFiles, folder: string): Promise<void> => {
  try {
    await small.settle();
  } catch (error) {
    throw asDiskFull(error, folder);
  }
};

/** Runs it to its end. Errors are AppErrors, or what the file system threw. `small` writes small files; `ready` is an ssh of this very invocation that waits for its names. */
export const runCapture = async (job: CaptureJob, signal: AbortSignal, onProgress: (bytes: number, files: number) => void, small: SmallFiles | null = null, ready: SshChild | null = null): Promise<FetchReport> => {
  const reader = new CaptureReader(job.files, job.into, job.inParts === true, small);
  let keep = false;
  try {
    const { end, failure } = await receive(job, job.files, signal, (chunk) => reader.push(chunk), () => onProgress(reader.bytes, reader.files), ready);
    if (small !== null) await settled(small, job.into.data);
    // Whether it grew is for the host to show.
    if (failure instanceof Outgrown) return { ...reader.stopped(), stoppedAt: failure.path, outgrown: true, exitCode: 1, notes: safeLines(end.stderr) };
    if (failure !== null) throw asDiskFull(failure, job.into.data);
    const report = job.inParts === true && end.exitCode !== 0 ? reader.stopped() : reader.end();
    onProgress(report.bytes, report.files);
    return { ...report, ...(end.exitCode === 0 ? {} : paddedOf(job, end.stderr)), exitCode: end.exitCode ?? 255, notes: safeLines(end.stderr) };
  } catch (error) {
    keep = leavesPart(error);
    throw error;
  } finally {
    reader.abandon(keep);
    // What came is there before anybody looks, whatever ended this.
    await small?.settle().catch(() => undefined);
  }
};
