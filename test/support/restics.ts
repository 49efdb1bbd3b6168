// The versions of restic that set-up unpacked for the tests.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** One restic program. */
export interface ResticBinary {
  /** Such as `0.14.0`. */
  readonly version: string;
  readonly file: string;
}

const folder = path.resolve(import.meta.dirname, '../../.tools/restic');

/** Every unpacked version, oldest first; throws when there is none, so that a suite over versions cannot pass by being empty. */
export const restics = (): readonly ResticBinary[] => {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name) && existsSync(path.join(folder, name, 'restic')))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((version) => ({ version, file: path.join(folder, version, 'restic') }));
  if (found.length === 0) throw new Error('No restic is unpacked: run `npm test -- setup` first (on Debian; elsewhere put restic into .tools/restic/<version>/restic)');
  return found;
};

/** The oldest and the newest, which differ in all that the app must bridge; every version when `EVERY_RESTIC` is set. For suites that would take too long over all. */
export const resticEnds = (): readonly ResticBinary[] => {
  const all = restics();
  return process.env['EVERY_RESTIC'] === undefined ? all.filter((_, at) => at === 0 || at === all.length - 1) : all;
};

/** The newest unpacked version. */
export const newestRestic = (): ResticBinary => {
  const newest = restics().at(-1);
  if (newest === undefined) throw new Error('No restic is unpacked');
  return newest;
};
