// One command that takes names and sends bytes: starts ssh, feeds it the names, passes on what comes at the pace that is asked of a host. Runs in the capture worker, or in a test's own thread.
import type { HostTarget } from '../../domain/snapshot-ports';
import { NamesAhead, type AskedFile } from './names-ahead';
import { sshFailure, type SshEnd } from './ssh-errors';
import type { SshInvocation } from './ssh-invocation';
import { paced, within, type SshPatience } from './ssh-pace';
import { startSsh, type SshChild } from './ssh-process';
import { throttled } from './throttle';

/** Everything such a command needs; plain data. */
export interface ReceiveJob {
  readonly invocation: SshInvocation;
  readonly target: HostTarget;
  readonly patience: Pick<SshPatience, 'archive' | 'ending'>;
  /** Null: as fast as it goes. */
  readonly bytesPerSecond: number | null;
}

/** How it ended. */
export interface Received {
  readonly end: Omit<SshEnd, 'answered'>;
  /** What `take` threw, or why the host was waited for no longer; null when the stream came to its end. */
  readonly failure: unknown;
}

/** Progress is told at most so often, milliseconds. */
const progressEvery = 200;

/** Runs it to its end. Throws the AppErrors of ssh, `cancelled` among them. `ready`: an ssh of this invocation that waits for its names. */
export const receive = async (job: ReceiveJob, files: readonly AskedFile[], signal: AbortSignal, take: (chunk: Buffer) => void, tell: () => void, ready: SshChild | null = null): Promise<Received> => {
  const child = ready ?? (await startSsh(job.invocation, { stdin: true, signal }));
  const names = new NamesAhead(child.stdin, files);
  const fetching = { phase: 'fetch', pace: job.patience.archive };
  let answered = false;
  let told = 0;
  let failure: unknown = null;
  try {
    for await (const chunk of throttled(paced(child.stdout as AsyncIterable<Buffer>, () => fetching), job.bytesPerSecond, signal)) {
      answered = true;
      take(chunk);
      names.came(chunk.length);
      const now = Date.now();
      if (now - told >= progressEvery) {
        told = now;
        tell();
      }
    }
  } catch (error) {
    failure = error;
    child.kill();
  } finally {
    names.end();
  }
  try {
    const end = await within(child.ended, job.patience.ending, 'fetch');
    const problem = failure === null ? sshFailure({ ...end, answered }, job.target, 'fetch') : null;
    if (problem !== null) throw problem;
    return { end, failure };
  } finally {
    child.kill();
  }
};
