// One command that takes names and sends bytes: starts ssh, feeds it the names, passes on what comes at the pace that is asked of a host. Runs in the capture worker, or in a test's own thread.
import type { BytePath, HostTarget } from '../../domain/snapshot-ports';
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
export const receive = async (job: ReceiveJob, paths: readonly BytePath[], signal: AbortSignal, take: (chunk: Buffer) => void, tell: () => void, ready: SshChild | null = null): Promise<Received> => {
  const child = ready ?? (await startSsh(job.invocation, { stdin: true, signal }));
  // ssh may end before it has read all names: that shows in how it ended.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(Buffer.from(paths.map((path) => `./${path}\0`).join(''), 'latin1'));
  const fetching = { phase: 'fetch', pace: job.patience.archive };
  let answered = false;
  let told = 0;
  let failure: unknown = null;
  try {
    for await (const chunk of throttled(paced(child.stdout as AsyncIterable<Buffer>, () => fetching), job.bytesPerSecond, signal)) {
      answered = true;
      take(chunk);
      const now = Date.now();
      if (now - told >= progressEvery) {
        told = now;
        tell();
      }
    }
  } catch (error) {
    failure = error;
    child.kill();
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
