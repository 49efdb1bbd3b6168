// Entry of the thread that writes small files (worker_threads), for the capture worker. See [Note: Small files].
import { parentPort } from 'node:worker_threads';
import { FileBunch, type PostedBunch } from './file-bunch';
import { writeInPlace } from './incoming-file';

/** The same memory back, and what went wrong with one of its files: those after it were not written. */
export interface WrittenBunch {
  readonly memory: ArrayBuffer;
  readonly failure: { readonly code: string | undefined; readonly message: string } | null;
}

const write = (bunch: PostedBunch): WrittenBunch['failure'] => {
  try {
    for (const file of FileBunch.of(bunch).files()) writeInPlace(file);
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
};

parentPort?.on('message', (bunch: PostedBunch) => {
  const failure = write(bunch);
  parentPort?.postMessage({ memory: bunch.memory, failure } satisfies WrittenBunch, [bunch.memory]);
});
