// The phases a fault can strike: which operation runs, and which of its calls is the phase.
import type { Folder } from './points';
import type { Start } from './world';

/** What the app is asked to do. */
export type Job = 'capture' | 'restore-folder' | 'restore-host' | 'delete' | 'recovery-key' | 'rehearse' | 'retention' | 'prune' | 'check' | 'password' | 'repair';

/** One phase of one job. */
export interface Phase {
  readonly name: string;
  readonly start: Start;
  readonly job: Job;
  /** The call of a program of ours that is this phase; `skip` of its kind come before. */
  readonly call: { readonly program: 'restic' | 'ssh'; readonly command: string; readonly skip?: number };
  /** The app's own work after that call: it strikes when something is made in this folder. */
  readonly afterwards?: Folder;
  /** Captures go in batches of about a megabyte. */
  readonly small?: true;
  /** Where a connection is open in this phase: which way its bulk goes, and about how many bytes go that way after the connection stands. */
  readonly wire?: { readonly way: 'down' | 'up'; readonly bytes: number };
}

/** Bytes of key exchange and sign-in that a server sends before anything else, measured. */
export const handshakeBytes = { down: 3000, up: 3500 } as const;

/** All of them, in the order they come in. */
export const phases: readonly Phase[] = [
  { name: 'connect', start: 'one', job: 'capture', call: { program: 'ssh', command: 'survey' }, wire: { way: 'down', bytes: 200 } },
  { name: 'scan', start: 'one', job: 'capture', call: { program: 'ssh', command: 'survey' }, wire: { way: 'down', bytes: 8000 } },
  // The connection of the survey goes on as that of the fetch.
  { name: 'fetch', start: 'one', job: 'capture', call: { program: 'ssh', command: 'survey' }, wire: { way: 'down', bytes: 4_410_000 } },
  { name: 'first fetch', start: 'empty', job: 'capture', call: { program: 'ssh', command: 'survey' }, wire: { way: 'down', bytes: 5_810_000 } },
  { name: 'init', start: 'empty', job: 'capture', call: { program: 'restic', command: 'init' } },
  { name: 'backup', start: 'one', job: 'capture', call: { program: 'restic', command: 'backup' } },
  { name: 'first backup', start: 'empty', job: 'capture', call: { program: 'restic', command: 'backup' } },
  { name: 'commit', start: 'one', job: 'capture', call: { program: 'restic', command: 'backup' }, afterwards: 'mirror' },
  { name: 'stub', start: 'one', job: 'capture', call: { program: 'restic', command: 'backup' }, afterwards: 'tree' },
  { name: 'partial: backup', start: 'one', job: 'capture', small: true, call: { program: 'restic', command: 'backup' } },
  { name: 'partial: commit', start: 'one', job: 'capture', small: true, call: { program: 'restic', command: 'backup' }, afterwards: 'mirror' },
  { name: 'partial: stub', start: 'empty', job: 'capture', small: true, call: { program: 'restic', command: 'backup' }, afterwards: 'tree' },
  { name: 'partial: fetch', start: 'empty', job: 'capture', small: true, call: { program: 'ssh', command: 'delta' }, wire: { way: 'down', bytes: 1_100_000 } },
  { name: 'partial: forget', start: 'one', job: 'capture', small: true, call: { program: 'restic', command: 'forget' } },
  { name: 'restore: list', start: 'one', job: 'restore-folder', call: { program: 'restic', command: 'dump' } },
  { name: 'restore: folder', start: 'one', job: 'restore-folder', call: { program: 'restic', command: 'restore' } },
  { name: 'restore: place', start: 'one', job: 'restore-folder', call: { program: 'restic', command: 'restore' }, afterwards: 'target' },
  { name: 'restore: read', start: 'one', job: 'restore-host', call: { program: 'restic', command: 'dump', skip: 1 } },
  { name: 'restore: host', start: 'one', job: 'restore-host', call: { program: 'ssh', command: 'restore' }, wire: { way: 'up', bytes: 2_600_000 } },
  { name: 'delete', start: 'one', job: 'delete', call: { program: 'restic', command: 'forget' } },
  { name: 'rehearse', start: 'one', job: 'rehearse', call: { program: 'restic', command: 'restore' } },
  { name: 'recovery key', start: 'one', job: 'recovery-key', call: { program: 'restic', command: 'key' } },
  // A policy's dry run runs for its plan, when it is carried out, and once more in the same turn as the removal.
  { name: 'retention: plan', start: 'several', job: 'retention', call: { program: 'restic', command: 'forget', skip: 2 } },
  { name: 'retention: forget', start: 'several', job: 'retention', call: { program: 'restic', command: 'forget', skip: 3 } },
  { name: 'prune', start: 'several', job: 'prune', call: { program: 'restic', command: 'prune' } },
  { name: 'check', start: 'several', job: 'check', call: { program: 'restic', command: 'check' } },
  // Of the eight calls of `key`: the keys before, whether the new password opens one, adding one, opening with it, and removing the old one.
  { name: 'password: add', start: 'one', job: 'password', call: { program: 'restic', command: 'key', skip: 3 } },
  { name: 'password: try', start: 'one', job: 'password', call: { program: 'restic', command: 'key', skip: 5 } },
  { name: 'password: remove', start: 'one', job: 'password', call: { program: 'restic', command: 'key', skip: 7 } },
  { name: 'repair: index', start: 'several', job: 'repair', call: { program: 'restic', command: 'repair' } },
  { name: 'repair: check', start: 'several', job: 'repair', call: { program: 'restic', command: 'check' } },
];
