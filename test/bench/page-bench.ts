// Runs inside a page (bundled to one script): the offers table's work on 20,000 rows, and IPC round trips from the window.
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract, Offer } from '../../src/contract';
import { packOffers } from '../../src/renderer/features/offers/pack-offers';
import { manyOffers } from '../../src/renderer/features/offers/sample-offers.test-data';
import { viewOffers } from '../../src/renderer/features/offers/sort-offers';

const rows = 20_000;

interface Echo {
  readonly post: (data: string) => void;
  readonly subscribe: (receive: (data: string) => void) => void;
}

declare global {
  interface Window {
    readonly dumont?: { readonly post: (data: unknown) => void; readonly subscribe: (receive: (data: unknown) => void) => () => void; readonly desktop: true };
    readonly echo?: Echo;
    readonly pageBench?: typeof pageBench;
  }
}

/** What one would write without thinking: sort a copy of the objects, then filter it. */
function plainSort(offers: readonly Offer[]): readonly Offer[] {
  return [...offers].sort((left, right) => left.dph_total - right.dph_total).filter((offer) => offer.dph_total <= 20 && (offer.reliability ?? 0) >= 0.9 && offer.gpu_ram >= 8000);
}

/** Milliseconds of each filter and sort of 20,000 offers, ours and the plain one in turns; a column's order is worked out anew each time. */
function offersTable(rounds: number): { readonly ours: number[]; readonly plain: number[]; readonly refilter: number[] } {
  const offers = manyOffers(rows);
  const packed = packOffers(offers);
  const criteria = { max_price: 20, min_reliability: 0.9, min_gpu_ram: 8 };
  const taken = { ours: [] as number[], plain: [] as number[], refilter: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    plainSort(offers);
    const middle = performance.now();
    packed.orders.clear();
    viewOffers(packed, criteria, { column: 'price', descending: false });
    const sorted = performance.now();
    viewOffers(packed, criteria, { column: 'price', descending: false });
    taken.plain.push(middle - start);
    taken.ours.push(sorted - middle);
    taken.refilter.push(performance.now() - sorted);
  }
  return taken;
}

async function eachTimed(count: number, call: () => Promise<unknown>): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = performance.now();
    await call();
    taken.push(performance.now() - start);
  }
  return taken;
}

/** Milliseconds of each `system.health` call over the window's bridge. */
function contractCalls(count: number): Promise<number[]> {
  const bridge = window.dumont;
  if (bridge === undefined) throw new Error('no bridge in this page');
  const port = {
    postMessage: (data: unknown) => bridge.post(data),
    addEventListener: (type: string, listener: unknown) => {
      if (type === 'message') bridge.subscribe((data) => (listener as (event: { data: unknown }) => void)({ data }));
    },
  } as Pick<MessagePort, 'addEventListener' | 'postMessage'>;
  const api: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port }));
  return eachTimed(count, () => api.system.health());
}

/** Milliseconds of each bare echo: the same text there and back through ipcRenderer and ipcMain. */
function bareEchoes(count: number): Promise<number[]> {
  const { echo } = window;
  if (echo === undefined) throw new Error('no echo in this page');
  let answered: () => void = () => undefined;
  echo.subscribe(() => answered());
  const text = 'x'.repeat(200);
  return eachTimed(
    count,
    () =>
      new Promise<void>((resolve) => {
        answered = resolve;
        echo.post(text);
      }),
  );
}

const pageBench = { offersTable, contractCalls, bareEchoes };
Object.assign(window, { pageBench });
