// A host that has nothing but busybox: settings for a test server whose sessions see only its applets.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const program = (): string => {
  const file = ['/bin/busybox', '/usr/bin/busybox'].find((one) => existsSync(one));
  if (file === undefined) throw new Error('busybox was not found; on Debian: apt-get install busybox');
  return file;
};

/** Makes a folder of applets; `without` leaves some out. */
export const busyboxApplets = (folder: string, without: readonly string[] = []): string => {
  const file = program();
  mkdirSync(folder, { recursive: true });
  for (const applet of execFileSync(file, ['--list'], { encoding: 'utf8' }).split('\n')) if (applet !== '' && !without.includes(applet)) symlinkSync(file, path.join(folder, applet));
  return folder;
};

/** Lines of sshd_config: every command runs in busybox's shell with only these applets. */
export const busyboxSettings = (applets: string): readonly string[] => [`ForceCommand exec env -i PATH=${applets} HOME=/root ${applets}/sh -c "$SSH_ORIGINAL_COMMAND"`];
