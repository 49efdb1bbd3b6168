// What was seen of each instance over time and Vast.ai does not say: since when it is in its state, and whether a bid was lost. Pure.
import type { Instance, InstanceState, Operation } from '../../contract';

export interface Sighting {
  readonly state: InstanceState;
  /** When it was first seen in this state, ms. */
  readonly since: number;
  /** It is a bid that stopped without anybody here asking for it. */
  readonly outbid: boolean;
}

/** By the instance's id. */
export type Sightings = ReadonlyMap<number, Sighting>;

/** A pause of ours explains a stop that is seen so long after it ended, ms. */
const explainedWithin = 5 * 60_000;

const hasGpu: ReadonlySet<InstanceState> = new Set(['running', 'loading', 'frozen', 'exited', 'rebooting']);
const waits: ReadonlySet<InstanceState> = new Set(['stopped', 'scheduling', 'stopping']);

const askedToStop = (id: number, operations: readonly Operation[], now: number): boolean =>
  operations.some(({ kind, instance_id: instanceId, ended_at: endedAt }) => (kind === 'pause' || kind === 'destroy') && instanceId === id && (endedAt === null || now - Date.parse(endedAt) < explainedWithin));

/**
 * The sightings after another look.
 *
 * An outbid instance reads exactly like one that was paused, so it is told by what was not done:
 * it held its GPU at the last look, has lost it, and nothing of ours asked for that. It stays outbid until it runs again.
 */
export const seenAgain = (before: Sightings, instances: readonly Instance[], operations: readonly Operation[], now: number): Sightings =>
  new Map(
    instances.map((instance) => {
      const { id, state } = instance;
      const last = before.get(id);
      const lost = last !== undefined && instance.is_bid && waits.has(state) && (last.outbid || (hasGpu.has(last.state) && !askedToStop(id, operations, now)));
      return [id, { state, since: last?.state === state ? last.since : now, outbid: lost && !askedToStop(id, operations, now) }];
    }),
  );
