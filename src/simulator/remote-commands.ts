// Answers the app's remote commands on an instance's tree; there is no shell behind it. See [Note: Remote commands].
import { lstat, readFile, stat } from 'node:fs/promises';
import { findRecord, prunedBy, walkRecords } from './find-records';
import { runDelta } from './remote-delta';
import { nulNames, shownName, type RemoteIo } from './remote-io';
import { parseRemote } from './remote-parse';
import { runRest } from './remote-rest';
import { runRestore } from './remote-restore';
import { BadPath, resolveInside } from './tree';

/** Exit code of a shell that does not find a command. */
const notFoundCode = 127;
/** Exit code of xargs when a child failed. */
const xargsFailed = 123;
const batchBytes = 65_536;

/** The real path of a directory inside the tree, or null when there is none. */
const directory = async (root: string, path: string): Promise<Buffer | null> => {
  try {
    const real = await resolveInside(root, path, { followLast: true });
    return (await stat(real)).isDirectory() ? real : null;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || error instanceof BadPath) return null;
    throw error;
  }
};

const noDirectory = (path: string, io: RemoteIo): number => {
  io.stderr(`sh: 1: cd: can't cd to ${path}\n`);
  return 1;
};

const mostIgnoreBytes = 65_536;

/** The beginning of the directory's `.dumontignore`, or null. */
const ignoreFile = async (root: string, path: string): Promise<Buffer | null> => {
  try {
    const real = await resolveInside(root, '.dumontignore', { from: path, followLast: true });
    return (await stat(real)).isFile() ? (await readFile(real)).subarray(0, mostIgnoreBytes) : null;
  } catch {
    return null;
  }
};

const probe = async (root: string, path: string, io: RemoteIo): Promise<number> => {
  const there = (await directory(root, path)) !== null;
  const facts = ['uname=Linux', 'tar=gnu', 'find=gnu', 'nice=yes', 'ionice=yes', 'xargs=yes', 'stat=no', 'dig=yes', `dir=${there ? 'yes' : 'no'}`, `now=${Math.floor(Date.now() / 1000)}`, 'home=/root'];
  await io.stdout(Buffer.from(`${facts.join('\n')}\n`));
  const ignore = there ? await ignoreFile(root, path) : null;
  if (ignore !== null) await io.stdout(Buffer.concat([Buffer.from('ignore:\n'), ignore]));
  return 0;
};

const withoutDot = (name: Buffer): Buffer => (name.subarray(0, 2).equals(Buffer.from('./')) ? name.subarray(2) : name);

const manifest = async (root: string, path: string, prune: readonly string[], io: RemoteIo): Promise<number> => {
  const top = await directory(root, path);
  if (!top) return noDirectory(path, io);
  let batch: Buffer[] = [];
  let size = 0;
  for await (const record of walkRecords(top, prunedBy(prune))) {
    batch.push(record);
    size += record.length;
    if (size < batchBytes) continue;
    await io.stdout(Buffer.concat(batch));
    batch = [];
    size = 0;
  }
  if (size > 0) await io.stdout(Buffer.concat(batch));
  return 0;
};

/** Both at once, unless there is a `.dumontignore` to be read first. */
const survey = async (root: string, path: string, prune: readonly string[], io: RemoteIo): Promise<number> => {
  await probe(root, path, io);
  if (!(await directory(root, path)) || (await ignoreFile(root, path)) !== null) return 0;
  await io.stdout(Buffer.from('listing:\n'));
  return manifest(root, path, prune, io);
};

const statNamed = async (root: string, path: string, io: RemoteIo): Promise<number> => {
  if (!(await directory(root, path))) return noDirectory(path, io);
  let code = 0;
  for await (const name of nulNames(io.stdin)) {
    try {
      const real = await resolveInside(root, withoutDot(name), { from: path });
      await lstat(real);
      await io.stdout(await findRecord(real, withoutDot(name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof BadPath)) throw error;
      code = xargsFailed;
      io.stderr(`find: '${shownName(name)}': No such file or directory\n`);
    }
  }
  return code;
};

const delta = async (root: string, path: string, io: RemoteIo): Promise<number> =>
  (await directory(root, path)) ? runDelta(root, path, io) : noDirectory(path, io);

/** Holes cost nothing in a simulation: the names are read, and that is all. */
const dig = async (root: string, path: string, io: RemoteIo): Promise<number> => {
  if (!(await directory(root, path))) return noDirectory(path, io);
  for await (const name of nulNames(io.stdin)) void name;
  return 0;
};

/** Keeps a connection open for others to share, as long as its stdin is. */
const hold = async (io: RemoteIo): Promise<number> => {
  await io.stdout(Buffer.from('\n'));
  for await (const part of io.stdin) void part;
  return 0;
};

/** A command of the user's: there is no shell, so it only says what it was told. `false` and `exit N` end as they would. */
const hook = async (root: string, path: string, text: string, io: RemoteIo): Promise<number> => {
  if (!(await directory(root, path))) return noDirectory(path, io);
  await io.stdout(Buffer.from(`(simulated) ${text}\n`));
  const exit = /(?:^|[\s;&])exit (\d{1,3})\s*$/.exec(text)?.[1];
  return exit === undefined ? Number(text.trim() === 'false') : Number(exit);
};

/** True for commands after which the project may have moved on; the others see the files as they were listed. */
export const startsCapture = (line: string): boolean => {
  const name = parseRemote(line)?.name;
  return name === 'probe' || name === 'survey' || name === 'manifest';
};

/** Runs one command line on the tree below `root`; answers the exit code. */
export const runRemote = async (root: string, line: string, io: RemoteIo): Promise<number> => {
  const command = parseRemote(line);
  if (command?.name === 'hold') return hold(io);
  const [path, ...rest] = command?.args ?? [];
  if (command && path !== undefined && path.startsWith('/')) {
    switch (command.name) {
      case 'probe':
        return probe(root, path, io);
      case 'survey':
        return survey(root, path, rest, io);
      case 'manifest':
        return manifest(root, path, rest, io);
      case 'delta':
        return delta(root, path, io);
      case 'rest':
        return (await directory(root, path)) ? runRest(root, path, rest[0] ?? '0', io) : noDirectory(path, io);
      case 'stat':
        return statNamed(root, path, io);
      case 'dig':
        return dig(root, path, io);
      case 'hook':
        return hook(root, path, rest[0] ?? '', io);
      case 'restore':
        return runRestore(root, path, io);
      default:
    }
  }
  io.stderr('this simulated host has no shell\n');
  return notFoundCode;
};
