// All repositories, their names, and asking again for what shows them.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { RepositoryItem } from '../../../contract/types';
import { query } from '../../client';
import { visible } from '../error-message';

/** All, the default first; there is always one. */
export const useRepositories = () => useQuery(query.repositories.list.queryOptions());

/** The name that people gave it, or what it is. */
export function useRepositoryName(): (repository: Pick<RepositoryItem, 'name'>) => string {
  const { t } = useTranslation('repositories');
  return ({ name }) => (name === '' ? t('own') : visible(name));
}

/** Everything that shows repositories or what lies in them is asked again. */
export function useRefresh(): () => Promise<unknown> {
  const cache = useQueryClient();
  return () => Promise.all([query.repositories.key(), query.snapshots.key(), query.operations.list.key()].map((queryKey) => cache.invalidateQueries({ queryKey })));
}
