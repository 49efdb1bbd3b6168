// Which repository: a choice that is there only where there is more than one.
import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { visible } from './error-message';
import { useRepositories, useRepositoryName } from './repositories/use-repositories';

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
  const known = useRepositories().data?.repositories ?? [];
  const nameOf = useRepositoryName();
  if (known.length < 2) return null;
  const data = known.map((one) => ({ value: one.id, label: `${nameOf(one)} · ${visible(one.location)}` }));
  return (
    <Select
      label={t('repositoryChoice.label')} description={required ? undefined : t('repositoryChoice.why')} placeholder={required ? undefined : t('repositoryChoice.same')}
      data={data} value={value} onChange={onChange} clearable={!required} allowDeselect={!required} clearButtonProps={{ 'aria-label': t('repositoryChoice.clear') }}
    />
  );
}
