// What is in the snapshots: answered from the index; contents come from the repository, straight through, without a restore.
import type { FilePreview, FileSearchPage, SnapshotDiff, SnapshotFileVersion, SnapshotFolderPage } from '../../contract';
import { AppError } from './app-error';
import type { DumpedFile, FileChange, FileIndex } from './file-index-port';
import { imageBytes, imageType, previewBytes, previewText } from './file-preview';
import { fileView, pathOf } from './file-view';
import type { IndexKeeper } from './index-keeper';
import type { Caller } from './ports';
import { loadTree, planRestore } from './restore-plan';
import { RestoreTar } from './restore-tar';
import type { Download, FileAddress, FilesService, ImageBytes } from './services';
import type { FoundSnapshot, SnapshotList } from './snapshot-list';
import { displayName, lastOf } from './snapshot-names';
import type { BytePath, ResticRepository } from './snapshot-ports';
import type { SnapshotQueues } from './snapshot-queue';

export interface SnapshotFilesParts {
  readonly index: FileIndex;
  readonly keeper: IndexKeeper;
  readonly list: SnapshotList;
  readonly restic: ResticRepository;
  readonly queues: SnapshotQueues;
}

const noPath = (path: BytePath): AppError => new AppError('not_found', 'The snapshot does not have this path.', { kind: 'path', id: displayName(path) });

const changeView = ({ path, change, before, after }: FileChange): SnapshotDiff['changes'][number] | [] => {
  const shown = after ?? before;
  if (shown === null) return [];
  return { change, file: { ...fileView(shown, ''), name: displayName(path) }, size_before: before?.size ?? null, size_after: after?.size ?? null };
};

/** The service behind the contract's `files`. */
export class SnapshotFiles implements FilesService {
  constructor(private readonly parts: SnapshotFilesParts) {}

  // ---------------------------------------------------------------- from the index

  /** The full id of one of this user's snapshots. */
  private async idOf(caller: Caller, id: string): Promise<string> {
    return id.length === 64 && (await this.parts.index.snapshots(caller.userId)).has(id) ? id : (await this.parts.list.find(caller.userId, id)).snapshotId;
  }

  /** Asks about a snapshot; when the index does not have it, reading it begins and `snapshot_not_indexed` says so. */
  private async ask<Answer>(caller: Caller, snapshotId: string, question: () => Promise<Answer | null>): Promise<Answer> {
    const answer = await question();
    if (answer !== null) return answer;
    const { operationId } = await this.parts.keeper.check(caller.userId, snapshotId);
    const second = operationId === null ? await question() : null;
    if (second !== null) return second;
    throw new AppError('snapshot_not_indexed', 'What is in this snapshot is being read. Ask again when the operation has ended.', { snapshot_id: snapshotId, operation_id: operationId ?? '' });
  }

  async list(caller: Caller, input: Parameters<FilesService['list']>[1], signal?: AbortSignal): Promise<SnapshotFolderPage> {
    const { filter, sort, descending, offset, limit } = input;
    const path = pathOf(input);
    const id = await this.idOf(caller, input.id);
    const page = await this.ask(caller, id, () => this.parts.index.folder(caller.userId, { snapshotId: id, path, filter, sort, descending, offset, limit }, signal));
    if (page === 'no_folder') throw noPath(path);
    return { snapshot_id: id, folder: fileView(page.folder, null), rows: page.rows.map((row) => fileView(row, path)), offset, total: page.total };
  }

  async search(caller: Caller, input: Parameters<FilesService['search']>[1], signal?: AbortSignal): Promise<FileSearchPage> {
    const within = input.snapshot_id === undefined ? null : await this.idOf(caller, input.snapshot_id);
    const query = { text: input.q, snapshotId: within, limit: input.limit };
    const page = await (within === null ? this.parts.index.search(caller.userId, query, signal) : this.ask(caller, within, () => this.parts.index.search(caller.userId, query, signal)));
    const { unread, operationId } = await this.parts.keeper.check(caller.userId);
    const results = (page?.hits ?? []).map(({ file, snapshotId, versions, snapshots }) => ({ ...fileView(file, null), snapshot_id: snapshotId, versions, snapshots }));
    return { results, count: results.length, total: page?.total ?? 0, unread, operation_id: operationId };
  }

