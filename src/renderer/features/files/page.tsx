// `#/snapshots/<id>`: the files of one snapshot, or with `?with=<id>` what is different in another.
import { Button, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { FolderOpen, SearchX } from 'lucide-react';
import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snapshot, SnapshotFile } from '../../../contract';
import { useFormat } from '../../ui/format';
import { navigate, useRoute } from '../../ui/route';
import { EmptyState, LoadingState, QueryView } from '../../ui/states';
import { keyOf, parentOf, rootKey, type FileKey } from './address';
import { Breadcrumb, Title, Tools } from './browser-head';
import { asFolder } from './chosen-files';
import { Details } from './details';
import { Difference } from './difference';
import { FolderTable } from './folder-table';
import { Loaded } from './loaded';
import { Reading } from './reading';
import { useFolder, useReading, useSettled, useSnapshot, type Sorting } from './use-files';
import classes from './files.module.css';

/** Opens the dialog that restores these files of a snapshot. */
export type RestoreFiles = (snapshot: Snapshot, files: readonly SnapshotFile[], onClose: () => void) => ReactNode;

interface FolderProps {
  readonly snapshot: Snapshot;
  readonly at: FileKey;
  readonly file: FileKey | null;
  readonly onRestore: (snapshot: Snapshot, files: readonly SnapshotFile[]) => void;
}

function Nothing({ filtered, onClear }: Readonly<{ filtered: boolean; onClear: () => void }>) {
  const { t } = useTranslation('files');
  return filtered ? <EmptyState icon={SearchX} title={t('empty.filtered')} why={t('empty.filtered_why')} action={{ label: t('filter_clear'), onClick: onClear }} /> : <EmptyState icon={FolderOpen} title={t('empty.title')} why={t('empty.why')} />;
}

function More({ result }: Readonly<{ result: ReturnType<typeof useFolder> }>) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const total = result.first?.total ?? 0;
  return (
    <div className={classes['foot']} aria-live="polite">
      <span className="app-dim app-number">{result.rows.length < total ? t('shown', { shown: format.number(result.rows.length), total: format.number(total) }) : t('rows', { count: total, number: format.number(total) })}</span>
      {result.hasNextPage ? <Button size="compact-xs" variant="subtle" loading={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>{t('more')}</Button> : null}
    </div>
  );
}

function Folder({ snapshot, at, file, onRestore }: FolderProps) {
  const { t } = useTranslation('files');
  const [sort, setSort] = useState<Sorting>({ id: 'name', descending: false });
  const [filters, setFilters] = useState({ at, text: '' });
  const [chosen, setChosen] = useState<ReadonlyMap<FileKey, SnapshotFile>>(new Map());
  const input = useRef<HTMLInputElement>(null);
  const beside = useMediaQuery('(min-width: 68em)') ?? true;
  // A filter is for one folder.
  const text = filters.at === at ? filters.text : '';
  const filter = useSettled(text);
  const result = useFolder(snapshot.id, at, text === '' ? '' : filter, sort);
  const reading = useReading(result.error, result.refetch);
  const setFilter = useCallback((wanted: string) => setFilters({ at, text: wanted }), [at]);
  const choose = useCallback((one: SnapshotFile) => setChosen((before) => {
    const next = new Map(before);
    if (!next.delete(keyOf(one))) next.set(keyOf(one), one);
    return next;
  }), []);
  const chooseAll = useCallback((some: readonly SnapshotFile[]) => setChosen((before) => new Map([...before, ...some.map((one) => [keyOf(one), one] as const)])), []);
  const go = (to: FileKey, shown: FileKey | null = null): void => navigate('snapshots', snapshot.id, { at: to, ...(shown === null ? {} : { file: shown }) });
  const open = (one: SnapshotFile): void => (one.type === 'dir' ? go(keyOf(one)) : go(at, keyOf(one)));
  const wanted = useMemo(() => asFolder(chosen, filter === '' ? result : null), [chosen, filter, result]);
  const type = (char: string): void => {
    setFilter(text + char);
    input.current?.focus();
  };
  const details = file === null ? null : <Details snapshot={snapshot} file={file} onRestore={onRestore} onClose={() => go(at)} />;
  if (reading !== null) return <Reading operation={reading.operation} />;
  return (
    <>
      <Breadcrumb snapshot={snapshot} at={at} />
      <Tools snapshot={snapshot} filter={text} onFilter={setFilter} input={input} chosen={[...chosen.values()]} wanted={wanted} onClear={() => setChosen(new Map())} onRestore={() => onRestore(snapshot, wanted)} />
      <div className={classes['main']} data-beside={(beside && details !== null) || undefined}>
        <div className={classes['panel']}>
          <Loaded first={result.first} result={result}>
            {() => (
              <>
                <FolderTable
                  at={at} rows={result.rows} old={result.isPlaceholderData} filter={text} sort={sort} onSort={setSort} chosen={chosen} onChoose={choose} onChooseAll={chooseAll} selected={file} onOpen={open} onUp={() => go(parentOf(at))} onType={type}
                  empty={<Nothing filtered={text !== ''} onClear={() => setFilter('')} />}
                />
                <More result={result} />
              </>
            )}
          </Loaded>
        </div>
        {beside ? details : (
          <Drawer.Root opened={details !== null} onClose={() => go(at)} position="right" size="min(420px, 100%)">
            <Drawer.Overlay />
            <Drawer.Content aria-label={t('details')}><Drawer.Body>{details}</Drawer.Body></Drawer.Content>
          </Drawer.Root>
        )}
      </div>
    </>
  );
}

/** The page. */
export function FilesPage({ restore }: Readonly<{ restore: RestoreFiles }>) {
  const { t } = useTranslation('files');
  const { id, params } = useRoute();
  const { result, snapshot, siblings } = useSnapshot(id ?? '');
  const [restoring, setRestoring] = useState<{ readonly snapshot: Snapshot; readonly files: readonly SnapshotFile[] } | null>(null);
  const other = siblings.find((one) => one.id === params['with']) ?? null;
  return (
    <div className={classes['page']}>
      <QueryView result={result} loading={<LoadingState rows={8} />}>
        {() => {
          if (snapshot === null) return <EmptyState icon={SearchX} title={t('gone.title')} why={t('gone.why')} action={{ label: t('back'), onClick: () => navigate('snapshots') }} />;
          const onRestore = (of: Snapshot, files: readonly SnapshotFile[]): void => setRestoring({ snapshot: of, files });
          return (
            <>
              <Title snapshot={snapshot} siblings={siblings} other={other?.id ?? null} />
              {other === null ? <Folder key={snapshot.id} snapshot={snapshot} at={params['at'] ?? rootKey} file={params['file'] ?? null} onRestore={onRestore} /> : <Difference key={other.id} one={snapshot} other={other} />}
            </>
          );
        }}
      </QueryView>
      {restoring === null ? null : restore(restoring.snapshot, restoring.files, () => setRestoring(null))}
    </div>
  );
}
