// The offers and instances services as the app builds them, over a simulator, on a clock that runs faster; for the suites.
import type { Operation } from '../../src/contract';
import type { SnapshotFirstPort } from '../../src/main/domain/instance-parts';
import { Instances } from '../../src/main/domain/instances';
import { Offers } from '../../src/main/domain/offers';
import { OperationsLog } from '../../src/main/domain/operations';
import type { Caller, Clock, Log, Vast } from '../../src/main/domain/ports';
import type { Store } from '../../src/main/domain/store-port';
import { openStore } from '../../src/main/providers/store/open-store';
import { VastClient } from '../../src/main/providers/vast/client';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/start';
import { fastClock } from './fast-clock';

/** A log that keeps what was written, for tests that look for secrets in it. */
export const keptLog = (): Log & { readonly lines: string[] } => {
  const lines: string[] = [];
  const write = (event: string, facts?: Readonly<Record<string, unknown>>): void => void lines.push(JSON.stringify([event, facts ?? {}]));
  return { lines, info: write, warn: write, error: write, hide: () => undefined };
};

export const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3P1h6f2Gm1z9i8k2m5q0c7uXz0oJ1vC0Kc0F3u8h2N dumont';

export const caller: Caller = { userId: '6f6d0d2e-6b1c-4f0e-9a55-3a1f0c6b7d10', email: 'ana@example.test', transport: 'ipc' };

export interface AppOptions {
  readonly clock: Clock;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly store?: Store;
  readonly silenceMs?: number;
  /** Between the services and the provider: counts, delays, lies. */
  readonly wrap?: (vast: Vast) => Vast;
  /** Snapshots before an instance ends; none where it is absent. */
  readonly snapshotFirst?: (parts: { readonly operations: OperationsLog; readonly store: Store }) => SnapshotFirstPort;
}

/** One app process without its windows. */
export const makeApp = (options: AppOptions) => {
  const { clock } = options;
  const log = keptLog();
  const store = options.store ?? openStore(':memory:');
  if (store.users.byId(caller.userId) === null) {
    store.users.insert({ id: caller.userId, email: caller.email, passwordHash: 'x', createdAt: clock.now(), failedAttempts: 0, blockedUntil: 0 });
  }
  const client = new VastClient({ baseUrl: options.baseUrl, clock, log, userAgent: 'dumont-cloud/test', silenceMs: options.silenceMs });
  const vast = options.wrap?.(client) ?? client;
  const hints: string[] = [];
  const feed = { tell: (_user: string, topic: string): void => void hints.push(topic), operation: () => undefined };
  const operations = new OperationsLog({ store, clock, log, redact: (text) => text, feed });
  const secrets = { vastKey: () => Promise.resolve(options.apiKey) };
  const settings = { values: () => ({ default_image: 'pytorch/pytorch:2.4.0', default_disk_size: 40 }) } as never;
  const forgotten: number[] = [];
  const sshKeys = { publicKey: () => Promise.resolve(publicKey), forget: (_user: string, id: number): void => void forgotten.push(id) };
  const instances = new Instances({ vast, secrets, settings, store, operations, hints: feed, clock, log, sshKeys, snapshotFirst: options.snapshotFirst?.({ operations, store }) });
  for (const kind of ['create', 'pause', 'resume', 'destroy'] as const) operations.onTakeUp(kind, 'unlocked', (row) => instances.takeUp(row));
  const offers = new Offers({ vast, secrets, settings, clock, log });
  const quit = async (): Promise<void> => {
    instances.poller.stop(caller.userId);
    operations.cancelAll('The app quits.');
    await operations.settled(60_000);
    await client.close();
  };
  /** The operation once it has ended. */
  const ended = async (id: string): Promise<Operation> => {
    for await (const event of operations.follow(caller, id)) void event;
    return operations.get(caller, id);
  };
  return { instances, offers, operations, store, client, vast, log, hints, forgotten, ended, quit };
};

export type App = ReturnType<typeof makeApp>;

/** A simulator whose clock runs at `rate`, with the clock that goes with it. */
export const startWorld = async (rate: number, options: SimulatorOptions = {}): Promise<{ readonly simulator: Simulator; readonly clock: Clock }> => {
  const simulator = await startSimulator({ machineCount: 60, credit: 1000, ...options });
  await simulator.control.setRate(rate);
  return { simulator, clock: fastClock(rate) };
};
