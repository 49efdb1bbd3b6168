// In the place of what is not known yet: what is being read, and how far that is.
import { Anchor, Loader, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract';
import { useFormat } from '../../ui/format';
import { routeHash } from '../../ui/route';
import classes from './files.module.css';

export function Reading({ operation }: Readonly<{ operation: Operation | null }>) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const count = operation?.progress?.files_done ?? 0;
  return (
    <output className={classes['reading']}>
      <Loader size={20} />
      <Text fw={600}>{t('reading.title')}</Text>
      <Text size="sm" c="dimmed" className="app-number">{count === 0 ? t('reading.why') : t('reading.so_far', { count, number: format.number(count) })}</Text>
      {operation === null ? null : <Anchor size="sm" href={routeHash('operations', operation.id)}>{t('reading.operation')}</Anchor>}
    </output>
  );
}
