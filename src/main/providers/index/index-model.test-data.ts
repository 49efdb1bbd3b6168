// A naive model of the index: every snapshot kept whole, every question answered by looking at all of it. What the index says must be the same.
import type { IndexEntry } from '../../domain/file-index-port';
import { orderKey } from '../../domain/listing-order';
import type { IndexEngine } from './index-engine';
import { PatchRefused } from './index-patch';

export type Tree = ReadonlyMap<string, IndexEntry>;

export interface ModelSnapshot {
  readonly id: string;
  readonly source: string;
  readonly time: number;
  readonly tree: Tree;
}

export const entry = (path: string, more: Partial<IndexEntry> = {}): IndexEntry => ({
  path, written: '', type: 'f', mode: 0o644, uid: 0, gid: 0, size: 1, seconds: 1_700_000_000, nanos: 5, target: '', sha256: '', stored: true, ...more,
});

/** The lines of a sidecar of this tree. */
export const sidecarOf = (tree: Tree, head: { readonly takenAt?: string; readonly root?: string } = {}): string => {
  const lines = [...tree.values()].map((one) => {
    const path64 = Buffer.from(one.path, 'latin1').toString('base64');
    return JSON.stringify({
      path64, type: one.type, mode: one.mode.toString(8), uid: one.uid, gid: one.gid, size: one.size, mtime: `${one.seconds}.${String(one.nanos).padStart(9, '0')}0`, ...(one.target === '' ? {} : { target: one.target }),
      ...(one.written === '' ? {} : { mirror: one.written }), ...(one.sha256 === '' ? {} : { sha256: one.sha256 }), ...(one.stored ? {} : { stored: false }),
    });
  });
  return `${[JSON.stringify({ format: 'dumont-manifest', version: 1, directory: '/workspace', root: head.root ?? 'workspace', taken_at: head.takenAt ?? '', entries: tree.size }), ...lines].join('\n')}\n`;
};

const parentOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '');

/** Names directly in a folder. */
export const childrenOf = (tree: Tree, folder: string): readonly IndexEntry[] => [...tree.values()].filter((one) => one.path !== '' && parentOf(one.path) === folder);

/** Bytes and files below a folder. */
export const sumsOf = (tree: Tree, folder: string): { readonly bytes: number; readonly files: number } => {
  const below = [...tree.values()].filter((one) => one.type !== 'd' && (folder === '' || one.path.startsWith(`${folder}/`)));
  return { bytes: below.reduce((sum, one) => sum + one.size, 0), files: below.filter((one) => one.type === 'f').length };
};

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 997) yield await Promise.resolve(bytes.subarray(at, at + 997));
}

/** Adds a snapshot by how it differs from the one before; false where the index refuses that. */
export const patchTo = async (engine: IndexEngine, snapshot: ModelSnapshot, before: ModelSnapshot): Promise<boolean> => {
  const [old, now] = [before, snapshot].map(({ tree, time }) =>
    inPieces(sidecarOf(new Map([...tree].sort(([one], [other]) => (orderKey(one) < orderKey(other) ? -1 : 1))), { takenAt: new Date(time).toISOString() })),
  ) as [AsyncGenerator<Uint8Array>, AsyncGenerator<Uint8Array>];
  try {
    await engine.patch(snapshot, new Date(snapshot.time).toISOString(), old, now, () => undefined);
    return true;
  } catch (error) {
    if (!(error instanceof PatchRefused)) throw error;
    return false;
  }
};

/** Adds a snapshot to an index, in chunks that end anywhere. */
export const addTo = (engine: IndexEngine, snapshot: ModelSnapshot, text = sidecarOf(snapshot.tree)): void => {
  const bytes = Buffer.from(text);
  const addition = engine.begin(snapshot, 'sidecar', null, () => undefined);
  try {
    for (let at = 0; at < bytes.length; at += 997) addition.push(bytes.subarray(at, at + 997));
    addition.end();
    addition.finish();
  } catch (error) {
    addition.abandon();
    throw error;
  }
};
