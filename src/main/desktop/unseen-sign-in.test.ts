// A hidden start signs the remembered user in as soon as the keychain lets it, and does not ask for ever.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../domain/app-error';
import { triesAfter, UnseenSignIn } from './unseen-sign-in';

const closed = (): AppError<'secret_store_unavailable'> => new AppError('secret_store_unavailable', 'The keychain does not answer (locked).', { backend: 'keychain', reason: 'locked' });
const log = { info: () => undefined };
const together = triesAfter.reduce((sum, one) => sum + one, 0);

/** `opensAt`: the try at which the keychain answers. */
const make = (opensAt: number, failure: () => Error = closed): { signIn: UnseenSignIn; tries: () => number; state: { signedIn: boolean; probes: number } } => {
  let tries = 0;
  const state = { signedIn: false, probes: 0 };
  const signIn = new UnseenSignIn({
    resume: async () => {
      tries += 1;
      if (tries < opensAt) throw failure();
      state.signedIn = true;
    },
    probe: async () => { state.probes += 1; },
    isSignedIn: () => state.signedIn,
    log,
  });
  return { signIn, tries: () => tries, state };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a keychain that opens a little later signs in, and is asked anew each time', async () => {
  const { signIn, tries, state } = make(3);
  await signIn.begin();
  expect([tries(), state.probes]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(together);
  expect([state.signedIn, tries(), state.probes]).toEqual([true, 3, 2]);
});

test('one that stays closed is left alone after ten minutes; an unlocked screen asks once more', async () => {
  const { signIn, tries, state } = make(triesAfter.length + 2);
  await signIn.begin();
  expect(together).toBe(600_000);
  await vi.advanceTimersByTimeAsync(10 * together);
  expect([state.signedIn, tries()]).toEqual([false, triesAfter.length + 1]);
  await signIn.unlocked();
  expect(state.signedIn).toBe(true);
  await signIn.unlocked();
  expect(tries()).toBe(triesAfter.length + 2);
});

test('nobody is remembered, somebody signed in by the window, or the app ends: nothing is tried again', async () => {
  const nobody = make(9, () => new AppError('unauthorized', 'Nobody is remembered.', {}));
  const somebody = make(9);
  const ended = make(9);
  for (const { signIn } of [nobody, somebody, ended]) await signIn.begin();
  somebody.state.signedIn = true;
  ended.signIn.close();
  await vi.advanceTimersByTimeAsync(together);
  await nobody.signIn.unlocked();
  expect([nobody.tries(), somebody.tries(), ended.tries()]).toEqual([1, 1, 1]);
});
