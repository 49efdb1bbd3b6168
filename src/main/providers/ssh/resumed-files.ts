// Goes on with large files of which a part is kept: asks the host for the rest of each and puts both together. Runs in the capture worker. See [Note: Kept parts].
import { AppError } from '../../domain/app-error';
import { asDiskFull } from '../../domain/disk-room';
import { placeOf } from '../../domain/snapshot-names';
import type { BytePath, FetchFolders, FetchReport, WantedFile } from '../../domain/snapshot-ports';
import { leavesPart } from './capture-job';
import { Outgrown } from './capture-reader';
import type { PartFile } from './incoming-file';
import { DiskParts } from './kept-parts';
import { receive, type ReceiveJob } from './received';

/** What is asked of the host. */
export interface RestOf {
  /** The command that sends a file from this byte on. */
  readonly job: (from: number) => Promise<ReceiveJob>;
  /** The file is still as it was listed. */
  readonly isSame: (file: WantedFile) => Promise<boolean>;
}

type Progress = (bytes: number, files: number) => void;

/** How one ended: it is whole, or is to be fetched as if there were no part. Throws what breaks off a fetch. */
const goOn = async (file: WantedFile, part: PartFile, place: string, host: RestOf, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<string | null> => {
  const from = part.size;
  const take = (chunk: Buffer): void => {
    if (chunk.length > file.size - part.size) throw new Outgrown(file.path);
    part.write(chunk);
  };
  let open = true;
  let keep = false;
  try {
    const { failure } = await receive(await host.job(from), [file], signal, take, () => onBytes(part.size - from));
    if (failure !== null && !(failure instanceof Outgrown)) throw asDiskFull(failure, place);
    if (failure === null && part.size === file.size) {
      open = false;
      return part.finish(place, file.copyMtime);
    }
    if (!(await host.isSame(file))) return null;
    // It did not grow: the host lies.
    if (failure !== null) throw failure;
    // Less than there is, and nothing that counts: its disk cannot be read there, or it has no such tool. tar says which.
    if (part.kept === from) return null;
    throw new AppError('connection_cut', 'The connection to the instance was cut. What was fetched is kept.', { phase: 'fetch' });
  } catch (error) {
    keep = leavesPart(error);
    throw error;
  } finally {
    if (open) part.abandon(keep);
  }
};

/** Of those files that have a part here, the ones that came whole now. The others are not mentioned. */
export const resumeFiles = async (files: readonly WantedFile[], into: FetchFolders, host: RestOf, signal: AbortSignal, onProgress: Progress): Promise<Pick<FetchReport, 'files' | 'bytes' | 'hashes'>> => {
  const hashes = new Map<BytePath, string>();
  let bytes = 0;
  const parts = into.parts === undefined ? null : new DiskParts(into.parts);
  for (const file of files) {
    if (parts === null || file.identity === undefined || parts.size(file.identity) === 0) continue;
    const part = await parts.resume(file.identity, file.size, signal);
    // How long that took says nothing about the way to the host.
    onProgress(bytes, hashes.size);
    if (part === null) continue;
    const from = part.size;
    const sha256 = await goOn(file, part, `${into.data}/${placeOf(file)}`, host, signal, (came) => onProgress(bytes + came, hashes.size));
    bytes += part.size - from;
    if (sha256 !== null) hashes.set(file.path, sha256);
    onProgress(bytes, hashes.size);
  }
  return { files: hashes.size, bytes, hashes };
};
