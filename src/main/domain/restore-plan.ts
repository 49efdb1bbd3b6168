// What a restore takes out of a snapshot: the sidecar read, the chosen paths resolved to entries and to calls of restic. Pure but for reading the sidecar.
import { createGunzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { AppError, isAppError } from './app-error';
import { foreignSidecar } from './foreign-tree';
import { coverOf, type Cover } from './restore-cover';
import { toBytePath } from './snapshot-names';
import type { BytePath, RepositoryAccess, ResticRepository } from './snapshot-ports';
import { sidecarName, type Sidecar, type SidecarEntry } from './sidecar';
import { readSidecar } from './sidecar-read';
import { mainTurn, Turns } from './turns';

/** Above so many single calls of restic (0.6 s each) one dump of everything is quicker. */
const mostDumps = 16;
/** Above so many chosen paths restic is told of them by what they have in common. */
const mostIncludes = 200;

/** Paths inside a snapshot, for `restic restore --include`. */
export interface InsideCover {
  readonly includes: readonly string[];
  /** Each stands for every name in its directory that begins so. */
  readonly starts: readonly string[];
}

/** One call of `restic dump`. */
export type DumpCall = { readonly kind: 'tree'; readonly path: string } | { readonly kind: 'file'; readonly path: string; readonly entry: SidecarEntry };

export interface RestorePlan extends InsideCover {
  readonly sidecar: Sidecar;
  readonly whole: boolean;
  /** Entries that are restored, directories before what is in them. */
  readonly entries: readonly SidecarEntry[];
  readonly dumps: readonly DumpCall[];
  readonly files: number;
  readonly bytes: number;
}

/** Reads the sidecar of a snapshot; `restic_failed` when it has none. */
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
  return await readSidecar(lines(), signal);
};

/** The snapshot was made by another client: what restic says of a path that is not there, in all its versions. */
export const hasNoSidecar = (error: unknown): boolean => isAppError(error, 'restic_failed') && /not found in snapshot/.test(error.data.output);

/** What is in a snapshot: from its sidecar, or, of one that another client made, from restic. */
export const loadTree = async (restic: ResticRepository, access: RepositoryAccess, id: string, signal?: AbortSignal): Promise<Sidecar> => {
  try {
    return await loadSidecar(restic, access, id, signal);
  } catch (error) {
    if (!hasNoSidecar(error)) throw error;
    return await foreignSidecar(restic, access, id, signal);
  }
};

const tidy = (path: BytePath): BytePath => path.split('/').filter((part) => part !== '' && part !== '.').join('/');

/** The paths that a caller named, as text or as base64 of their bytes; undefined when none was. */
export const chosenPaths = (input: { readonly paths?: readonly string[] | undefined; readonly paths64?: readonly string[] | undefined }): readonly BytePath[] | undefined => {
  if (input.paths === undefined && input.paths64 === undefined) return undefined;
  return [...(input.paths ?? []).map(toBytePath), ...(input.paths64 ?? []).map((path) => Buffer.from(path, 'base64').toString('latin1'))];
};

/** Where an entry lies inside the snapshot, with a leading slash. */
const inside = ({ root }: Sidecar, mirrorName: string): string => `/${[root, mirrorName].filter((part) => part !== '').join('/')}`;

/** What stands for these in restic's words. */
const asInside = (sidecar: Sidecar, { names, starts }: Cover): InsideCover => ({ includes: names.map((name) => inside(sidecar, name)), starts: starts.map((name) => inside(sidecar, name)) });

/** The entries that are chosen, and nothing else. */
export const insideCover = async (sidecar: Sidecar, isChosen: (path: BytePath) => boolean, turns: Turns): Promise<InsideCover> => asInside(sidecar, await coverOf(sidecar.entries, isChosen, turns));

/** Resolves the chosen paths (relative to what was captured); `not_found` for one that the snapshot does not have. In turns: a snapshot may have millions of entries. */
export const planRestore = async (sidecar: Sidecar, chosen: readonly BytePath[] | undefined, signal?: AbortSignal): Promise<RestorePlan> => {
  const turns = new Turns(signal, mainTurn);
  const tops = chosen === undefined ? [''] : await topmost(await turns.collect(chosen, tidy), turns);
  const topSet = new Set(tops);
  const whole = topSet.has('');
  const isChosen = (path: BytePath): boolean => whole || topSet.has(path) || isBelow(path, topSet);
  const entries: SidecarEntry[] = [];
  const found = new Map<BytePath, SidecarEntry>();
  let [files, bytes] = [0, 0];
  for (const entry of sidecar.entries) {
    if (turns.due) await turns.pause();
    // Pipes have no content: they are made again where tar can.
    if ((!entry.stored && entry.type !== 'p') || !isChosen(entry.path)) continue;
    entries.push(entry);
    if (topSet.has(entry.path)) found.set(entry.path, entry);
    if (entry.type !== 'f') continue;
    files += 1;
    bytes += entry.size;
  }
  for (const top of tops) if (!found.has(top)) throw new AppError('not_found', 'The snapshot does not have this path.', { kind: 'path', id: Buffer.from(top, 'latin1').toString('utf8') });
  const picked = tops.flatMap((top) => found.get(top) ?? []);
  const dumps = whole || picked.length > mostDumps
    ? [{ kind: 'tree' as const, path: inside(sidecar, '') }]
    : picked.flatMap((entry): DumpCall[] => {
        const path = inside(sidecar, entry.mirrorName);
        return entry.type === 'd' ? [{ kind: 'tree', path }] : entry.type === 'f' ? [{ kind: 'file', path, entry }] : sidecar.foreign ? [{ kind: 'tree', path }] : [];
      });
  // Of a snapshot of another client not every name is known, and a beginning could stand for more than was chosen.
  const cover = sidecar.foreign || picked.length <= mostIncludes ? { names: picked.map((entry) => entry.mirrorName), starts: [] } : await coverOf(sidecar.entries, isChosen, turns);
  // Without includes restic restores everything.
  const paths = whole && sidecar.root === '' ? { includes: [], starts: [] } : asInside(sidecar, cover);
  return { sidecar, whole, entries, dumps, ...paths, files, bytes };
};

/** Whether one of these directories is on the way to a path. */
const isBelow = (path: BytePath, directories: ReadonlySet<BytePath>): boolean => {
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) if (directories.has(path.slice(0, at))) return true;
  return false;
};

/** Without those that lie below another one. */
const topmost = async (paths: readonly BytePath[], turns: Turns): Promise<readonly BytePath[]> => {
  const unique = new Set(paths);
  return unique.has('') ? [''] : await turns.collect(unique, (path) => (isBelow(path, unique) ? undefined : path));
};
