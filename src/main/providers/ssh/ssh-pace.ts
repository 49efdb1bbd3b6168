// Time limits on what a rented host sends: one that stops answering, or only trickles, must not hold an operation up. Used in main and in the capture worker.
import { AppError } from '../../domain/app-error';

/** At least so many bytes within so many milliseconds of waiting. */
export interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

/** What is being done, and how fast it must go on; null: it may be silent. */
export interface Step {
  readonly phase: string;
  readonly pace: Pace | null;
}

/** How long the app waits for a host. */
export interface SshPatience {
  /** Short answers: probe and looking again. */
  readonly answer: Pace;
  /** The listing: find says nothing while it reads a large cold directory. */
  readonly listing: Pace;
  /** The archive. */
  readonly archive: Pace;
  /** For the host to take what is sent to it, milliseconds. */
  readonly taking: number;
  /** For a command to end once its output has, milliseconds. */
  readonly ending: number;
  /** For an unpacking tar to end once it has everything, milliseconds. */
  readonly unpacking: number;
}

/** Archive: less than 1 KiB a second over a minute counts as none (SEC-21). */
export const patience: SshPatience = {
  answer: { bytes: 1024, ms: 60_000 },
  listing: { bytes: 1024, ms: 180_000 },
  archive: { bytes: 61_440, ms: 60_000 },
  taking: 120_000,
  ending: 30_000,
  unpacking: 600_000,
};

/** The error of a host that does not answer any more. */
export const stalled = (phase: string, ms: number): AppError =>
  new AppError('remote_stalled', 'The instance stopped answering. What was fetched is kept.', { phase, waited_s: Math.round(ms / 1000) });

/** What a promise gives, or `remote_stalled` after so long. */
export const within = async <Value>(work: Promise<Value>, ms: number, phase: string, told = ms): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(stalled(phase, told)), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
};

/** The parts of a stream as they come, at the pace of what is being done then. Only waiting for the host counts, never the time that the reader takes for itself. */
export async function* paced(stream: AsyncIterable<Buffer>, step: () => Step): AsyncGenerator<Buffer> {
  const parts = stream[Symbol.asyncIterator]();
  let waited = 0;
  let came = 0;
  try {
    for (;;) {
      const began = performance.now();
      const { phase, pace } = step();
      const next = await (pace === null ? parts.next() : within(parts.next(), Math.max(1, pace.ms - waited), phase, pace.ms));
      if (next.done === true) return;
      waited += performance.now() - began;
      came += next.value.length;
      if (came >= (pace?.bytes ?? 0)) {
        came = 0;
        waited = 0;
      }
      yield next.value;
    }
  } finally {
    // Lets go of the stream, as a loop over it would. Not waited for: a part may still be on its way.
    void parts.return?.().catch(() => undefined);
  }
}
