// The list of points: every fault at every phase where it can strike, at several moments that the seed picks.
import { phases, type Phase } from './phases';
import { seeded } from '../support/seeded';

/** What happens. */
export const faults = {
  app: 'the app is killed',
  restic: 'restic is killed',
  ssh: 'ssh is killed',
  host: "the host's side is killed",
  cut: 'the connection is cut',
  stall: 'the connection stays open and nothing moves any more',
  disk: 'the disk is full',
} as const;

export type Fault = keyof typeof faults;

/** Folders in which something is made or removed at a known step: of the repository; the mirror's own, with its listings, and its tree, with the copies; the one that a restore fills. */
export type Folder = 'locks' | 'index' | 'snapshots' | 'keys' | 'mirror' | 'tree' | 'target';

/**
 * When, within a phase: before its program runs; when it has done everything but end; when a share of its bytes has gone over the wire;
 * when something is made or removed in a folder; or a share of its usual time after it began.
 */
export type Moment =
  | { readonly at: 'before' | 'after' }
  | { readonly at: 'bytes'; readonly share: number }
  | { readonly at: 'file'; readonly folder: Folder }
  | { readonly at: 'time'; readonly share: number };

export interface Point {
  /** Such as `fetch/cut/2`. */
  readonly id: string;
  readonly phase: Phase;
  readonly fault: Fault;
  readonly moment: Moment;
  /** Bytes that stay free where the disk is filled. */
  readonly leftOnDisk: number;
}

/** Points of each fault at each phase. */
const each = 3;

/** Where restic makes or removes files in each of its commands, in this order. */
const touched: Readonly<Record<string, readonly Folder[]>> = {
  init: ['keys'],
  backup: ['locks', 'index', 'snapshots'],
  forget: ['locks', 'snapshots'],
  key: ['locks', 'keys'],
  prune: ['locks', 'index'],
  check: ['locks'],
  repair: ['locks', 'index'],
};

const canStrike = (fault: Fault, phase: Phase): boolean => {
  if (fault === 'app' || fault === 'disk') return true;
  if (fault === 'restic') return phase.call.program === 'restic' && phase.afterwards === undefined;
  return phase.wire !== undefined;
};

/** Faults of the connection need one: their moments are bytes of it. Those of a program may also come before and after it. */
const momentOf = (fault: Fault, phase: Phase, number: number, share: number): Moment => {
  if (phase.wire !== undefined) {
    const ends = fault === 'app' || fault === 'ssh' || fault === 'disk';
    if (ends && number === 0) return { at: 'before' };
    if (ends && number === each - 1 && fault !== 'disk') return { at: 'after' };
    // One of them while ssh still shakes hands.
    return { at: 'bytes', share: !ends && number === 0 ? -1 : (number + share) / each };
  }
  if (phase.afterwards !== undefined) return number === 0 ? { at: 'after' } : { at: 'file', folder: phase.afterwards };
  const moments: Moment[] = [{ at: 'before' }, ...(touched[phase.call.command] ?? ['locks' as const]).map((folder) => ({ at: 'file' as const, folder })), { at: 'after' }];
  const timed: Moment = { at: 'time', share };
  return number === each - 1 ? timed : (moments[Math.floor(((number + share) * moments.length) / (each - 1)) % moments.length] ?? timed);
};

/** All points of a seed, always the same. */
export const pointsOf = (seed: number): readonly Point[] =>
  phases.flatMap((phase) =>
    (Object.keys(faults) as Fault[]).filter((fault) => canStrike(fault, phase)).flatMap((fault) =>
      Array.from({ length: each }, (_, number): Point => {
        const id = `${phase.name}/${fault}/${number}`;
        const draws = seeded(seed, id);
        return { id, phase, fault, moment: momentOf(fault, phase, number, draws.next()), leftOnDisk: draws.whole(0, 3) * 16_384 };
      })),
  );
