// Both ends of the desktop's channel in one process: what a page sends is cloned as between processes, and a page can reload or go.
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../src/contract';
import type { IpcChannel } from '../../src/main/transports/ipc';

type ToPage = (data: unknown) => void;

/** A page's way to main. */
export interface FakePage {
  readonly id: number;
  readonly api: ContractRouterClient<Contract>;
  /** Sends anything, as a hostile page could. */
  post(data: unknown): void;
  /** What main sent to this page. */
  readonly received: unknown[];
  /** The page reloads, crashes or goes. */
  go(): void;
}

/** The channel for `serveIpc`, and pages on its other side. */
export class IpcPair {
  readonly #onMessage = new Set<(senderId: number, data: unknown) => void>();
  readonly #onGone = new Set<(senderId: number) => void>();
  readonly #pages = new Map<number, Set<ToPage>>();
  #lastId = 0;

  readonly channel: IpcChannel = {
    onMessage: (callback) => void this.#onMessage.add(callback),
    onGone: (callback) => void this.#onGone.add(callback),
    send: (senderId, data) => this.#pages.get(senderId)?.forEach((receive) => receive(structuredClone(data))),
  };

  /** Opens a page; `token` goes with each of its calls. */
  open(token: string | null): FakePage {
    this.#lastId += 1;
    const id = this.#lastId;
    const received: unknown[] = [];
    const listeners = new Set<ToPage>([(data) => void received.push(data)]);
    this.#pages.set(id, listeners);
    const post = (data: unknown): void => this.#onMessage.forEach((callback) => callback(id, structuredClone(data)));
    const port: Pick<MessagePort, 'addEventListener' | 'postMessage'> = {
      postMessage: post,
      addEventListener: (type: string, listener: unknown) => {
        if (type === 'message') listeners.add((data) => (listener as (event: { data: unknown }) => void)({ data }));
      },
    };
    const link = new RPCLink({ port, headers: () => (token === null ? {} : { authorization: `Bearer ${token}` }) });
    return { id, api: createORPCClient(link), post, received, go: () => this.#onGone.forEach((callback) => callback(id)) };
  }
}
