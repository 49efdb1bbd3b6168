// What a comparison is told of: what will not be in the snapshot, as its warnings, what is fetched, for the log, and that it is more than the source allows.
import { shown } from './capture-names';
import { AppError } from './app-error';
import type { CapturePlan, StageHooks } from './capture-ports';
import { keptBytes, type Planned } from './capture-plan';
import { displayName } from './snapshot-names';

/** Gives the warnings; throws `fetch_too_large`. `directory` is the captured one: below `/` other file systems are left out on purpose. */
export const tellPlan = (planned: Planned, { directory, mostBytes }: Pick<CapturePlan, 'directory' | 'mostBytes'>, hooks: Pick<StageHooks, 'log'>): readonly string[] => {
  const { specials, mounts, tooLong, skipped, begun } = planned;
  if (specials.count > 0) hooks.log('info', `Recorded but not stored (sockets, pipes, devices): ${specials.text}`);
  hooks.log('info', `${planned.files} files to fetch, ${planned.bytes} bytes; ${planned.here} are here`);
  for (const { path, kept, size } of begun) hooks.log('info', `It goes on within ${displayName(path)}: ${kept} of ${size} bytes were here already`);
  const bytes = planned.bytes - keptBytes(planned);
  if (mostBytes !== null && bytes > mostBytes) {
    throw new AppError('fetch_too_large', 'The snapshot would fetch more than its limit.', { bytes, limit_bytes: mostBytes, files: planned.files, largest: displayName(planned.largestPath) });
  }
  return [
    ...(mounts.count > 0 && directory !== '/' ? [`On another file system, and not in the snapshot: ${mounts.text}`] : []),
    ...(tooLong.count > 0 ? [`Too deep for this computer, and not in the snapshot: ${tooLong.text}`] : []),
    ...(skipped.length > 0 ? [`Left out, mostly holes and larger than the free disk: ${shown(skipped.map((entry) => entry.path))}`] : []),
  ];
};
