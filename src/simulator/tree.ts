// Paths inside an instance's own file tree: like a chroot, nothing resolves to a place outside it, whatever links say.
import { lstat, mkdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

const mostLinks = 40;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const partsOf = (path: Buffer): Buffer[] => {
  const parts: Buffer[] = [];
  for (let start = 0; start <= path.length; ) {
    const slash = path.indexOf(0x2f, start);
    const end = slash === -1 ? path.length : slash;
    if (end > start) parts.push(path.subarray(start, end));
    start = end + 1;
  }
  return parts;
};

const slash = Buffer.from('/');

/** Joins raw path bytes with a slash between. */
export const joinBytes = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [slash, part])));

/** Thrown when a path cannot be followed: too many links, or a component that is no directory. */
export class BadPath extends Error {}

/** How to resolve a path. */
export interface ResolveOptions {
  /** Directory (path inside the tree) that relative paths start from. */
  readonly from?: string;
  /** Follow a symbolic link in the last place too (default: no). */
  readonly followLast?: boolean;
  /** Make missing parent directories. */
  readonly makeParents?: boolean;
}

/**
 * The real path of a path inside the tree below `root`. `..` stops at the root, absolute link targets start at the root.
 * The last component need not exist. Throws {@link BadPath} for link loops and NUL bytes.
 */
export const resolveInside = async (root: string, path: string | Buffer, options: ResolveOptions = {}): Promise<Buffer> => {
  const given = typeof path === 'string' ? Buffer.from(path) : path;
  if (given.includes(0)) throw new BadPath('a path cannot hold a NUL byte');
  const absolute = given[0] === 0x2f;
  const base = Buffer.from(root);
  const todo = [...(absolute ? [] : partsOf(Buffer.from(options.from ?? '/'))), ...partsOf(given)].reverse();
  const done: Buffer[] = [];
  let links = 0;
  while (todo.length > 0) {
    const part = todo.pop() as Buffer;
    if (part.equals(Buffer.from('.'))) continue;
    if (part.equals(Buffer.from('..'))) {
      done.pop();
      continue;
    }
    const here = joinBytes(base, ...done, part);
    const last = todo.length === 0;
    const kind = await lstat(here).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw codeOf(error) === 'ENOTDIR' ? new BadPath('Not a directory') : error;
    });
    if (kind?.isSymbolicLink() === true && (!last || options.followLast === true)) {
      links += 1;
      if (links > mostLinks) throw new BadPath('Too many levels of symbolic links');
      const target = await readlink(here, { encoding: 'buffer' });
      if (target[0] === 0x2f) done.length = 0;
      todo.push(...partsOf(target).reverse());
      continue;
    }
    if (kind === null && !last && options.makeParents === true) await mkdir(here, { mode: 0o755 });
    done.push(part);
  }
  return joinBytes(base, ...done);
};

/** The folder of an instance's tree below a state folder. */
export const treeFolder = (stateFolder: string, id: number): string => join(stateFolder, 'trees', String(id));
