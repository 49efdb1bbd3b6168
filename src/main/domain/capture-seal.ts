// The mirror made ready for restic: links, the sidecar, and what restic must then say. Runs in the capture worker.
import { isStored, type ExpectedReads } from './capture-delta';
import type { HeldListings } from './capture-held';
import type { CapturePlan, Sealed } from './capture-ports';
import { mayBeStub, storedEntry, type ManifestEntry } from './snapshot-manifest';
import type { Mirror } from './snapshot-ports';
import { sidecarHead, sidecarLine } from './sidecar';
import type { Turns } from './turns';

/** The listing of what was sealed; kept under another name when the snapshot counts. */
export const sealedListing = 'sealed';

/** Sidecar lines that are packed at a time, characters. */
const sidecarBlock = 262_144;

export interface SealInput {
  readonly held: HeldListings;
  readonly mirror: Mirror;
  readonly job: CapturePlan;
  /** In the sidecar alone. */
  readonly skipped: readonly ManifestEntry[];
  /** For the sidecar; null: there is none, in a partial snapshot. */
  readonly takenAt: string | null;
  readonly reads: ExpectedReads | null;
  readonly turns: Turns;
}

/** `heavy`: files that may become stubs. */
export const sealMirror = async ({ held, mirror: { tree, listings }, job, skipped, takenAt, reads, turns }: SealInput): Promise<Pick<Sealed, 'files' | 'bytes' | 'sidecar'> & { readonly heavy: number }> => {
  const sidecar = takenAt === null ? null : tree.sidecar();
  const listing = listings.writer(sealedListing);
  let text = takenAt === null ? '' : sidecarHead({ directory: job.directory, root: job.root, instanceId: job.instanceId, takenAt }, held.entries + skipped.length);
  const counts = { files: 0, bytes: 0, heavy: 0 };
  for (const [record, kept] of held.all()) {
    listing.copy(record);
    const entry = storedEntry(record.meta, record.target, record.path);
    reads?.add(entry, kept);
    if (entry.type === 'l' && tree.keepsLinks()) tree.link(job.root, entry);
    if (entry.type === 'f') {
      counts.files += 1;
      counts.bytes += entry.size;
      if (mayBeStub(entry)) counts.heavy += 1;
    }
    if (sidecar !== null) {
      text += sidecarLine(entry, isStored(entry));
      if (text.length > sidecarBlock) {
        await sidecar.write(text);
        text = '';
      }
    }
    if (turns.due) await turns.pause();
  }
  for (const entry of skipped) text += sidecarLine(entry, false);
  if (text !== '') await sidecar?.write(text);
  listing.done();
  return { ...counts, sidecar: (await sidecar?.done()) ?? null };
};
