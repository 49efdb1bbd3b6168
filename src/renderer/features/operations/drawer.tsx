// The drawer behind the indicator in the top bar: what runs, what ended lately, and one of them in full.
import { Button, Drawer, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Activity, ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract/types';
import { visible } from '../../ui/error-message';
import { closeOperations, openOperation, useOperationsDrawer } from '../../ui/operations-drawer-store';
import { RelativeTime } from '../../ui/relative-time';
import { navigate } from '../../ui/route';
import { isActive, recentOperations } from '../../ui/shell/running-operations';
import { EmptyState, QueryView } from '../../ui/states';
import { OperationDetail } from './detail';
import { ProgressLine, StateMark } from './progress-line';
import { useEndedNotices } from './use-ended-notices';
import { kindIcons } from './words';
import classes from './operations.module.css';

/** Ended operations that the drawer lists. */
const LATELY = 12;

function Card({ operation }: Readonly<{ operation: Operation }>) {
  const { t } = useTranslation('operations');
  const Icon = kindIcons[operation.kind];
  return (
    <UnstyledButton className={classes['card']} onClick={() => openOperation(operation.id)}>
      <Icon size={16} strokeWidth={1.8} aria-hidden className={classes['cardIcon']} />
      <span className={classes['cardBody']}>
        <span className={classes['cardHead']}>
          <span className={classes['cardTitle']}>{t(`kind.${operation.kind}`)} · <bdi>{visible(operation.title)}</bdi></span>
          <span className="app-dim"><RelativeTime at={operation.ended_at ?? operation.created_at} /></span>
        </span>
        {isActive(operation) && operation.asks === null && operation.state !== 'unknown' ? <ProgressLine operation={operation} /> : <StateMark operation={operation} />}
      </span>
    </UnstyledButton>
  );
}

function Lists({ operations }: Readonly<{ operations: readonly Operation[] }>) {
  const { t } = useTranslation('operations');
  const running = operations.filter(isActive);
  const ended = operations.filter((operation) => !isActive(operation)).slice(0, LATELY);
  if (operations.length === 0) return <EmptyState icon={Activity} title={t('empty.title')} why={t('empty.why')} />;
  return (
    <>
      {running.length === 0 ? null : <Text component="h2" size="xs" fw={640} c="dimmed" m={0} mb={6}>{t('running')}</Text>}
      {running.map((operation) => <Card key={operation.id} operation={operation} />)}
      {ended.length === 0 ? null : <Text component="h2" size="xs" fw={640} c="dimmed" m={0} mt="md" mb={6}>{t('lately')}</Text>}
      {ended.map((operation) => <Card key={operation.id} operation={operation} />)}
      <Button variant="subtle" mt="md" onClick={() => { closeOperations(); navigate('operations'); }}>{t('all')}</Button>
    </>
  );
}

/** The drawer; it also says when something ended while it is closed. */
export function OperationsDrawer() {
  const { t } = useTranslation(['operations', 'common']);
  const { opened, operationId } = useOperationsDrawer();
  const result = useQuery(recentOperations());
  useEndedNotices(result.data?.operations ?? null, opened);
  const title = operationId === null ? <Text fw={650} size="lg">{t('common:nav.operations')}</Text> : <Button variant="subtle" color="gray" size="compact-sm" leftSection={<ArrowLeft size={15} aria-hidden />} onClick={() => openOperation()}>{t('operations:back')}</Button>;
  return (
    <Drawer opened={opened} onClose={closeOperations} position="right" size={480} title={title} closeButtonProps={{ 'aria-label': t('common:close') }} classNames={{ body: classes['drawerBody'] }}>
      {operationId === null ? (
        <QueryView result={result}>{({ operations }) => <Lists operations={operations} />}</QueryView>
      ) : (
        <OperationDetail key={operationId} id={operationId} known={result.data?.operations.find(({ id }) => id === operationId) ?? null} />
      )}
    </Drawer>
  );
}
