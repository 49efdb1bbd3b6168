// What the section "Repositories" asks for and does.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RepositoryKind, Upkeep } from '../../../contract/types';
import { api, query } from '../../client';

export const useRepositories = () => useQuery(query.repositories.list.queryOptions());

/** Asked now; a server may take half a minute. */
export const useRepositoryDetail = (id: string) => useQuery(query.repositories.get.queryOptions({ input: { id }, staleTime: 30_000 }));

export const useStatistics = (id: string) => useQuery(query.repositories.statistics.queryOptions({ input: { id } }));

const noCare = { prune: null, check: null, rolling_check: null } as const;

/** When it was checked and pruned last. */
export const useCare = (id: string): Pick<Upkeep, 'prune' | 'check' | 'rolling_check'> =>
  useQuery(query.maintenance.get.queryOptions()).data?.repositories.find((one) => one.repository_id === id) ?? noCare;

/** Everything that shows repositories or what lies in them is asked again. */
export function useRefresh(): () => Promise<unknown> {
  const cache = useQueryClient();
  return () => Promise.all([query.repositories.key(), query.snapshots.key(), query.operations.list.key()].map((queryKey) => cache.invalidateQueries({ queryKey })));
}

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

/** Fields of each kind of place: restic's own names, which its documentation explains. `secret` ones are not shown while typed. */
export const credentialFields: Readonly<Record<Exclude<RepositoryKind, 'other'>, readonly Readonly<{ name: string; secret: boolean }>[]>> = {
  local: [],
  sftp: [{ name: 'SSH_IDENTITY_FILE', secret: false }],
  rest: [{ name: 'RESTIC_REST_USERNAME', secret: false }, { name: 'RESTIC_REST_PASSWORD', secret: true }],
  s3: [{ name: 'AWS_ACCESS_KEY_ID', secret: false }, { name: 'AWS_SECRET_ACCESS_KEY', secret: true }, { name: 'AWS_DEFAULT_REGION', secret: false }],
  b2: [{ name: 'B2_ACCOUNT_ID', secret: false }, { name: 'B2_ACCOUNT_KEY', secret: true }],
  azure: [{ name: 'AZURE_ACCOUNT_NAME', secret: false }, { name: 'AZURE_ACCOUNT_KEY', secret: true }],
  gs: [{ name: 'GOOGLE_PROJECT_ID', secret: false }, { name: 'GOOGLE_APPLICATION_CREDENTIALS', secret: false }],
  swift: [{ name: 'OS_AUTH_URL', secret: false }, { name: 'OS_USERNAME', secret: false }, { name: 'OS_PASSWORD', secret: true }, { name: 'OS_PROJECT_NAME', secret: false }, { name: 'OS_REGION_NAME', secret: false }],
  rclone: [{ name: 'RCLONE_CONFIG_PASS', secret: true }],
};

export type PlaceKind = keyof typeof credentialFields;

export const placeKinds = Object.keys(credentialFields) as PlaceKind[];

/** How a location of this kind looks. */
export const examples: Readonly<Record<PlaceKind, string>> = {
  local: '/mnt/disk/snapshots', sftp: 'sftp:me@nas:/snapshots', rest: 'rest:https://host:8000/me/', s3: 's3:https://s3.example.com/bucket/name', b2: 'b2:bucket:name', azure: 'azure:container:/', gs: 'gs:bucket:/',
  swift: 'swift:container:/', rclone: 'rclone:remote:folder',
};
