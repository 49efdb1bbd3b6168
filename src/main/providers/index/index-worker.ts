// Entry of the threads of an index (worker_threads): one that answers questions as long as the app runs, and one per snapshot that is added.
import { parentPort, workerData } from 'node:worker_threads';
import { build, failure, noChunks } from './index-build';
import { ask, closeAll } from './index-ask';
import type { AskMessage, BuildData, ThreadMessage } from './index-messages';

const post = (message: ThreadMessage): void => parentPort?.postMessage(message);

/** Chunks as they are posted; null ends them. */
async function* posted(): AsyncGenerator<Uint8Array> {
  const waiting: (Uint8Array | null)[] = [];
  let wake = (): void => undefined;
  parentPort?.on('message', (chunk: Uint8Array | null) => {
    waiting.push(chunk);
    wake();
  });
  for (;;) {
    if (waiting.length === 0) await new Promise<void>((resolve) => { wake = resolve; });
    const chunk = waiting.shift();
    if (chunk === null) return;
    if (chunk === undefined) continue;
    yield chunk;
    post({ type: 'more' });
  }
}

/** The id of the snapshot, as it is posted. */
const idPosted = new Promise<string>((resolve) => {
  if (workerData !== null && (workerData as BuildData).snapshot.id === null) parentPort?.once('message', resolve);
});

const answer = (message: AskMessage | 'close'): void => {
  if (message === 'close') {
    closeAll();
    parentPort?.close();
    return;
  }
  try {
    post({ type: 'done', value: ask(message) });
  } catch (error) {
    post(failure(error));
  }
};

const main = async (): Promise<void> => {
  const job = workerData as BuildData | null;
  if (job === null) {
    parentPort?.on('message', answer);
    return;
  }
  try {
    await build(job, job.path === null ? posted() : noChunks, (entries) => post({ type: 'progress', entries }), () => idPosted);
    post({ type: 'done', value: null });
  } catch (error) {
    post(failure(error));
  } finally {
    parentPort?.close();
  }
};

void main();
