// The one stream of a page: hints make the cache ask again, progress goes to the operations, silence is noticed.
import { useEffect } from 'react';
import { create } from 'zustand';
import type { Operation, Topic, WatchEvent } from '../../contract/types';
import { api, errorOf, query } from '../client';
import { queryClient } from './query-client';
import { useSession } from './session-store';
import { tellNews } from './tell';

interface Connection {
  readonly state: 'connecting' | 'live' | 'down';
  /** When the stream was last heard, in ms since 1970; null before the first word. */
  readonly heardAt: number | null;
}

/** Whether hints arrive, and when they last did. */
export const useConnection = create<Connection>(() => ({ state: 'connecting', heardAt: null }));

/** Three missed signs of life of 15 s each (contract: events.ts). */
const SILENCE_MS = 45_000;
const LONGEST_PAUSE_MS = 15_000;

/** A topic that makes queries old; notices are taken, once. */
type QueryTopic = Exclude<Topic, 'notices'>;

/** Which queries a hint of a topic makes old. */
export const keysOfTopic: Readonly<Record<QueryTopic, readonly (() => readonly unknown[])[]>> = {
  // What a destroy would lose, and whether a snapshot can come first, depends on the instance's state.
  instances: [() => query.instances.list.key(), () => query.instances.get.key(), () => query.proofs.safety.key()],
  account: [() => query.instances.account.key()],
  operations: [() => query.operations.list.key(), () => query.operations.get.key()],
  snapshots: [() => query.repositories.list.key(), () => query.repositories.get.key(), () => query.repositories.statistics.key(), () => query.snapshots.list.key(), () => query.files.search.key(), () => query.files.versions.key(), () => query.snapshots.repository.key(), () => query.proofs.list.key(), () => query.proofs.safety.key()],
  schedules: [() => query.schedules.key(), () => query.maintenance.key()],
  settings: [() => query.settings.get.key()],
  session: [() => query.auth.me.key(), () => query.system.welcome.key()],
};

/** Puts the progress of one operation into a list of operations, newest first. */
export function withProgress(list: readonly Operation[], operation: Operation): Operation[] {
  return list.some(({ id }) => id === operation.id) ? list.map((other) => (other.id === operation.id ? operation : other)) : [operation, ...list];
}

/** Hints that come within this time ask once, ms. A hidden page's timers run once a second or more rarely, and so does it. */
const GATHER_MS = 50;
const hinted = new Set<QueryTopic>();

function askAgain(): void {
  const topics = [...hinted];
  hinted.clear();
  for (const topic of topics) for (const key of keysOfTopic[topic]) void queryClient.invalidateQueries({ queryKey: key() });
}

/** Said once a second at most: what shows it shows minutes. */
function heard(): void {
  const { state, heardAt } = useConnection.getState();
  const now = Date.now();
  if (state !== 'live' || heardAt === null || now - heardAt >= 1000) useConnection.setState({ state: 'live', heardAt: now });
  // Hints may have been missed.
  if (state !== 'live') void tellNews();
}

function receive(event: WatchEvent): void {
  heard();
  if (event.type === 'hint') {
    const { topic } = event;
    if (topic === 'notices') return void tellNews();
    if (hinted.size === 0) setTimeout(askAgain, GATHER_MS);
    hinted.add(topic);
  } else if (event.type === 'operation') {
    const { operation } = event;
    queryClient.setQueriesData<{ operations: Operation[]; count: number }>({ queryKey: query.operations.list.key({ type: 'query' }) }, (kept) => {
      if (kept === undefined) return kept;
      const operations = withProgress(kept.operations, operation);
      return { operations, count: operations.length };
    });
    queryClient.setQueriesData<Operation>({ queryKey: query.operations.get.key({ type: 'query', input: { id: operation.id } }) }, (kept) => (kept === undefined ? kept : { ...kept, ...operation }));
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

/** Listens once, until the stream ends, fails or falls silent. */
async function listen(signal: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const stream = await api.events.watch(undefined, { signal: AbortSignal.any([signal, silence.signal]) });
    for await (const event of stream) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      receive(event);
    }
  } finally {
    clearTimeout(timer);
  }
}

async function stayConnected(signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const before = useConnection.getState().heardAt;
    try {
      await listen(signal);
    } catch (error) {
      if (errorOf(error).code === 'unauthorized') {
        // The session was ended elsewhere while the stream ran; a refused call ends it by itself, an ended stream does not.
        if (!signal.aborted) useSession.getState().signOut('expired');
        return;
      }
    }
    if (signal.aborted) return;
    const { heardAt } = useConnection.getState();
    failures = heardAt === before ? failures + 1 : 1;
    useConnection.setState({ state: 'down' });
    await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (failures - 1)), signal);
    if (!signal.aborted && failures === 1) void queryClient.invalidateQueries();
  }
}

/** Keeps the stream open while somebody is signed in. Mounted once, by the shell. */
export function useLiveUpdates(): void {
  const token = useSession((session) => session.token);
  useEffect(() => {
    if (token === null) return undefined;
    const end = new AbortController();
    useConnection.setState({ state: 'connecting' });
    void stayConnected(end.signal);
    // What waited for somebody to look.
    document.addEventListener('visibilitychange', () => void tellNews(), { signal: end.signal });
    return () => end.abort();
  }, [token]);
}
