// What stands before every handler: errors are mapped to the contract, and a session is asked for where one is needed.
import { implement, type ImplementerInternalWithMiddlewares } from '@orpc/server';
import { contract, type Contract } from '../../contract';
import type { Caller } from '../domain/ports';
import { bearerOf, type RequestContext } from './context';
import { contractError, toContractError } from './errors';

/** Named, because a compiler that writes the inferred type out gives up on a contract of this size. */
type Endpoints<Current extends RequestContext> = ImplementerInternalWithMiddlewares<Contract, RequestContext, Current>;

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

const mappingErrors = root.use(async ({ context, path, signal, next }, _input, answer) => {
  const map = (error: unknown): unknown => toContractError(error, { path, log: context.log, signal });
  try {
    const result = await next();
    return isStream(result.output) ? answer(mapped(result.output, map)) : result;
  } catch (error) {
    throw map(error);
  }
});

/** Endpoints that need no session. */
export const open: Endpoints<RequestContext> = mappingErrors;

/** A stream ends with its session: a page that was signed out elsewhere hears nothing more. Watching gives a sign of life every 15 s, so that is how late it can be. */
async function* whileSignedIn(stream: AsyncIterable<unknown>, isSignedIn: () => boolean): AsyncGenerator {
  for await (const event of stream) {
    if (!isSignedIn()) throw contractError('unauthorized', {});
    yield event;
  }
}

const withCaller = mappingErrors.use(({ context, next }) => {
  const token = bearerOf(context.reqHeaders);
  const caller = token === null ? null : context.services.accounts.authenticate(token, context.transport);
  if (token === null || caller === null) throw contractError('unauthorized', {});
  return next({ context: { caller, token } });
});

type SignedIn = RequestContext & { readonly caller: Caller; readonly token: string };

const signedInWith = withCaller.use(async ({ context, next }, _input, answer) => {
  const { services, token, transport } = context;
  const result = await next();
  return isStream(result.output) ? answer(whileSignedIn(result.output, () => services.accounts.authenticate(token, transport) !== null)) : result;
});

/** Endpoints that need a session; adds `caller` and `token`. */
export const signedIn: Endpoints<SignedIn> = signedInWith;

const overHttp = signedInWith.use(({ context, next }) => {
  if (context.transport !== 'http') throw contractError('http_only', {});
  return next();
});

/** Endpoints that need a session and whose answer is a stream of bytes, which the window's channel does not carry. */
export const httpOnly: Endpoints<SignedIn> = overHttp;

const fromWindow = mappingErrors.use(({ context, next }) => {
  if (context.transport !== 'ipc') throw contractError('desktop_only', {});
  return next();
});

/** Endpoints that need no session and that only the window may call. */
export const windowOnly: Endpoints<RequestContext> = fromWindow;
