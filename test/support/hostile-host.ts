// A rented host whose `tar`, `find` and `dd` belong to an attacker: scripts before the real ones on the PATH of a real sshd, told by files what to do next.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Which of the host's answers is replaced. */
export type Answer = 'tar' | 'manifest' | 'stat' | 'rest';

/** The host's programs and what they do. */
export interface HostileHost {
  /** Lines for `sshd_config`. */
  readonly settings: readonly string[];
  /** From now on this answer is what a shell script prints; `$BYTES` is a file of these bytes, and `$1`... are the program's own arguments. */
  answer(which: Answer, script: string, bytes?: Buffer): void;
  /** From now on all answers are the real programs'. */
  honest(): void;
}

const script = (lines: readonly string[]): string => ['#!/bin/sh', ...lines, ''].join('\n');

/** Makes the programs below a folder. */
export const makeHostileHost = (folder: string): HostileHost => {
  const bin = path.join(folder, 'bin');
  const orders = path.join(folder, 'orders');
  mkdirSync(bin, { recursive: true });
  mkdirSync(orders);
  const order = (which: Answer): string => `if [ -f '${orders}/${which}' ]; then BYTES='${orders}/${which}.bytes'; . '${orders}/${which}'; exit; fi`;
  writeFileSync(path.join(bin, 'tar'), script(['case "$*" in *--version*) exec /usr/bin/env PATH=/usr/bin:/bin tar "$@";; esac', order('tar'), 'PATH=/usr/bin:/bin exec tar "$@"']), { mode: 0o755 });
  writeFileSync(path.join(bin, 'find'), script(['case "$*" in', `*--version*) ;;`, `*'-maxdepth 0'*) ${order('stat')};;`, `*) ${order('manifest')};;`, 'esac', 'PATH=/usr/bin:/bin exec find "$@"']), { mode: 0o755 });
  writeFileSync(path.join(bin, 'dd'), script(['case "$*" in --help) exec /usr/bin/env PATH=/usr/bin:/bin dd "$@";; esac', order('rest'), 'PATH=/usr/bin:/bin exec dd "$@"']), { mode: 0o755 });
  const honest = (): void => {
    for (const which of ['tar', 'manifest', 'stat', 'rest']) for (const ending of ['', '.bytes']) rmSync(path.join(orders, `${which}${ending}`), { force: true });
  };
  return {
    settings: [`SetEnv PATH=${bin}:/usr/bin:/bin`],
    answer: (which, text, bytes) => {
      if (bytes !== undefined) writeFileSync(path.join(orders, `${which}.bytes`), bytes);
      writeFileSync(path.join(orders, which), `${text}\n`);
    },
    honest,
  };
};

/** One record of a listing; every field may lie. */
export const record = (path_: string, fields: Readonly<Partial<Record<'type' | 'mode' | 'uid' | 'gid' | 'size' | 'blocks' | 'mtime' | 'ctime' | 'inode' | 'links' | 'device' | 'target', string>>> = {}): Buffer => {
  const { type = 'f', mode = '644', uid = '0', gid = '0', size = '5', blocks = '8', mtime = '1700000000.5', ctime = '1700000000.5', inode = '1', links = '1', device = '1', target = '' } = fields;
  return Buffer.from(`${[type, mode, uid, gid, size, blocks, mtime, ctime, inode, links, device].join('\t')}\0${target}\0${path_}\0`, 'latin1');
};

/** The directory itself. */
export const rootRecord = record('', { type: 'd', mode: '755', size: '4096' });
