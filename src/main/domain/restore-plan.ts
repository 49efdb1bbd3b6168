// What a restore takes out of a snapshot: the sidecar read, the chosen paths resolved to entries and to calls of restic. Pure but for reading the sidecar.
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { AppError } from './app-error';
import { toBytePath } from './snapshot-names';
import type { BytePath, RepositoryAccess, ResticRepository } from './snapshot-ports';
import { readSidecar, sidecarName, type Sidecar, type SidecarEntry } from './sidecar';

/** Above so many single calls of restic (0.6 s each) one dump of everything is quicker. */
const mostDumps = 16;

/** One call of `restic dump`. */
export type DumpCall = { readonly kind: 'tree'; readonly path: string } | { readonly kind: 'file'; readonly path: string; readonly entry: SidecarEntry };

export interface RestorePlan {
  readonly sidecar: Sidecar;
  readonly whole: boolean;
  /** Entries that are restored, directories before what is in them. */
  readonly entries: readonly SidecarEntry[];
  readonly dumps: readonly DumpCall[];
  /** Paths inside the snapshot, for `restic restore --include`. */
  readonly includes: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/** Reads the sidecar of a snapshot. */
export const loadSidecar = async (restic: ResticRepository, access: RepositoryAccess, id: string, signal?: AbortSignal): Promise<Sidecar> => {
  const source = Readable.from(restic.dump(access, id, `/${sidecarName}`, signal));
  const unpacked = createGunzip();
  // An error of the source must reach the reader of the lines.
  source.on('error', (error) => unpacked.destroy(error));
  source.pipe(unpacked);
  const lines = async function* split(): AsyncGenerator<string> {
    let rest = '';
    unpacked.setEncoding('utf8');
    for await (const text of unpacked as AsyncIterable<string>) {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
    if (rest !== '') yield rest;
  };
  return await readSidecar(lines());
};

const tidy = (path: BytePath): BytePath => path.split('/').filter((part) => part !== '' && part !== '.').join('/');

/** The paths that a caller named, as text or as base64 of their bytes; undefined when none was. */
export const chosenPaths = (input: { readonly paths?: readonly string[] | undefined; readonly paths64?: readonly string[] | undefined }): readonly BytePath[] | undefined => {
  if (input.paths === undefined && input.paths64 === undefined) return undefined;
  return [...(input.paths ?? []).map(toBytePath), ...(input.paths64 ?? []).map((path) => Buffer.from(path, 'base64').toString('latin1'))];
};

/** Resolves the chosen paths (relative to what was captured); `not_found` for one that the snapshot does not have. */
export const planRestore = (sidecar: Sidecar, chosen: readonly BytePath[] | undefined): RestorePlan => {
  // Pipes have no content: they are made again where tar can.
  const stored = sidecar.entries.filter((entry) => entry.stored || entry.type === 'p');
  const tops = chosen === undefined ? [''] : topmost(chosen.map(tidy));
  const byPath = new Map(stored.map((entry) => [entry.path, entry]));
  for (const top of tops) if (!byPath.has(top)) throw new AppError('not_found', 'The snapshot does not have this path.', { kind: 'path', id: Buffer.from(top, 'latin1').toString('utf8') });
  const whole = tops.includes('');
  const isChosen = (path: BytePath): boolean => {
    if (whole || tops.includes(path)) return true;
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) if (topSet.has(path.slice(0, at))) return true;
    return false;
  };
  const topSet = new Set(tops);
  const entries = stored.filter((entry) => isChosen(entry.path));
  const inside = (mirrorName: string): string => (mirrorName === '' ? `/${sidecar.root}` : `/${sidecar.root}/${mirrorName}`);
  const picked = tops.flatMap((top) => byPath.get(top) ?? []);
  const dumps = whole || picked.length > mostDumps
    ? [{ kind: 'tree' as const, path: inside('') }]
    : picked.flatMap((entry): DumpCall[] => (entry.type === 'd' ? [{ kind: 'tree', path: inside(entry.mirrorName) }] : entry.type === 'f' ? [{ kind: 'file', path: inside(entry.mirrorName), entry }] : []));
  const files = entries.filter((entry) => entry.type === 'f');
  return { sidecar, whole, entries, dumps, includes: picked.map((entry) => inside(entry.mirrorName)), files: files.length, bytes: files.reduce((sum, entry) => sum + entry.size, 0) };
};

/** Without those that lie below another one. */
const topmost = (paths: readonly BytePath[]): readonly BytePath[] => {
  const unique = [...new Set(paths)];
  return unique.filter((path) => !unique.some((other) => other !== path && (other === '' || path.startsWith(`${other}/`))));
};
