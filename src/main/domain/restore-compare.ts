// A restore into an instance, held against what the instance says of it afterwards. In turns: a snapshot may have millions of entries.
import type { OperationRun } from './ports';
import type { RestorePlan } from './restore-plan';
import type { ManifestEntry } from './snapshot-manifest';
import { displayName } from './snapshot-names';
import type { SidecarEntry } from './sidecar';
import type { BytePath, RemoteHost } from './snapshot-ports';
import { mainTurn, Turns } from './turns';

/** Files compared in one look at the instance. */
const batch = 20_000;
/** Errors that are named one by one. */
const named = 100;

const isSame = (entry: SidecarEntry, now: ManifestEntry): boolean =>
  now.type === entry.type && (entry.type === 'l' ? now.target === entry.target : now.size === entry.size && Math.floor(Number(now.mtime)) === Math.floor(Number(entry.mtime)));

/**
 * What the instance says of each restored file now: its size and time, and the target of each link. Contents are not read.
 *
 * Gives what is wrong, safe to show; `onFiles` hears how many were compared. `cancelled` after an abort.
 */
export const compareOnHost = async (host: Pick<RemoteHost, 'stat'>, target: string, plan: RestorePlan, run: Pick<OperationRun, 'signal' | 'log'>, onFiles: (files: number) => void): Promise<string[]> => {
  const turns = new Turns(run.signal, mainTurn);
  const wanted = await turns.collect(plan.entries, (entry) => (entry.type === 'f' || (entry.type === 'l' && !plan.sidecar.foreign) ? entry : undefined));
  const errors: string[] = [];
  for (let at = 0; at < wanted.length; at += batch) {
    const part = wanted.slice(at, at + batch);
    const found = new Map<BytePath, ManifestEntry>();
    for (const entry of await host.stat(target, part.map((one) => one.path), run.signal)) {
      if (turns.due) await turns.pause();
      found.set(entry.path, entry);
    }
    for (const entry of part) {
      if (turns.due) await turns.pause();
      const now = found.get(entry.path);
      if ((now === undefined || !isSame(entry, now)) && errors.length < named) errors.push(`${now === undefined ? 'Missing' : 'Different'} on the instance: ${displayName(entry.path)}`);
    }
    onFiles(at + part.length);
  }
  if (errors.length === 0) run.log('info', `Verified on the instance: size and time of ${plan.files} files, targets of ${wanted.length - plan.files} links. Contents were not read again.`);
  return errors;
};
