// One operation with its log, live: the state and log so far, then what happens, until it has ended.
import { useEffect, useReducer } from 'react';
import type { LogLine, Operation, OperationEvent } from '../../../contract/types';
import { api } from '../../client';

/** Lines that a page keeps; the older ones go, as in main. */
const KEPT_LINES = 5_000;
/** Ms between what is drawn: a stream of thousands of lines is drawn in steps. */
const DRAW_EVERY_MS = 120;
const RECONNECT_MS = 2_000;

export interface Followed {
  readonly operation: Operation | null;
  readonly log: readonly LogLine[];
  readonly error: unknown;
}

export type FollowAction = { readonly type: 'begin' } | { readonly type: 'events'; readonly events: readonly OperationEvent[]; readonly fresh: boolean } | { readonly type: 'failed'; readonly error: unknown };

export const notFollowed: Followed = { operation: null, log: [], error: null };

/** Takes in what a stream said. `fresh`: the first words of a new stream, which repeats the log from its start. */
export function reduceFollow(state: Followed, action: FollowAction): Followed {
  if (action.type === 'begin') return notFollowed;
  if (action.type === 'failed') return { ...state, error: action.error };
  const lines = action.events.filter((event) => event.type === 'log').map(({ line }) => line);
  const operation = action.events.filter((event) => event.type === 'operation').at(-1)?.operation ?? state.operation;
  const log = action.fresh ? lines : [...state.log, ...lines];
  return { operation, log: log.length > KEPT_LINES ? log.slice(-KEPT_LINES) : log, error: null };
}

async function stream(id: string, signal: AbortSignal, dispatch: (action: FollowAction) => void): Promise<void> {
  let waiting: OperationEvent[] = [];
  let fresh = true;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const draw = () => {
    timer = null;
    if (waiting.length === 0 || signal.aborted) return;
    dispatch({ type: 'events', events: waiting, fresh });
    fresh = false;
    waiting = [];
  };
  try {
    for await (const event of await api.operations.follow({ id }, { signal })) {
      waiting.push(event);
      timer ??= setTimeout(draw, fresh ? 0 : DRAW_EVERY_MS);
    }
  } finally {
    if (timer !== null) clearTimeout(timer);
    draw();
  }
}

/** Follows an operation while the component is there; a cut stream is taken up again until the operation has ended. */
export function useFollow(id: string, ended: boolean): Followed {
  const [state, dispatch] = useReducer(reduceFollow, notFollowed);
  useEffect(() => {
    const end = new AbortController();
    let again: ReturnType<typeof setTimeout> | null = null;
    const run = () => {
      stream(id, end.signal, dispatch).catch((error: unknown) => {
        if (end.signal.aborted) return;
        dispatch({ type: 'failed', error });
        again = setTimeout(run, ended ? 2 * RECONNECT_MS : RECONNECT_MS);
      });
    };
    dispatch({ type: 'begin' });
    run();
    return () => {
      end.abort();
      if (again !== null) clearTimeout(again);
    };
    // A change of `ended` starts a last stream, which brings the last lines.
  }, [id, ended]);
  return state;
}
