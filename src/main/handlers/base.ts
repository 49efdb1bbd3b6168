// What stands before every handler: errors are mapped to the contract, and a session is asked for where one is needed.
import { implement } from '@orpc/server';
import { contract } from '../../contract';
import { bearerOf, type RequestContext } from './context';
import { contractError, toContractError } from './errors';

const root = implement(contract).$context<RequestContext>();

/** A stream can fail after its first answer was sent: its errors are mapped like any other. */
async function* mapped(stream: AsyncIterable<unknown>, map: (error: unknown) => unknown): AsyncGenerator {
  try {
    for await (const event of stream) yield event;
  } catch (error) {
    throw map(error);
  }
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/** Endpoints that need no session. */
export const open = root.use(async ({ context, path, signal, next }, _input, answer) => {
  const map = (error: unknown): unknown => toContractError(error, { path, log: context.log, signal });
  try {
    const result = await next();
    return isStream(result.output) ? answer(mapped(result.output, map)) : result;
  } catch (error) {
    throw map(error);
  }
});

/** A stream ends with its session: a page that was signed out elsewhere hears nothing more. Watching gives a sign of life every 15 s, so that is how late it can be. */
async function* whileSignedIn(stream: AsyncIterable<unknown>, isSignedIn: () => boolean): AsyncGenerator {
  for await (const event of stream) {
    if (!isSignedIn()) throw contractError('unauthorized', {});
    yield event;
  }
}

const withCaller = open.use(({ context, next }) => {
  const token = bearerOf(context.reqHeaders);
  const caller = token === null ? null : context.services.accounts.authenticate(token, context.transport);
  if (token === null || caller === null) throw contractError('unauthorized', {});
  return next({ context: { caller, token } });
});

/** Endpoints that need a session; adds `caller` and `token`. */
export const signedIn = withCaller.use(async ({ context, next }, _input, answer) => {
  const { services, token, transport } = context;
  const result = await next();
  return isStream(result.output) ? answer(whileSignedIn(result.output, () => services.accounts.authenticate(token, transport) !== null)) : result;
});

/** Endpoints that need no session and that only the window may call. */
export const windowOnly = open.use(({ context, next }) => {
  if (context.transport !== 'ipc') throw contractError('desktop_only', {});
  return next();
});