  async versions(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<{ readonly versions: SnapshotFileVersion[]; readonly count: number }> {
    const path = pathOf(input);
    const id = await this.idOf(caller, input.id);
    const found = await this.ask(caller, id, () => this.parts.index.versions(caller.userId, id, path, signal));
    if (found.length === 0) throw noPath(path);
    const versions = found.map(({ file, snapshotIds }) => ({ ...fileView(file, null), snapshot_ids: [...snapshotIds] }));
    return { versions, count: versions.length };
  }

  async diff(caller: Caller, input: Parameters<FilesService['diff']>[1], signal?: AbortSignal): Promise<SnapshotDiff> {
    const [from, to] = [await this.idOf(caller, input.id), await this.idOf(caller, input.other)];
    const { offset, limit } = input;
    const question = () => this.parts.index.diff(caller.userId, { from, to, offset, limit }, signal);
    const known = await this.parts.index.snapshots(caller.userId);
    const page = await this.ask(caller, known.has(from) ? to : from, question);
    if (page === 'other_source') throw new AppError('different_sources', 'The two snapshots are not of the same folder of one instance.', {});
    const { changes, total, added, removed, changed, attributes } = page;
    return { from, to, changes: changes.flatMap(changeView), offset, total, added, removed, changed, attributes };
  }

  // ---------------------------------------------------------------- contents

  private async open(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<{ readonly found: FoundSnapshot; readonly file: DumpedFile }> {
    const path = pathOf(input);
    const found = await this.parts.list.find(caller.userId, input.id);
    const file = await this.ask(caller, found.snapshotId, () => this.parts.index.file(caller.userId, found.snapshotId, path, signal));
    if (file === 'no_file') throw noPath(path);
    return { found, file };
  }

  /** The first bytes of a file, at most so many; restic is stopped when they are there. */
  private async beginning({ access, snapshotId }: FoundSnapshot, file: DumpedFile, most: number, signal?: AbortSignal): Promise<Buffer> {
    return await this.parts.queues.of(access.location).run('shared', async () => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of this.parts.restic.dump(access, snapshotId, file.dumpPath, signal)) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= most) break;
      }
      return Buffer.concat(chunks).subarray(0, most);
    }, signal);
  }

  async preview(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<FilePreview> {
    const { found, file } = await this.open(caller, input, signal);
    const shown = fileView(file, null);
    if (file.type !== 'f') return { kind: 'none', file: shown, reason: 'not_a_file' };
    if (!file.stored) return { kind: 'none', file: shown, reason: 'not_stored' };
    if (file.size === 0) return { kind: 'none', file: shown, reason: 'empty' };
    const bytes = await this.beginning(found, file, previewBytes, signal);
    const image = imageType(bytes);
    if (image !== null) return file.size > imageBytes ? { kind: 'none', file: shown, reason: 'too_large' } : { kind: 'image', file: shown, media_type: image };
    const truncated = file.size > bytes.length;
    const text = previewText(bytes, !truncated);
    return text === null ? { kind: 'none', file: shown, reason: 'binary' } : { kind: 'text', file: shown, text, truncated };
  }

  async image(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<ImageBytes> {
    const { found, file } = await this.open(caller, input, signal);
    const bytes = file.type === 'f' && file.stored && file.size <= imageBytes ? await this.beginning(found, file, imageBytes, signal) : Buffer.alloc(0);
    const mediaType = imageType(bytes);
    if (mediaType === null) throw new AppError('not_found', 'This is no image that can be shown.', { kind: 'image', id: displayName(file.path) });
    return { bytes, mediaType };
  }

  async download(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<Download> {
    const { found, file } = await this.open(caller, input, signal);
    const name = file.path === '' ? found.snapshotId.slice(0, 8) : displayName(lastOf(file.path));
    if (file.type === 'd') return this.tar(found, file.path === '' ? undefined : [file.path], `${name}.tar`, signal);
    if (file.type !== 'f' || !file.stored) throw noPath(file.path);
    return { name, mediaType: 'application/octet-stream', content: await this.reading(found, () => this.parts.restic.dump(found.access, found.snapshotId, file.dumpPath, signal), signal) };
  }

  async archive(caller: Caller, input: { readonly id: string; readonly paths: readonly string[]; readonly paths64: readonly string[] }, signal?: AbortSignal): Promise<Download> {
    const found = await this.parts.list.find(caller.userId, input.id);
    const paths = [...input.paths.map((path) => pathOf({ path })), ...input.paths64.map((path64) => pathOf({ path64 }))];
    return this.tar(found, paths, `${found.snapshotId.slice(0, 8)}.tar`, signal);
  }

  /** With the original names, modes and owners, through the filter that restores use. */
  private async tar(found: FoundSnapshot, paths: readonly BytePath[] | undefined, name: string, signal?: AbortSignal): Promise<Download> {
    const { restic } = this.parts;
    const tree = await this.parts.queues.of(found.access.location).run('shared', () => loadTree(restic, found.access, found.snapshotId, signal), signal);
    const filter = await RestoreTar.of(await planRestore(tree, paths, signal), () => undefined, signal);
    const content = await this.reading(found, () => filter.archive((call) => restic.dump(found.access, found.snapshotId, call.path, signal)), signal);
    return { name, mediaType: 'application/x-tar', content };
  }

  /** Holds the repository's queue as long as its content is read. What fails before the first bytes fails here. */
  private async reading({ access }: FoundSnapshot, content: () => AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const leave = await this.parts.queues.of(access.location).enter('shared', signal);
    const iterator = content()[Symbol.asyncIterator]();
    try {
      const first = await iterator.next();
      return rest(first, iterator, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }
}

/** Goes on after the first bytes; whoever reads no further stops what gives them. */
async function* rest(first: IteratorResult<Uint8Array>, iterator: AsyncIterator<Uint8Array>, leave: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (let part = first; part.done !== true; part = await iterator.next()) yield part.value;
  } finally {
    await iterator.return?.();
    leave();
  }
}
