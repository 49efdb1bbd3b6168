// What rehearsals prove: the stamp of a snapshot, and whether an instance may go. Pure.
import type { ProofStamp, SafetyVerdict, SourceSafety } from '../../contract';
import { orderKey } from './listing-order';
import type { ProofRow, SnapshotRow } from './store-port';

const day = 86_400_000;

export const noStamp: ProofStamp = { state: 'none', at: null, coverage: 0, weak: false };

/** A share from where it begins to where it ends, both from 0 to 1. */
type Stretch = readonly [from: number, to: number];

/** Paths in order, after `from` up to and with `to`. */
interface Paths {
  readonly from: string;
  readonly to: string | null;
}

/** What of [0, 1] these cover together, counted once. */
const covered = (stretches: readonly Stretch[]): number => {
  let [sum, reach] = [0, 0];
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, reach));
    reach = Math.max(reach, to);
  }
  return sum;
};

/** Whether these cover all paths there are, without a gap; `to` null: to the end. */
const isWhole = (stretches: readonly Paths[]): boolean => {
  let reach = '';
  for (const { from, to } of stretches.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (from > reach) return false;
    if (to === null) return true;
    if (to > reach) reach = to;
  }
  return false;
};

/** Of one rehearsal: which paths it covers, in their order, and which share of files and of bytes. Null: where it began is not known. */
const stretchOf = ({ kind, begins, cursor, files, bytes, totalFiles, totalBytes }: ProofRow): { readonly paths: Paths; readonly files: Stretch; readonly bytes: Stretch } | null => {
  if (kind === 'full') return { paths: { from: '', to: null }, files: [0, 1], bytes: [0, 1] };
  if (begins === null) return null;
  const share = (before: number, done: number, all: number): Stretch => (all === 0 ? [0, 1] : [before / all, (before + done) / all]);
  const reachesEnd = begins.files + files === totalFiles && begins.bytes + bytes === totalBytes;
  return { paths: { from: orderKey(begins.path), to: reachesEnd ? null : orderKey(cursor) }, files: share(begins.files, files, totalFiles), bytes: share(begins.bytes, bytes, totalBytes) };
};

/** Less than everything, however near. */
const almost = 0.999_999;

/**
 * What these cover together, from 0 to 1: the lesser of the shares of files and of bytes, empty files count too. It is 1 only when every path was restored: shares of several snapshots of a
 * source are of different wholes.
 */
const together = (proofs: readonly ProofRow[]): number => {
  const stretches = proofs.map(stretchOf).filter((one) => one !== null);
  if (isWhole(stretches.map((one) => one.paths))) return 1;
  return Math.min(almost, covered(stretches.map((one) => one.files)), covered(stretches.map((one) => one.bytes)));
};

/** From its rehearsals, newest first. A failure stands until a later rehearsal of all of it went well; a part does not undo it. */
export const stampOf = (proofs: readonly ProofRow[]): ProofStamp => {
  const [newest] = proofs;
  if (newest === undefined) return noStamp;
  const failure = proofs.findIndex((proof) => proof.result === 'failed');
  const since = failure === -1 ? proofs : proofs.slice(0, failure);
  const coverage = together(since);
  const state = coverage === 1 ? 'proven' : failure === -1 ? 'part' : 'failed';
  return { state, at: new Date(newest.at).toISOString(), coverage, weak: (state === 'failed' ? proofs : since).some((proof) => proof.weak) };
};

/** Stamps by snapshot. */
export const stampsOf = (proofs: readonly ProofRow[]): ReadonlyMap<string, ProofStamp> => {
  const bySnapshot = new Map<string, ProofRow[]>();
  for (const proof of proofs) bySnapshot.set(proof.snapshotId, [...(bySnapshot.get(proof.snapshotId) ?? []), proof]);
  return new Map([...bySnapshot].map(([id, list]) => [id, stampOf(list)]));
};

/** What the stamp says of a snapshot that stands there now: a proof of before is none where it cannot be had any more. */
export const stampNow = (stamp: ProofStamp, standing: Exclude<Standing, 'unreadable'>): ProofStamp => {
  if (standing === 'gone') return noStamp;
  return standing === 'damaged' && stamp.state !== 'failed' ? { ...stamp, state: 'damaged' } : stamp;
};

/** Where a snapshot stands now: it lies in its repository; that cannot be read now; a check found that damaged; another program has removed the snapshot. */
export type Standing = 'there' | 'unreadable' | 'damaged' | 'gone';

/** Worst first. */
const order: readonly SafetyVerdict[] = ['no_snapshot', 'failed', 'damaged', 'unreadable', 'unproven', 'old', 'part', 'proven'];

export const worstOf = (verdicts: readonly SafetyVerdict[]): SafetyVerdict => order.find((one) => verdicts.includes(one)) ?? 'no_snapshot';

const verdictOf = (newest: SnapshotRow | undefined, good: ProofRow | undefined, coverage: number, stamp: ProofStamp, oldest: number): SafetyVerdict => {
  if (newest === undefined) return 'no_snapshot';
  if (stamp.state === 'failed') return 'failed';
  if (good === undefined) return 'unproven';
  if (good.at < oldest) return 'old';
  return coverage === 1 ? 'proven' : 'part';
};

/** What a source is judged by. */
export interface SafetyPolicy {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly maxAgeDays: number;
  readonly standing: (row: SnapshotRow) => Standing;
}

/**
 * One source: its snapshots and their rehearsals, both newest first. What cannot be had now proves nothing; the newest that may still be there decides. Parts of several of its snapshots add up: each rehearsal goes on where the one before it ended,
 * so that those of the last days together have restored everything once.
 */
export const sourceSafety = (path: string, snapshots: readonly SnapshotRow[], proofs: readonly ProofRow[], policy: SafetyPolicy): SourceSafety => {
  const left = snapshots.filter((row) => policy.standing(row) !== 'gone');
  const [newest] = left;
  const times = new Map(left.filter((row) => policy.standing(row) === 'there').map((row) => [row.id, row.time]));
  const oldest = policy.now - policy.maxAgeDays * day;
  const present = proofs.filter((proof) => times.has(proof.snapshotId));
  const failure = present.findIndex((proof) => proof.result === 'failed');
  const since = failure === -1 ? present : present.slice(0, failure);
  const good = since[0] ?? present.find((proof) => proof.result === 'ok');
  const coverage = together(since.filter((proof) => proof.at >= oldest));
  const stamp = newest === undefined ? noStamp : stampOf(present.filter((proof) => proof.snapshotId === newest.id));
  const standing = newest === undefined ? 'gone' : policy.standing(newest);
  return {
    path,
    verdict: standing === 'unreadable' || standing === 'damaged' ? standing : verdictOf(newest, good, coverage, stamp, oldest),
    snapshot: newest === undefined ? null : { id: newest.id, short_id: newest.id.slice(0, 8), time: new Date(newest.time).toISOString(), result: newest.result },
    proof: good === undefined ? null : { snapshot_id: good.snapshotId, at: new Date(good.at).toISOString(), snapshot_time: new Date(times.get(good.snapshotId) ?? 0).toISOString(), coverage },
  };
};
