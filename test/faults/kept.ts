// What a mirror on the disk holds of the host's files: the rest is what the next run has to fetch.
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import path from 'node:path';
import { mirrorPath, mirrorRoot } from '../../src/main/domain/snapshot-names';

const statOrNull = (file: string | Buffer): Stats | null => {
  try {
    return lstatSync(file);
  } catch {
    return null;
  }
};

/** Regular files below a folder, names as bytes. */
const filesBelow = (root: string): readonly { readonly name: string; readonly facts: Stats }[] => {
  const found: { name: string; facts: Stats }[] = [];
  const walk = (below: string): void => {
    const folder = Buffer.concat([Buffer.from(root), Buffer.from('/'), Buffer.from(below, 'latin1')]);
    for (const name of readdirSync(folder, { encoding: 'buffer' })) {
      const full = below === '' ? name.toString('latin1') : `${below}/${name.toString('latin1')}`;
      const facts = lstatSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(full, 'latin1')]));
      if (facts.isDirectory()) walk(full);
      else if (facts.isFile()) found.push({ name: full, facts });
    }
  };
  walk('');
  return found;
};

/** Nothing but a size and a time: its content is in the snapshot that the next one builds on. */
const isStub = (facts: Stats): boolean => facts.size >= 1_048_576 && facts.blocks * 512 < facts.size;

/** Bytes and files of the host that the mirror has no copy of the right size and time of; a file with several names counts once. `stubs`: they stand for content, as long as their snapshot is there. */
export const lacking = (workspace: string, mirror: string, stubs: boolean): { readonly bytes: number; readonly files: number } => {
  const root = path.join(mirror, 'tree', mirrorRoot(workspace));
  const files = filesBelow(workspace);
  const here = (one: (typeof files)[number]): boolean => {
    const copy = statOrNull(path.join(root, mirrorPath(one.name)));
    return copy !== null && copy.isFile() && (stubs || !isStub(copy)) && copy.size === one.facts.size && Math.abs(copy.mtimeMs - one.facts.mtimeMs) < 0.002;
  };
  const held = new Set(files.filter(here).map((one) => one.facts.ino));
  const missing = new Map(files.filter((one) => !held.has(one.facts.ino)).map((one) => [one.facts.ino, one.facts.size]));
  return { bytes: [...missing.values()].reduce((sum, size) => sum + size, 0), files: missing.size };
};
