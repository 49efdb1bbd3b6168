// Knows how the app is reached: IPC in the window, HTTP (http-link.ts) in a browser. Everything else sees one typed client.
import { createORPCClient, DynamicLink, ORPCError, type ClientContext, type ClientLink } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import type { Contract, ErrorCode } from '../contract';
import type { LinkOptions } from './http-link';
import { record } from './record';
import { useSession } from './ui/session-store';

/** What the preload script gives the window; absent in a browser. */
export interface Bridge {
  readonly post: (data: unknown) => void;
  readonly subscribe: (receive: (data: unknown) => void) => () => void;
  readonly desktop: true;
}

declare global {
  interface Window {
    readonly dumont?: Bridge;
  }
}

/** True in the app's own window, false in a browser. */
export const isDesktop = window.dumont !== undefined;

/** `offline`: the app itself did not answer. `body_too_large`: more than the app reads of one call. `unknown`: the answer was no error of the contract. */
export type ClientErrorCode = ErrorCode | 'offline' | 'body_too_large' | 'unknown';

/** An error in the one form that the words of i18n/errors are looked up by. */
export interface ClientError {
  readonly code: ClientErrorCode;
  readonly data: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Code, data and English sentence of anything that a call threw, over either transport. */
export function errorOf(error: unknown): ClientError {
  if (error instanceof ORPCError) {
    const known = /^[a-z_]+$/.test(error.code);
    return { code: known ? (error.code as ErrorCode) : 'unknown', data: record(error.data), message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: error instanceof TypeError ? 'offline' : 'unknown', data: {}, message };
}

const headers = (): Record<string, string> => {
  const { token } = useSession.getState();
  return token === null ? {} : { authorization: `Bearer ${token}` };
};

/** Only an `unauthorized` answer ends the session of the page. */
const endSession = (error: unknown): void => {
  if (errorOf(error).code === 'unauthorized' && useSession.getState().token !== null) useSession.getState().signOut('expired');
};

/** Errors lose their class on the way through Electron's bridge; the preload script begins the text of this one with its code. */
const isTooLarge = (error: unknown): boolean => error instanceof Error && error.message.includes('body_too_large:');

/** The bridge as a message port. A call that is larger than the bridge takes fails as the same call does over HTTP: 413 `body_too_large`. */
export const bridgePort = (bridge: Bridge): Pick<MessagePort, 'addEventListener' | 'postMessage'> => ({
  postMessage: (data: unknown) => {
    try {
      bridge.post(data);
    } catch (error) {
      throw isTooLarge(error) ? new ORPCError('body_too_large', { status: 413, message: 'The message is larger than the app reads.', cause: error }) : error;
    }
  },
  addEventListener: (type: string, listener: unknown) => {
    // The page and its bridge end together, so there is no `close` to report.
    if (type === 'message') bridge.subscribe((data) => (listener as (event: { data: unknown }) => void)({ data }));
  },
});

const options: LinkOptions = {
  headers,
  interceptors: [
    async ({ next }) => {
      try {
        return await next();
      } catch (error) {
        endSession(error);
        throw error;
      }
    },
  ],
};

/** The window needs neither the contract nor the reader of HTTP answers: only a browser loads them, at once. */
function httpLink(): ClientLink<ClientContext> {
  const made = import('./http-link').then(({ makeHttpLink }) => makeHttpLink(options));
  return new DynamicLink(() => made);
}

const link = window.dumont === undefined ? httpLink() : new RPCLink({ port: bridgePort(window.dumont), ...options });

/** The app's calls, typed by the contract. */
export const api: ContractRouterClient<Contract> = createORPCClient(link);

/** The same calls as options and keys of TanStack Query. */
export const query = createTanstackQueryUtils(api);
