// What is in the snapshots, as the page asks for it; and downloads in a browser.
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { Operation, Snapshot, SnapshotFile, SnapshotFileChange } from '../../../contract';
import { api, errorOf, query } from '../../client';
import { saveFile } from '../../ui/save-file';
import { isActive, recentOperations } from '../../ui/shell/running-operations';
import { addressOf, type FileKey } from './address';

/** Rows that one answer holds. */
const atOnce = 1000;
/** Rows that are loaded without being asked for. */
export const loadedAtOnce = 10_000;

export interface Sorting {
  readonly id: 'name' | 'size' | 'mtime';
  readonly descending: boolean;
}

interface Paged {
  readonly offset: number;
  readonly total: number;
}

const nextOffset = <Page extends Paged>(count: (page: Page) => number) => (last: Page): number | undefined => {
  const next = last.offset + count(last);
  return count(last) === 0 || next >= last.total ? undefined : next;
};

/** Goes on loading pages by itself, up to a number of rows. */
const useLoadOn = (rows: number, result: { readonly hasNextPage: boolean; readonly isFetching: boolean; readonly error: unknown; readonly fetchNextPage: () => unknown }): void => {
  const { hasNextPage, isFetching, error, fetchNextPage } = result;
  useEffect(() => {
    if (hasNextPage && !isFetching && error === null && rows < loadedAtOnce) void fetchNextPage();
  }, [rows, hasNextPage, isFetching, error, fetchNextPage]);
};

/** A folder of a snapshot, page after page. */
export const useFolder = (id: string, at: FileKey, filter: string, sort: Sorting) => {
  const result = useInfiniteQuery(
    query.files.list.infiniteOptions({
      input: (offset: number) => ({ id, ...addressOf(at), filter, sort: sort.id, descending: sort.descending, offset, limit: atOnce }),
      initialPageParam: 0,
      getNextPageParam: nextOffset((page) => page.rows.length),
      placeholderData: (before, earlier) => (earlier?.queryKey !== undefined && JSON.stringify(earlier.queryKey).includes(JSON.stringify(id)) ? before : undefined),
    }),
  );
  const rows = useMemo((): readonly SnapshotFile[] => result.data?.pages.flatMap((page) => page.rows) ?? [], [result.data]);
  useLoadOn(rows.length, result);
  return { ...result, rows, first: result.data?.pages[0] };
};

/** What is different between two snapshots, page after page. */
export const useDiff = (from: string, to: string) => {
  const result = useInfiniteQuery(
    query.files.diff.infiniteOptions({ input: (offset: number) => ({ id: from, other: to, offset, limit: atOnce }), initialPageParam: 0, getNextPageParam: nextOffset((page) => page.changes.length) }),
  );
  const rows = useMemo((): readonly SnapshotFileChange[] => result.data?.pages.flatMap((page) => page.changes) ?? [], [result.data]);
  useLoadOn(rows.length, result);
  return { ...result, rows, first: result.data?.pages[0] };
};

export const useVersions = (id: string, file: FileKey) => useQuery(query.files.versions.queryOptions({ input: { id, ...addressOf(file) } }));

/** The contents of a file under an id never change. */
export const usePreview = (id: string, file: FileKey) => useQuery(query.files.preview.queryOptions({ input: { id, ...addressOf(file) }, staleTime: Infinity }));

export const useImage = (id: string, file: FileKey) => useQuery(query.files.image.queryOptions({ input: { id, ...addressOf(file) }, staleTime: Infinity }));

/** The last text that stood still for a moment. */
export const useSettled = (text: string, ms = 120): string => {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled;
};

/** Files of all snapshots by part of their name; the old answer stays until the new one is there. */
export const useSearch = (text: string) => useQuery(query.files.search.queryOptions({ input: { q: text, limit: 100 }, enabled: text.trim() !== '', placeholderData: keepPreviousData }));

const useAllSnapshots = () => useQuery(query.snapshots.list.queryOptions({ input: {} }));

/** Snapshots by id. */
export const useSnapshotsById = (): ReadonlyMap<string, Snapshot> => {
  const { data } = useAllSnapshots();
  return useMemo(() => new Map((data?.snapshots ?? []).map((one) => [one.id, one])), [data]);
};

const isSibling = (one: Snapshot, other: Snapshot): boolean => one.id !== other.id && one.instance_id === other.instance_id && one.hostname === other.hostname && one.paths.join('\n') === other.paths.join('\n');

/** One snapshot, and the others of the same folder, newest first. */
export const useSnapshot = (id: string) => {
  const result = useAllSnapshots();
  const snapshots = result.data?.snapshots;
  const snapshot = snapshots?.find((one) => one.id.startsWith(id)) ?? null;
  const siblings = useMemo(() => (snapshot === null ? [] : (snapshots ?? []).filter((one) => isSibling(snapshot, one))), [snapshots, snapshot]);
  return { result, snapshot, siblings };
};

/** The operation that reads what is in a snapshot, when that is why an answer is missing; asks again once it has ended. */
export const useReading = (error: unknown, retry: () => unknown): { readonly operation: Operation | null } | null => {
  const { code, data } = errorOf(error);
  const id = code === 'snapshot_not_indexed' ? String(data['operation_id']) : null;
  const operation = (useQuery(recentOperations()).data?.operations ?? []).find((one) => one.id === id) ?? null;
  const over = operation !== null && !isActive(operation);
  useEffect(() => {
    if (!over) return;
    const timer = setTimeout(() => void retry(), 300);
    return () => clearTimeout(timer);
  }, [over, retry]);
  return id === null || error === null ? null : { operation };
};

/** Saves files through the browser: one as it is, several or a folder as an archive. */
export const useDownload = (id: string) => {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (files: readonly SnapshotFile[]) => {
      const [first] = files;
      if (first === undefined) return;
      const one = files.length === 1;
      const paths = files.flatMap(({ path }) => (path === null ? [] : [path]));
      const paths64 = files.flatMap(({ path64 }) => (path64 === null ? [] : [path64]));
      const answer = one ? await api.files.download({ id, ...addressOf(first.path64 === null ? `t:${first.path ?? ''}` : `b:${first.path64}`) }) : await api.files.archive({ id, paths, paths64 });
      const name = first.name.slice(first.name.lastIndexOf('/') + 1);
      saveFile(answer.body as Blob, one ? (first.type === 'dir' ? `${name}.tar` : name) : `${id.slice(0, 8)}.tar`);
    },
    onError: (error) => {
      if (errorOf(error).code === 'not_found') void cache.invalidateQueries({ queryKey: query.files.list.key() });
    },
  });
};
