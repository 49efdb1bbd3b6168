// Which state of which file a part belongs to that came before its fetch broke off. See [Note: Kept parts].
import type { ManifestEntry } from './snapshot-manifest';

/*
 * [Note: Kept parts] What came of a large file before its fetch broke off (a lost connection, a cancel, the end of the app) is kept beside the mirror's tree, where restic never looks, and
 * the next fetch asks the host for the rest only. What keeps a wrong file from being put together:
 *  - a part belongs to one state of one file: path, size, times, inode and device as they were listed. In any other state the file is fetched whole, and a part that no listing asks for is removed;
 *  - content goes to the part as it comes, and at every step of 16 MiB a mark, the SHA-256 of everything up to there, is written beside it. Before a fetch goes on, all of it is hashed again, and it counts up to
 *    the last mark that is right: a kill, a power cut or a bad disk costs the end of a part and never makes it wrong. So all interruptions are alike, and nothing has to be done at the moment of one;
 *  - a mark is set only once something other than zeros came after it: GNU tar fills what it cannot read any further up with zeros to its end, and says so where nobody may listen any more;
 *  - the file is complete at exactly the listed size, and then the host must show the same state once more, else it is fetched again.
 */

/** Parts are kept of files from this size on, bytes: smaller ones come again soon enough. */
export const partFloor = 67_108_864;

/** The state of a file, as one line of text; null where no part of it may be kept: it is small, or it changed so lately that its times do not tell its states apart. */
export const identityOf = ({ type, path, size, mtime, ctime, inode, device }: ManifestEntry): string | null =>
  type === 'f' && size >= partFloor && ctime !== '0' ? JSON.stringify([path, size, mtime, ctime, inode, device]) : null;
