// Files of a snapshot as the contract shows them, and the paths that its callers name. Pure.
import { isUtf8 } from 'node:buffer';
import type { FileType, SnapshotFile } from '../../contract';
import { AppError } from './app-error';
import type { IndexedFile } from './file-index-port';
import { displayName, lastOf, toBytePath } from './snapshot-names';
import type { BytePath } from './snapshot-ports';

const types: Readonly<Record<string, FileType>> = { f: 'file', d: 'dir', l: 'symlink', p: 'fifo', s: 'socket', c: 'chardev', b: 'dev' };

const below = (path: BytePath, folder: BytePath): BytePath => (folder === '' ? path : path.slice(folder.length + 1));

/** A file; `folder`: its name is shown relative to that one, else only the last part of it. */
export const fileView = (file: IndexedFile, folder: BytePath | null): SnapshotFile => {
  const bytes = Buffer.from(file.path, 'latin1');
  const text = isUtf8(bytes);
  return {
    path: text ? bytes.toString('utf8') : null,
    path64: text ? null : bytes.toString('base64'),
    name: displayName(folder === null ? lastOf(file.path) : below(file.path, folder)),
    type: types[file.type] ?? 'other',
    size: file.size,
    mtime: instantOf(file.mtime),
    mode: file.mode.toString(8),
    uid: file.uid,
    gid: file.gid,
    target: file.type === 'l' && file.target !== '' ? displayName(file.target) : null,
    sha256: file.sha256,
    stored: file.stored,
    entries: file.entries,
    files: file.files,
  };
};

/** The host may say any time at all; a date holds about 285,000 years. */
const instantOf = (ms: number): string => new Date(Math.min(Math.max(ms, 0), 253_402_300_799_999)).toISOString();

/** The bytes of a path that a caller named; `invalid_input` for one with a way up or an empty part. */
export const pathOf = ({ path, path64 }: { readonly path?: string | undefined; readonly path64?: string | undefined }): BytePath => {
  const bytes = path64 === undefined ? toBytePath(path ?? '') : Buffer.from(path64, 'base64').toString('latin1');
  const parts = bytes.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || bytes.includes('\0')) throw new AppError('invalid_input', 'The request is not valid: path: a path without detours', { issues: [{ path: path64 === undefined ? 'path' : 'path64', message: 'a path without detours' }] });
  return parts.join('/');
};
