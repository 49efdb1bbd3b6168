// A quit that waits: hidden while all goes by itself, at the operation that needs an answer otherwise, and over when nothing runs.
import { expect, test } from 'vitest';
import { operation } from '../../../test/fakes/samples';
import type { Operation } from '../../contract';
import { waitUntilQuiet } from './quit-wait';

const asking: Operation = { ...operation, id: 'asking', kind: 'create', asks: 'still_loading' };
const quiet: Operation = { ...operation, id: 'quiet', asks: null };

/** What runs at each look; nothing afterwards. `done` is what was done, in turn. */
const wait = async (looks: (readonly Operation[])[], abortAt = -1): Promise<{ done: readonly string[]; quits: boolean }> => {
  const done: string[] = [];
  const abort = new AbortController();
  let look = 0;
  const quits = await waitUntilQuiet(
    {
      running: () => looks[look] ?? [],
      settled: async () => {
        look += 1;
        if (look === abortAt) abort.abort();
      },
      hide: () => void done.push('hide'),
      ask: ({ id }) => void done.push(`ask ${id}`),
    },
    abort.signal,
  );
  return { done, quits };
};

test('hides while everything ends by itself', async () => {
  expect(await wait([[quiet], [quiet]])).toEqual({ done: ['hide'], quits: true });
});

test('stays at the operation that asks, and says so once', async () => {
  expect(await wait([[quiet, asking], [asking], [asking]])).toEqual({ done: ['ask asking'], quits: true });
});

test('comes back for one that begins to ask later, and for the next', async () => {
  const other = { ...asking, id: 'other' };
  expect(await wait([[quiet], [quiet, asking], [asking], [quiet], [asking, other], [other]])).toEqual({ done: ['hide', 'ask asking', 'ask asking', 'ask other'], quits: true });
});

test('another answer ends the waiting without a quit; what goes wrong is thrown', async () => {
  expect(await wait([[quiet], [quiet], [quiet]], 2)).toEqual({ done: ['hide'], quits: false });
  const broken = waitUntilQuiet({ running: () => [quiet], settled: () => Promise.reject(new Error('closed')), hide: () => undefined, ask: () => undefined }, new AbortController().signal);
  await expect(broken).rejects.toThrow('closed');
});
