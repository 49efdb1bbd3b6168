// A folder on an exFAT disk. `DUMONT_EXFAT` names one on a real disk (docs/verified.md); else Node's own file system, seen through a lens that shows it as exFAT: one name in any case, no links of either kind.
import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Not through any lens. */
const real = process.getBuiltinModule('node:fs');

/** What lies below a folder of this name is seen through the lens. */
const lensName = 'seen-as-exfat';

/** A folder of one test. */
export const makeExfatDir = (): { readonly path: string; remove(): void } => {
  const home = real.mkdtempSync(path.join(process.env.DUMONT_EXFAT ?? tmpdir(), 'dumont-exfat-'));
  return { path: process.env.DUMONT_EXFAT === undefined ? path.join(home, lensName) : home, remove: () => real.rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
};

type Name = string | Buffer;

const refused = (code: string, call: string): Error => Object.assign(new Error(`${code}: ${call} as on exFAT`), { code });

/** `Sync` functions throw, the others reject; both go through here. */
class Lens {
  private entries(folder: string): readonly string[] {
    try {
      return real.readdirSync(Buffer.from(folder, 'latin1'), { encoding: 'buffer' }).map((name) => name.toString('latin1'));
    } catch {
      return [];
    }
  }

  private static folded(name: string): string {
    return Buffer.from(name, 'latin1').toString('utf8').toLowerCase();
  }

  /** The name as it is spelled on the disk. */
  spelled(name: Name): Name {
    const text = Buffer.from(name as string, 'utf8').toString('latin1');
    const start = text.indexOf(`/${lensName}/`);
    if (start === -1) return name;
    let now = text.slice(0, start + lensName.length + 1);
    const parts = text.slice(now.length + 1).split('/').filter((part) => part !== '');
    for (const [at, part] of parts.entries()) {
      const there = this.entries(now);
      const found = there.includes(part) ? part : there.find((other) => Lens.folded(other) === Lens.folded(part));
      if (found === undefined) {
        now = [now, ...parts.slice(at)].join('/');
        break;
      }
      now += `/${found}`;
    }
    return typeof name === 'string' ? Buffer.from(now, 'latin1').toString('utf8') : Buffer.from(now, 'latin1');
  }

  isBelow(name: Name): boolean {
    return Buffer.from(name as string, 'utf8').toString('latin1').includes(`/${lensName}/`);
  }

  /** Where a rename leads: the name gets the new spelling, and what had another is gone. */
  renamed(from: Name, to: Name): readonly [Name, Name] {
    const [source, there] = [this.spelled(from), this.spelled(to)];
    if (!this.isBelow(to) || String(there) === String(to)) return [source, to];
    const last = path.basename(String(to));
    const target = path.join(path.dirname(String(there)), last);
    if (path.basename(String(there)) !== last && String(there) !== String(source)) real.rmSync(there, { force: true });
    return [source, typeof to === 'string' ? target : Buffer.from(target, 'utf8')];
  }
}

/** Makes of what a program that knows no lens wrote what an exFAT disk had made of it: names alike are one, and the last one wins. */
export const mergeAlike = (folder: string): void => {
  if (!folder.includes(`/${lensName}/`)) return;
  const first = new Map<string, string>();
  for (const name of real.readdirSync(folder).sort()) {
    const file = path.join(folder, name);
    const before = first.get(name.toLowerCase());
    const isFolder = real.lstatSync(file).isDirectory();
    if (before === undefined) {
      first.set(name.toLowerCase(), file);
      continue;
    }
    if (isFolder && real.lstatSync(before).isDirectory()) for (const inner of real.readdirSync(file)) real.renameSync(path.join(file, inner), path.join(before, inner));
    else if (!isFolder) real.renameSync(file, before);
    real.rmSync(file, { recursive: true, force: true });
  }
  for (const file of first.values()) if (real.lstatSync(file).isDirectory()) mergeAlike(file);
};

type Call = (...args: readonly unknown[]) => unknown;

const onePath = ['lstat', 'stat', 'open', 'readdir', 'readFile', 'writeFile', 'unlink', 'rm', 'rmdir', 'mkdir', 'utimes', 'lutimes', 'chmod', 'truncate', 'readlink', 'access', 'createReadStream', 'copyFile'];

/** A module of Node's file system through the lens, for `vi.mock`; `promised`: its functions without `Sync` give promises. */
export const throughLens = (module: typeof fs | typeof promises, promised: boolean): Record<string, unknown> => {
  const lens = new Lens();
  const seen: Record<string, unknown> = { ...module };
  const wrap = (name: string, through: (call: Call, args: readonly unknown[]) => unknown): void => {
    for (const [key, isSync] of [[name, promised], [`${name}Sync`, true]] as const) {
      const call = (module as unknown as Record<string, Call | undefined>)[key];
      // Callbacks are used by libraries only.
      if (call === undefined || !(isSync || name === 'createReadStream')) continue;
      seen[key] = (...args: readonly unknown[]): unknown => {
        if (!promised) return through(call, args);
        try {
          return through(call, args);
        } catch (error) {
          return Promise.reject(error);
        }
      };
    }
  };
  for (const name of onePath) wrap(name, (call, args) => call(lens.spelled(args[0] as Name), ...args.slice(1)));
  wrap('rename', (call, args) => call(...lens.renamed(args[0] as Name, args[1] as Name)));
  for (const [name, code] of [['link', 'EPERM'], ['symlink', 'ENOSYS']] as const) {
    wrap(name, (call, args) => {
      if (lens.isBelow(args[1] as Name)) throw refused(code, name);
      return call(...args);
    });
  }
  return { ...seen, default: seen };
};
