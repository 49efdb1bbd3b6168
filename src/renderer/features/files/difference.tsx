// What is different between two snapshots of one folder, the older one first.
import { useMediaQuery } from '@mantine/hooks';
import { Equal } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snapshot, SnapshotFileChange } from '../../../contract';
import { useFormat } from '../../ui/format';
import { EmptyState } from '../../ui/states';
import { VirtualTable, type TableColumn } from '../../ui/virtual-table';
import { keyOf } from './address';
import { FileName } from './file-name';
import { Loaded } from './loaded';
import { Reading } from './reading';
import { useDiff, useReading } from './use-files';
import { placeOf } from './versions';
import classes from './files.module.css';

const kinds = ['added', 'removed', 'changed', 'attributes'] as const;

const useColumns = (): readonly TableColumn<SnapshotFileChange>[] => {
  const { t } = useTranslation('files');
  const format = useFormat();
  const narrow = useMediaQuery('(max-width: 40em)') ?? false;
  return useMemo(() => {
    const all: readonly TableColumn<SnapshotFileChange>[] = [
      { id: 'change', header: t('diff.change'), width: 110, cell: ({ change }) => <span className={classes['change']} data-change={change}>{t(`diff.${change}`)}</span> },
      { id: 'name', header: t('column.name'), width: 160, grow: 1, cell: ({ file }) => <FileName file={file} /> },
      { id: 'before', header: t('diff.before'), width: 92, align: 'end', cell: ({ size_before: size, file }) => <span className="app-number app-dim">{size === null || file.type === 'dir' ? '' : format.bytes(size)}</span> },
      { id: 'after', header: t('diff.after'), width: 92, align: 'end', cell: ({ size_after: size, file }) => <span className="app-number">{size === null || file.type === 'dir' ? '' : format.bytes(size)}</span> },
    ];
    return narrow ? all.filter(({ id }) => id !== 'before') : all;
  }, [t, format, narrow]);
};

/** The comparison. */
export function Difference({ one, other }: Readonly<{ one: Snapshot; other: Snapshot }>) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const [from, to] = one.time <= other.time ? [one, other] : [other, one];
  const result = useDiff(from.id, to.id);
  const reading = useReading(result.error, result.refetch);
  const columns = useColumns();
  if (reading !== null) return <Reading operation={reading.operation} />;
  const open = ({ change, file }: SnapshotFileChange): void => {
    window.location.hash = placeOf(change === 'removed' ? from.id : to.id, file);
  };
  return (
    <Loaded first={result.first} result={result}>
      {(first) => (
        <>
          <p className={classes['diffHead']}>{t('diff.between', { from: format.dateTime(from.time), to: format.dateTime(to.time) })}</p>
          <ul className={classes['totals']}>
            {kinds.map((kind) => <li key={kind} data-change={kind}><strong className="app-number">{format.number(first[kind].files)}</strong> {t(`diff.${kind}`)} <span className="app-dim app-number">{format.bytes(first[kind].bytes)}</span></li>)}
          </ul>
          <div className={classes['panel']}>
            <div className={classes['list']}>
              <VirtualTable label={t('diff.list')} rows={result.rows} columns={columns} rowKey={({ file, change }) => `${change}${file.type}${keyOf(file)}`} onOpen={open} rowHeight={32} empty={<EmptyState icon={Equal} title={t('diff.same')} why={t('diff.same_why')} />} />
            </div>
            {result.rows.length < first.total ? <div className={classes['foot']}><span className="app-dim app-number">{t('shown', { shown: format.number(result.rows.length), total: format.number(first.total) })}</span></div> : null}
          </div>
        </>
      )}
    </Loaded>
  );
}
