// What passes between main and the threads of an index.
import type { Question } from './index-engine';
import type { NewSnapshot } from './snapshot-rows';

/** What the thread that answers is asked; one at a time. */
export interface AskMessage {
  readonly file: string;
  readonly question: Question | 'remove';
  readonly values: readonly unknown[];
}

/** What the thread that builds is started with. */
export interface BuildData {
  readonly file: string;
  /** Without an id: it is posted when it is known. */
  readonly snapshot: NewSnapshot;
  readonly kind: 'sidecar' | 'ls';
  readonly takenAt: string | null;
  /** Gzip that the thread reads itself; null: chunks are posted to it. */
  readonly path: string | null;
  /** The list of files of the snapshot before, where it may lie; gzip. */
  readonly former: string | null;
  /** The chunks are gzip. */
  readonly packed: boolean;
}

/** What a thread posts. `more`: a chunk was used up. */
export type ThreadMessage =
  | { readonly type: 'done'; readonly value: unknown }
  | { readonly type: 'failed'; readonly message: string; readonly code: 'disk_full' | 'feed' | null }
  | { readonly type: 'progress'; readonly entries: number }
  | { readonly type: 'more' };
