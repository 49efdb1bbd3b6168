// Chosen rows as they are asked for: the folder itself in the place of very many of its rows. Pure.
import type { SnapshotFile } from '../../../contract';
import { keyOf, type FileKey } from './address';

/** From so many rows on. Fewer are named one by one: that is how the person chose them. */
const manyRows = 1000;

/** A folder as it is shown, without a filter. */
interface Shown {
  readonly first: { readonly folder: SnapshotFile; readonly total: number } | undefined;
  readonly rows: readonly SnapshotFile[];
  readonly isPlaceholderData: boolean;
}

/** `shown`: null where not all of a folder is to be seen. Rows that are recorded only cannot be chosen. */
export const asFolder = (chosen: ReadonlyMap<FileKey, SnapshotFile>, shown: Shown | null): readonly SnapshotFile[] => {
  const all = [...chosen.values()];
  if (shown?.first === undefined || shown.isPlaceholderData || all.length < manyRows) return all;
  const { rows, first } = shown;
  if (rows.length < manyRows || rows.length < first.total || !rows.every((row) => !row.stored || chosen.has(keyOf(row)))) return all;
  const inside = new Set(rows.map(keyOf));
  return [first.folder, ...all.filter((one) => !inside.has(keyOf(one)))];
};
