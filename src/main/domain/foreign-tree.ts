// What is in a snapshot that another restic client made: it has no sidecar, so its list is what restic itself says of it.
import * as z from 'zod';
import { AppError } from './app-error';
import { toBytePath } from './snapshot-names';
import type { RepositoryAccess, ResticRepository } from './snapshot-ports';
import { plainName, type Sidecar, type SidecarEntry } from './sidecar';
import { mainTurn, Turns } from './turns';

const nodeSchema = z.object({
  path: z.string(), type: z.string(), mode: z.number().int().min(0).default(0), uid: z.number().int().min(0).default(0), gid: z.number().int().min(0).default(0), size: z.number().int().min(0).default(0), mtime: z.string(),
});

const letters: Readonly<Record<string, string>> = { file: 'f', dir: 'd', symlink: 'l' };

/** Go's bits of setuid, setgid and sticky, with those of a mode. */
const special: readonly (readonly [number, number])[] = [[1 << 23, 0o4000], [1 << 22, 0o2000], [1 << 20, 0o1000]];

const modeOf = (mode: number): number => special.reduce((sum, [go, bit]) => ((mode & go) === 0 ? sum : sum | bit), mode & 0o777);

/** RFC 3339 as epoch seconds with fractions, as text. */
const secondsOf = (text: string): string => {
  const at = Date.parse(text.replace(/\.\d+/, ''));
  return `${Number.isNaN(at) ? 0 : Math.floor(at / 1000)}.${(/\.(\d+)/.exec(text)?.[1] ?? '0').slice(0, 9)}`;
};

/** A node of `restic ls`; null for what is no entry, and for names that restic's JSON destroyed: they come with their folder. */
export const foreignEntry = (line: string): SidecarEntry | null => {
  if (!line.startsWith('{')) return null;
  const read = nodeSchema.safeParse(JSON.parse(line));
  if (!read.success || read.data.path.includes('\ufffd')) return null;
  const name = read.data.path.replace(/^\/+/, '');
  if (name === '' || !plainName(name)) return null;
  const type = letters[read.data.type] ?? '?';
  return {
    path: toBytePath(name), mirrorName: name, type, mode: modeOf(read.data.mode), uid: read.data.uid, gid: read.data.gid, size: type === 'f' ? read.data.size : 0, mtime: secondsOf(read.data.mtime),
    target: '', group: '', sparse: false, sha256: '', stored: type !== '?',
  };
};

/** The list of a snapshot without a sidecar. Paths are those of the snapshot, and targets of links are not known. */
export const foreignSidecar = async (restic: Pick<ResticRepository, 'list'>, access: RepositoryAccess, id: string, signal?: AbortSignal): Promise<Sidecar> => {
  const entries: SidecarEntry[] = [{ path: '', mirrorName: '', type: 'd', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: '0', target: '', group: '', sparse: false, sha256: '', stored: true }];
  const turns = new Turns(signal, mainTurn);
  const decoder = new TextDecoder();
  let rest = '';
  const take = (line: string): void => {
    const entry = foreignEntry(line);
    if (entry !== null) entries.push(entry);
  };
  try {
    for await (const chunk of restic.list(access, id, signal)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        take(line);
        if (turns.due) await turns.pause();
      }
    }
    if (rest !== '') take(rest);
  } catch (error) {
    if (error instanceof SyntaxError) throw new AppError('repository_damaged', 'restic printed a list that cannot be read.', { output: 'ls' }, { cause: error });
    throw error;
  }
  return { directory: '', root: '', entries, foreign: true };
};
