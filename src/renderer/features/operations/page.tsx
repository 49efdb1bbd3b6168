// The section "Operations": everything that ran or runs, and one of it in full.
import { ActionIcon, SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Activity, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract/types';
import { query } from '../../client';
import { visible } from '../../ui/error-message';
import { useFormat, type formatters } from '../../ui/format';
import { useNow } from '../../ui/relative-time';
import { navigate, useRoute } from '../../ui/route';
import { isActive } from '../../ui/shell/running-operations';
import { EmptyState, QueryView } from '../../ui/states';
import { VirtualTable, type TableColumn, type TableSort } from '../../ui/virtual-table';
import { OperationDetail } from './detail';
import { StateMark, useProgressText } from './progress-line';
import { kindIcons, secondsTaken } from './words';
import classes from './operations.module.css';

type Filter = 'all' | 'active' | 'problems';

const filters: Readonly<Record<Filter, (operation: Operation) => boolean>> = {
  all: () => true,
  active: isActive,
  problems: ({ state }) => state === 'failed' || state === 'warnings' || state === 'unknown',
};

/** Operations in the order that was asked for; text by the language, numbers by size. */
export function sortOperations(operations: readonly Operation[], sort: TableSort, now: number): Operation[] {
  const compare: Record<string, (a: Operation, b: Operation) => number> = {
    title: (a, b) => a.title.localeCompare(b.title),
    kind: (a, b) => a.kind.localeCompare(b.kind),
    state: (a, b) => a.state.localeCompare(b.state),
    began: (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at),
    took: (a, b) => secondsTaken(a, now) - secondsTaken(b, now),
  };
  const sorted = [...operations].sort(compare[sort.id] ?? compare['began']);
  return sort.descending ? sorted.reverse() : sorted;
}

/** All columns, or without the times where there is little room. */
function useColumns(format: ReturnType<typeof formatters>, few: boolean): readonly TableColumn<Operation>[] {
  const { t } = useTranslation('operations');
  const progressText = useProgressText();
  return useMemo(() => {
    const kind = (operation: Operation) => {
      const Icon = kindIcons[operation.kind];
      return <span className={classes['kind']}><Icon size={15} strokeWidth={1.8} aria-hidden /> {t(`kind.${operation.kind}`)}</span>;
    };
    const columns: readonly TableColumn<Operation>[] = [
      { id: 'kind', header: t('column.kind'), width: few ? 128 : 150, sortable: true, cell: kind },
      { id: 'title', header: t('column.title'), width: few ? 90 : 160, grow: 2, sortable: true, cell: ({ title }) => <bdi>{visible(title)}</bdi> },
      { id: 'state', header: t('column.state'), width: few ? 120 : 150, grow: 1, sortable: true, cell: (operation) => (operation.state === 'running' && operation.asks === null && operation.progress !== null ? <span className={classes['state']} data-tone="busy">{progressText(operation)}</span> : <StateMark operation={operation} />) },
      { id: 'began', header: t('column.began'), width: 140, align: 'end', sortable: true, cell: ({ created_at }) => format.dateTime(created_at) },
      { id: 'took', header: t('column.took'), width: 110, align: 'end', sortable: true, cell: (operation) => <Took operation={operation} /> },
    ];
    return few ? columns.slice(0, 3) : columns;
    // progressText follows the language, as t does.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [t, format, few]);
}

function Took({ operation }: Readonly<{ operation: Operation }>) {
  const format = useFormat();
  const now = useNow(1_000);
  return <>{format.duration(secondsTaken(operation, now))}</>;
}

function Table({ operations, openId }: Readonly<{ operations: readonly Operation[]; openId: string | null }>) {
  const { t } = useTranslation(['operations', 'common']);
  const [sort, setSort] = useState<TableSort>({ id: 'began', descending: true });
  const [filter, setFilter] = useState<Filter>('all');
  const narrow = useMediaQuery('(max-width: 700px)') ?? false;
  const columns = useColumns(useFormat(), narrow || openId !== null);
  const now = useNow(30_000);
  const rows = useMemo(() => sortOperations(operations.filter(filters[filter]), sort, now), [operations, filter, sort, now]);
  const empty = <EmptyState icon={Activity} title={t(operations.length === 0 ? 'operations:empty.title' : 'operations:empty.filtered')} why={t(operations.length === 0 ? 'operations:empty.why' : 'operations:empty.filteredWhy')} action={operations.length === 0 ? { label: t('operations:empty.action'), onClick: () => navigate('offers') } : { label: t('operations:filter.all'), onClick: () => setFilter('all') }} />;
  return (
    <>
      <div className={classes['tools']}>
        <h1>{t('common:nav.operations')}</h1>
        <span className="app-dim">{rows.length === 0 ? '' : t('operations:count', { count: rows.length })}</span>
        <SegmentedControl ml="auto" size="xs" aria-label={t('operations:filter.label')} value={filter} onChange={(value) => setFilter(value)} data={(['all', 'active', 'problems'] as const).map((value) => ({ value, label: t(`operations:filter.${value}`) }))} />
      </div>
      <div className={classes['table']}>
        <VirtualTable label={t('operations:column.label')} rows={rows} columns={columns} rowKey={({ id }) => id} sort={sort} onSort={setSort} onOpen={({ id }) => navigate('operations', id)} selectedKey={openId} empty={empty} />
      </div>
    </>
  );
}

/** The section "Operations". */
export function OperationsPage() {
  const { t } = useTranslation('common');
  const { id } = useRoute();
  const result = useQuery(query.operations.list.queryOptions({ input: { limit: 500 } }));
  return (
    <div className={classes['page']} data-open={id !== null || undefined}>
      <div className={classes['list']}>
        <QueryView result={result}>{({ operations }) => <Table operations={operations} openId={id} />}</QueryView>
      </div>
      {id === null ? null : (
        <aside className={classes['side']} aria-label={t('details')}>
          <ActionIcon className={classes['sideClose']} aria-label={t('close')} onClick={() => navigate('operations')}><X size={16} aria-hidden /></ActionIcon>
          <OperationDetail key={id} id={id} known={result.data?.operations.find((operation) => operation.id === id) ?? null} />
        </aside>
      )}
    </div>
  );
}
