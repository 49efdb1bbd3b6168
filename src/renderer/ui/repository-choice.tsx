// Which repository: a choice that is there only where there is more than one.
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { query } from '../client';
import { visible } from './error-message';

export interface RepositoryChoiceProps {
  /** Null: where the folder's snapshots are, else the default one. */
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  /** One must be chosen. */
  readonly required?: boolean;
}

/** Nothing while there is one repository only. */
export function RepositoryChoice({ value, onChange, required = false }: RepositoryChoiceProps) {
  const { t } = useTranslation();
  const known = useQuery(query.repositories.list.queryOptions()).data?.repositories ?? [];
  if (known.length < 2) return null;
  const data = known.map(({ id, name, location }) => ({ value: id, label: `${name === '' ? t('repositoryChoice.own') : visible(name)} · ${visible(location)}` }));
  return (
    <Select
      label={t('repositoryChoice.label')} description={required ? undefined : t('repositoryChoice.why')} placeholder={required ? undefined : t('repositoryChoice.same')}
      data={data} value={value} onChange={onChange} clearable={!required} allowDeselect={!required} clearButtonProps={{ 'aria-label': t('repositoryChoice.clear') }}
    />
  );
}
