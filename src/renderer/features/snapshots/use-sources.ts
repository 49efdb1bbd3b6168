// Sources of this user: how a folder is captured, changing that, and previews.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Source, SourceOptions, SourcePreview } from '../../../contract';
import { query } from '../../client';
import { isActive } from '../../ui/shell/running-operations';
import { useOperation } from './use-snapshots';

export const useSources = () => useQuery(query.sources.list.queryOptions({ input: {} }));

/** The source of a folder, or null while there is none. */
export const sourceOf = (sources: readonly Source[], instanceId: number | null, path: string): Source | null => sources.find((source) => source.instance_id === instanceId && source.path === path.replace(/(.)\/+$/, '$1')) ?? null;

export function usePutSource(onDone?: () => void) {
  const cache = useQueryClient();
  return useMutation(
    query.sources.put.mutationOptions({
      onSuccess: () => onDone?.(),
      onSettled: () => cache.invalidateQueries({ queryKey: query.sources.list.key() }),
    }),
  );
}

export interface PreviewState {
  readonly start: (place: { readonly instance_id: number; readonly source_path: string }, options: SourceOptions) => void;
  readonly busy: boolean;
  /** Of the running operation, to show and to cancel it. */
  readonly operation: ReturnType<typeof useOperation>;
  readonly preview: SourcePreview | null;
  readonly error: unknown;
}

/** What a preview depends on; commands that run on the instance are not among it. */
const shown = ({ presets, exclude, ignore_file, max_file_bytes, bandwidth_kib_s }: SourceOptions) => ({ presets, exclude, ignore_file, max_file_bytes, bandwidth_kib_s });

/** A preview that runs as an operation of its own: its progress shows, and it can be cancelled. */
export function usePreview(): PreviewState {
  const [id, setId] = useState<string | null>(null);
  const operation = useOperation(id);
  const begin = useMutation(query.sources.preview.mutationOptions({ onSuccess: ({ operation_id: started }) => setId(started) }));
  const ended = operation !== null && !isActive(operation);
  const good = ended && (operation.state === 'succeeded' || operation.state === 'warnings');
  const result = useQuery({ ...query.sources.previewed.queryOptions({ input: { operation_id: id ?? '' } }), enabled: id !== null && good, staleTime: Number.POSITIVE_INFINITY, retry: false });
  return {
    start: ({ instance_id, source_path }, options) => {
      setId(null);
      begin.mutate({ instance_id, source_path, options: shown(options), wait: false });
    },
    busy: begin.isPending || (id !== null && !ended) || result.isLoading,
    operation: ended ? null : operation,
    preview: result.data ?? null,
    error: begin.error ?? (ended && operation.state === 'failed' ? operation.error : null) ?? result.error,
  };
}
