// What the section "Repositories" asks for and does.
import { useMutation, useQuery } from '@tanstack/react-query';
import type { Upkeep } from '../../../contract/types';
import { api, query } from '../../client';
import { useRefresh } from '../../ui/repositories/use-repositories';

/** Asked now; a server may take half a minute. */
export const useRepositoryDetail = (id: string) => useQuery(query.repositories.get.queryOptions({ input: { id }, staleTime: 30_000 }));

export const useStatistics = (id: string) => useQuery(query.repositories.statistics.queryOptions({ input: { id } }));

const noCare = { prune: null, check: null, rolling_check: null } as const;

/** When it was checked and pruned last. */
export const useCare = (id: string): Pick<Upkeep, 'prune' | 'check' | 'rolling_check'> =>
  useQuery(query.maintenance.get.queryOptions()).data?.repositories.find((one) => one.repository_id === id) ?? noCare;

/** One change of one repository. */
export function useChange() {
  const refresh = useRefresh();
  return {
    change: useMutation({ mutationFn: (input: Parameters<typeof api.repositories.change>[0]) => api.repositories.change(input), onSuccess: refresh }),
    remove: useMutation({ mutationFn: (id: string) => api.repositories.remove({ id }), onSuccess: refresh }),
    unlock: useMutation({ mutationFn: (id: string) => api.repositories.unlock({ id }), onSuccess: refresh }),
    repair: useMutation({ mutationFn: (id: string) => api.repositories.repair({ id }), onSuccess: refresh }),
    key: useMutation({ mutationFn: (input: Parameters<typeof api.repositories.recoveryKey>[0]) => api.repositories.recoveryKey(input), onSuccess: refresh }),
    password: useMutation({ mutationFn: (input: Parameters<typeof api.repositories.changePassword>[0]) => api.repositories.changePassword(input), onSuccess: refresh }),
  };
}
