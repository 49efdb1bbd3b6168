// The window's way to main: what the bridge refuses ends the call with an error of the app's own.
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { expect, test } from 'vitest';
import type { Contract } from '../contract';
import { bridgePort, errorOf } from './client';

/** The app over a bridge that refuses every message with this. */
const refusing = (error: Error): ContractRouterClient<Contract> => {
  const post = (): never => {
    throw error;
  };
  return createORPCClient(new RPCLink({ port: bridgePort({ desktop: true, post, subscribe: () => () => undefined }) }));
};
/** What the page sees of a call that was refused with this. */
async function failure(refusal: Error): Promise<unknown> {
  try {
    return await refusing(refusal).auth.login({ username: 'a@example.com', password: 'x' });
  } catch (error) {
    return errorOf(error);
  }
}

test.each([
  ['as the preload script throws it', new RangeError('body_too_large: a message is at most 1 MiB')],
  ['as Electron hands it to the page', new Error('body_too_large: a message is at most 1 MiB')],
])('a call that is too large fails with the code that HTTP gives, %s', async (_what, error) => {
  expect(await failure(error)).toMatchObject({ code: 'body_too_large' });
});

test('any other refusal stays what it is', async () => {
  expect(await failure(new Error('the window is going'))).toMatchObject({ code: 'unknown', message: 'the window is going' });
});
