// Repositories: where snapshots are kept, here or on a server.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, number, numberOrNull, operationId, startedOperation, text, textOrNull, whole, wholeOrNull } from './common';
import { authErrors, lookupErrors, repositoryErrors, repositoryPasswordErrors, resticErrors, secretErrors, sessionErrors } from './errors';

/** Who holds the data: a folder of this computer, or one of the backends that restic speaks. */
export const repositoryKind = z.enum(['local', 'sftp', 'rest', 's3', 'b2', 'azure', 'gs', 'swift', 'rclone', 'other']);

/** `default` is the one in the app's own folder. */
export const repositoryId = z.union([z.literal('default'), z.uuid()]);

/** `none`: it is made when the first snapshot is taken. `unknown`: not asked yet, or it failed in another way. */
export const repositoryState = z.enum(['none', 'ready', 'missing', 'wrong_password', 'locked', 'unreachable', 'damaged', 'restic_missing', 'restic_too_old', 'unknown']);

const name = text.trim().min(1).max(100).regex(/^[^\p{Cc}]+$/u, 'no control characters');
const location = text.min(1).max(4096).describe("An absolute folder of this computer, or restic's own form: sftp:, rest:, s3:, b2:, azure:, gs:, swift:, rclone:");
const credentials = z.record(text.regex(/^[A-Z0-9_]{1,64}$/), text.max(8192)).describe("By restic's own variable names; kept in the store for secrets, given to restic only through its environment");
/** restic cuts blanks off a password that it reads from a file. */
const repositoryPassword = text.min(1).max(1024).regex(/^\S(?:[^\n\r\0]*\S)?$/, 'no blanks at its ends, one line');

export const repositorySample = z.object({
  at: instant,
  size_bytes: number.describe('Bytes that are stored'),
  uncompressed_bytes: numberOrNull.describe('The same data without compression; null where restic cannot say'),
  snapshot_count: whole,
});

export const repositoryItem = z.object({
  id: repositoryId,
  name: text.describe("Empty: the one in the app's own folder, which nobody has named"),
  kind: repositoryKind,
  location: text.describe('Never holds a secret'),
  is_default: flag,
  state: repositoryState,
  credentials: z.array(text).describe('Which are set, by name'),
  size_bytes: numberOrNull,
  snapshot_count: wholeOrNull,
  source_count: whole.describe('Directories whose snapshots are kept here'),
  recovery_key: flag.describe('A recovery key has been made'),
  created_at: instant,
});

export const repositoryLock = z.object({
  holder: text,
  since: instant,
  exclusive: flag,
  removable: flag.describe('Its process is provably gone, or it was not refreshed for 30 minutes'),
});

/** One repository, asked now. */
export const repositoryDetail = repositoryItem.extend({
  problem: textOrNull.describe('What restic or the server said, when it is not ready'),
  locks: z.array(repositoryLock),
});

/** What lies at a place, before anything is kept of it. */
export const placeFacts = z.object({ kind: repositoryKind, location: text, exists: flag, snapshot_count: whole, own_count: whole.describe('Snapshots that this app took, here or elsewhere') });

export const imported = z.object({ repository: repositoryItem, operation_id: operationId, own: whole, foreign: whole });

const place = { location, credentials: credentials.default({}) };
const byId = z.object({ id: repositoryId });
const tag = { tags: ['repositories'] };
const usual = { ...sessionErrors, ...secretErrors, ...resticErrors };

export const repositories = {
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/repositories', summary: 'Where snapshots are kept, the default first' })
    .output(z.object({ repositories: z.array(repositoryItem), count: whole }))
    .errors({ ...sessionErrors, ...secretErrors }),
  create: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories', summary: 'Make a new repository in a free place' })
    .input(z.object({ name, ...place, password: repositoryPassword.optional().describe('Default: a random one'), make_default: flag.default(false) }))
    .output(repositoryItem)
    .errors({ ...usual, ...repositoryErrors }),
  connect: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories/connect', summary: 'Look what is at a place, with its password; nothing is kept' })
    .input(z.object({ ...place, password: repositoryPassword }))
    .output(placeFacts)
    .errors({ ...usual, ...repositoryErrors }),
  import: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories/import', summary: 'Take over a repository that exists; snapshots of this app regain their instance and folder' })
    .input(z.object({ name, ...place, password: repositoryPassword, make_default: flag.default(false), wait: flag.default(true) }))
    .output(z.union([imported, startedOperation]))
    .errors({ ...usual, ...repositoryErrors }),
  get: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/repositories/{id}', summary: 'One repository, asked now: its state and who holds it' })
    .input(byId)
    .output(repositoryDetail)
    .errors({ ...usual, ...lookupErrors }),
  change: oc
    .route({ ...tag, method: 'PATCH', path: '/api/v1/repositories/{id}', summary: 'Rename, make default, or replace the credentials of its server' })
    .input(byId.extend({ name: name.optional(), is_default: z.literal(true).optional(), credentials: credentials.optional() }))
    .output(repositoryItem)
    .errors({ ...usual, ...lookupErrors, ...repositoryErrors }),
  remove: oc
    .route({ ...tag, method: 'DELETE', path: '/api/v1/repositories/{id}', summary: 'Forget a repository and its password here; its data stay where they are' })
    .input(byId)
    .output(z.object({ success: z.literal(true), id: repositoryId, snapshots: whole.describe('No longer listed here') }))
    .errors({ ...usual, ...lookupErrors, ...repositoryErrors }),
  changePassword: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories/{id}/password', summary: "Replace the repository's password; a random one by default" })
    .input(byId.extend({ password: text.max(4096).describe("The account's"), new_password: repositoryPassword.optional() }))
    .output(repositoryItem)
    .errors({ ...usual, ...lookupErrors, ...authErrors, ...repositoryErrors, ...repositoryPasswordErrors }),
  recoveryKey: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories/{id}/recovery-key', summary: 'Make a second key of a repository and show it once' })
    .input(byId.extend({ password: text.max(4096).describe("The account's") }))
    .output(z.object({ recovery_key: text, repository: text }))
    .errors({ ...usual, ...lookupErrors, ...authErrors }),
  statistics: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/repositories/{id}/statistics', summary: 'Size, compression and number of snapshots over time' })
    .input(byId)
    .output(z.object({ samples: z.array(repositorySample), count: whole }))
    .errors({ ...sessionErrors, ...lookupErrors }),
  unlock: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories/{id}/unlock', summary: 'Remove locks that dead programs left; refused while one may be alive' })
    .input(byId)
    .output(repositoryDetail)
    .errors({ ...usual, ...lookupErrors }),
  repair: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/repositories/{id}/repair', summary: 'Put a damaged repository right: index, packs, snapshots, then a full check' })
    .input(byId)
    .output(startedOperation)
    .errors({ ...usual, ...lookupErrors }),
};
