// Fetches where an archive may break off: asks again for the rest until all is there or is named as missing. See [Note: Busybox hosts].
import { AppError } from '../../domain/app-error';
import type { BytePath, FetchReport, OddFile, WantedFile } from '../../domain/snapshot-ports';

/** So many files may vanish or shrink under one fetch. */
const mostTries = 100;

/**
 * Runs `fetch` for what is left until nothing is. A file that the archive broke off in, and one that is gone, is not asked for again.
 *
 * `broke`: whether what is missing in a report was not come to yet. Several archives together end as "something may have changed".
 */
export const fetchInParts = async (
  files: readonly WantedFile[],
  fetch: (left: readonly WantedFile[], onProgress: (bytes: number, files: number) => void) => Promise<FetchReport>,
  stillThere: (paths: readonly BytePath[]) => Promise<ReadonlySet<BytePath>>,
  onProgress: (bytes: number, files: number) => void,
  broke: (report: FetchReport) => boolean,
): Promise<FetchReport> => {
  const odd: OddFile[] = [];
  const hashes = new Map<BytePath, string>();
  const missing: BytePath[] = [];
  const notes: string[] = [];
  const padded: BytePath[] = [];
  const paddedNotes: string[] = [];
  let done = { bytes: 0, files: 0 };
  let left = files;
  for (let attempt = 0; left.length > 0; attempt += 1) {
    const before = done;
    const report = await fetch(left, (bytes, count) => onProgress(before.bytes + bytes, before.files + count));
    if (attempt === 0 && !broke(report)) return report;
    done = { bytes: done.bytes + report.bytes, files: done.files + report.files };
    odd.push(...report.odd);
    for (const [path, hash] of report.hashes) hashes.set(path, hash);
    notes.push(...report.notes);
    padded.push(...(report.padded ?? []));
    paddedNotes.push(...(report.paddedNotes ?? []));
    const lacking = new Set(report.missing);
    const there = !broke(report) || lacking.size === 0 ? new Set<BytePath>() : await stillThere(report.missing);
    const next = left.filter(({ path }) => lacking.has(path) && there.has(path) && path !== report.stoppedAt);
    if (next.length === left.length || attempt === mostTries) {
      throw new AppError('remote_failed', 'tar failed on the instance.', { phase: 'fetch', exit_code: report.exitCode, detail: notes.slice(-5).join(' ') });
    }
    const again = new Set(next.map(({ path }) => path));
    missing.push(...report.missing.filter((path) => !again.has(path)));
    left = next;
  }
  return { ...done, odd, hashes, missing, padded, paddedNotes, exitCode: 1, notes };
};
