// How fast a source was fetched: read off the progress of its operation, so that a preview can say how long the next fetch takes.
import type { OperationRun } from './ports';

/** Less than so many bytes says more about the way there than about its speed. */
const least = 1_048_576;

/** The run with an ear on its progress, and the bytes per second of its fetching so far (null: too little came). */
export const metered = (run: OperationRun, now: () => number): { readonly run: OperationRun; rate(): number | null } => {
  let last: { readonly at: number; readonly bytes: number } | null = null;
  let bytes = 0;
  let ms = 0;
  const listen = (phase: string, done: number): void => {
    const at = now();
    if (phase !== 'fetch') {
      last = null;
      return;
    }
    if (last !== null && done > last.bytes) {
      bytes += done - last.bytes;
      ms += at - last.at;
    }
    last = { at, bytes: done };
  };
  return {
    run: {
      id: run.id,
      signal: run.signal,
      progress: (progress) => {
        listen(progress.phase, progress.bytes_done);
        run.progress(progress);
      },
      log: (level, text, src) => run.log(level, text, src),
      warn: (text) => run.warn(text),
      ask: (question, signal) => run.ask(question, signal),
      setCancellable: (cancellable) => run.setCancellable(cancellable),
      link: (subject) => run.link(subject),
      remember: (context) => run.remember(context),
    },
    rate: () => (bytes < least || ms < 1 ? null : (bytes / ms) * 1000),
  };
};
