// What is in the snapshots: folders, search over all of them, states of one file, what changed between two, previews and downloads.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, mostPaths, number, numberOrNull, operationId, text, textOrNull, whole, wholeOrNull } from './common';
import { downloadErrors, indexErrors, lookupErrors, resticErrors, secretErrors, sessionErrors } from './errors';

const snapshotId = text.regex(/^[0-9a-f]{8,64}$/);
const base64 = text.max(8192).regex(/^[A-Za-z0-9+/]*={0,2}$/, 'base64');

/** A path relative to what was captured: text, or base64 of its bytes for a name that is not UTF-8. Neither: what was captured itself. */
const address = {
  path: text.max(4096).optional().describe('Relative to what was captured'),
  path64: base64.optional().describe('The same as base64 of its bytes, for names that are not UTF-8'),
};

export const fileType = z.enum(['file', 'dir', 'symlink', 'fifo', 'socket', 'chardev', 'dev', 'other']);

export const snapshotFile = z.object({
  path: textOrNull.describe('Relative to what was captured; null when it is not UTF-8'),
  path64: textOrNull.describe('Base64 of its bytes, when it is not UTF-8'),
  name: text.describe('To be shown, with odd characters escaped; in a folder relative to it'),
  type: fileType,
  size: number.describe('Bytes; of a directory those of all files below it'),
  mtime: instant,
  mode: text.describe('Octal'),
  uid: whole,
  gid: whole,
  target: textOrNull.describe('Of a symbolic link, with odd characters escaped'),
  sha256: textOrNull.describe('Where it is known'),
  stored: flag.describe('False: recorded, but its content is not in the snapshot'),
  entries: wholeOrNull.describe('Of a directory: what lies directly in it'),
  files: wholeOrNull.describe('Of a directory: the files below it'),
});

export const folderPage = z.object({
  snapshot_id: text,
  folder: snapshotFile,
  rows: z.array(snapshotFile).describe('Directories first. One that holds nothing but one directory comes as that one'),
  offset: whole,
  total: whole,
});

export const searchResult = snapshotFile.extend({
  snapshot_id: text.describe('The newest snapshot that has it'),
  versions: whole.describe('Different states of it'),
  snapshots: whole.describe('Snapshots that have it'),
});

export const searchPage = z.object({
  results: z.array(searchResult).describe('Best first'),
  count: whole,
  total: whole.describe('All that match'),
  unread: whole.describe('Snapshots whose contents are not known yet'),
  operation_id: operationId.nullable().describe('Reads them'),
});

export const fileVersion = snapshotFile.extend({ snapshot_ids: z.array(text).describe('Newest first') });

export const changeKind = z.enum(['added', 'removed', 'changed', 'attributes']);

export const fileChange = z.object({
  change: changeKind.describe('attributes: mode, owner or time only'),
  file: snapshotFile.describe('As it is in the later one, or as it was'),
  size_before: numberOrNull,
  size_after: numberOrNull,
});

const totals = z.object({ files: whole, bytes: number });

export const snapshotDiff = z.object({
  from: text,
  to: text,
  changes: z.array(fileChange).describe('By path'),
  offset: whole,
  total: whole,
  added: totals,
  removed: totals,
  changed: totals,
  attributes: totals,
});

export const filePreview = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), file: snapshotFile, text: text.describe('The first 256 KiB; control characters escaped'), truncated: flag }),
  z.object({ kind: z.literal('image'), file: snapshotFile, media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']) }),
  z.object({ kind: z.literal('none'), file: snapshotFile, reason: z.enum(['not_a_file', 'not_stored', 'binary', 'too_large', 'empty']) }),
]);

const page = { offset: whole.min(0).max(10_000_000).default(0), limit: whole.min(1).max(1000).default(200) };
const tag = { tags: ['files'] };
const lookup = { ...sessionErrors, ...secretErrors, ...lookupErrors, ...resticErrors, ...indexErrors };

export const files = {
  search: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/search', summary: 'Files of all snapshots by part of their name' })
    .input(z.object({ q: text.max(500), snapshot_id: snapshotId.optional().describe('Only in this one'), limit: whole.min(1).max(500).default(100) }))
    .output(searchPage)
    .errors(lookup),
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/{id}/files', summary: 'A folder of a snapshot' })
    .input(z.object({ id: snapshotId, ...address, filter: text.max(255).default('').describe('Part of a name'), sort: z.enum(['name', 'size', 'mtime']).default('name'), descending: flag.default(false), ...page }))
    .output(folderPage)
    .errors(lookup),
  versions: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/{id}/files/versions', summary: 'All states of a file in the snapshots of the same folder, newest first' })
    .input(z.object({ id: snapshotId, ...address }))
    .output(z.object({ versions: z.array(fileVersion), count: whole }))
    .errors(lookup),
  diff: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/{id}/diff/{other}', summary: 'What is different in another snapshot of the same folder' })
    .input(z.object({ id: snapshotId, other: snapshotId, ...page }))
    .output(snapshotDiff)
    .errors({ ...lookup, ...indexErrors }),
  preview: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/{id}/files/preview', summary: 'The beginning of a text file, or which image it is' })
    .input(z.object({ id: snapshotId, ...address }))
    .output(filePreview)
    .errors(lookup),
  image: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/{id}/files/image', summary: 'The bytes of an image: png, jpeg, gif or webp, at most 16 MiB' })
    .input(z.object({ id: snapshotId, ...address }))
    .output(z.file())
    .errors(lookup),
  download: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/snapshots/{id}/files/download', summary: 'A file as its bytes, or a directory as a tar archive', outputStructure: 'detailed' })
    .input(z.object({ id: snapshotId, ...address }))
    .output(z.object({ headers: z.record(text, text), body: z.any() }))
    .errors({ ...lookup, ...downloadErrors }),
  archive: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/snapshots/{id}/files/archive', summary: 'Several files and directories as one tar archive', outputStructure: 'detailed' })
    .input(z.object({ id: snapshotId, paths: z.array(text.min(1).max(4096)).max(mostPaths).default([]), paths64: z.array(base64.min(1)).max(mostPaths).default([]) }).refine(({ paths, paths64 }) => paths.length + paths64.length > 0, { path: ['paths'], message: 'at least one' }))
    .output(z.object({ headers: z.record(text, text), body: z.any() }))
    .errors({ ...lookup, ...downloadErrors }),
};
