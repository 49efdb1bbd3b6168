// Reading and changing the user's settings, with the answer put into the cache.
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Settings } from '../../contract/types';
import { api, query } from '../client';
import { queryClient } from './query-client';

/** What settings.put takes. */
export interface SettingsChange {
  readonly vast_api_key?: string | null;
  readonly settings?: Partial<Settings>;
}

/** The settings of who is signed in. */
export const useSettings = () => useQuery(query.settings.get.queryOptions());

/** Changes settings; a new Vast.ai key makes everything that came from Vast.ai old. */
export function useSaveSettings() {
  return useMutation({
    mutationFn: (change: SettingsChange) => api.settings.put(change),
    onSuccess: (view, change) => {
      queryClient.setQueryData(query.settings.get.queryKey(), view);
      if (change.vast_api_key === undefined) return undefined;
      return queryClient.invalidateQueries({ queryKey: query.instances.key() });
    },
  });
}
