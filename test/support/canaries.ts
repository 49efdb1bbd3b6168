// Canaries for tests of hostile hosts: trees of every kind of entry, planted around what is attacked, and proof that nothing about them changed.
import { createHash } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Every fact about what lies below a folder, itself included: kind, mode, owner, links, times to the nanosecond, content. */
export const facts = (folder: string): string => {
  const lines: string[] = [];
  const look = (file: string): void => {
    const stats = lstatSync(file, { bigint: true });
    const content = stats.isSymbolicLink() ? readlinkSync(file) : stats.isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
    lines.push([file, stats.mode.toString(8), stats.uid, stats.gid, stats.nlink, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs, content].join(' '));
    if (stats.isDirectory()) for (const name of readdirSync(file).sort()) look(path.join(file, name));
  };
  look(folder);
  return lines.join('\n');
};

/** A small tree with a file, a hidden one, a name that attacks like to use, links inside and out, a hardlink, and odd modes. */
export const plant = (folder: string): void => {
  mkdirSync(path.join(folder, 'in'), { recursive: true });
  for (const name of ['x', 'evil', 'passwd', '.bashrc', 'in/a']) writeFileSync(path.join(folder, name), `alive: ${name}\n`);
  chmodSync(path.join(folder, 'passwd'), 0o400);
  chmodSync(path.join(folder, 'evil'), 0o755);
  linkSync(path.join(folder, 'x'), path.join(folder, 'hard'));
  symlinkSync('in/a', path.join(folder, 'link'));
  symlinkSync('/nonexistent/dumont', path.join(folder, 'dangling'));
  utimesSync(path.join(folder, 'x'), 1_000_000_000.25, 1_000_000_000.25);
};

/** What a glance shows: no change of content, name or mode leaves a change time or a directory's entries as they were. */
const glance = (folder: string): string => {
  const { ctimeNs, ino } = lstatSync(folder, { bigint: true });
  const below = readdirSync(folder, { withFileTypes: true }).map((one) => (one.isDirectory() ? glance(path.join(folder, one.name)) : `${one.name} ${lstatSync(path.join(folder, one.name), { bigint: true }).ctimeNs}`));
  return `${ino} ${ctimeNs} ${below.join(' ')}`;
};

/** Plants one in each folder; the answer throws when anything about any of them changed. `quick` reads no contents. */
export const guardTrees = (folders: readonly string[]): ((quick?: boolean) => void) => {
  for (const folder of folders) plant(folder);
  const before = folders.map(facts);
  const shown = folders.map(glance);
  return (quick = false) => {
    for (const [at, folder] of folders.entries()) {
      if (quick && glance(folder) === shown[at]) continue;
      const now = facts(folder);
      if (now !== before[at]) throw new Error(`The canaries in ${folder} were touched:\n${before[at]}\n--- now\n${now}`);
    }
  };
};
