// What is known of one file: facts, its states in other snapshots, a preview.
import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { Download, RotateCcw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Snapshot, SnapshotFile, SnapshotFileVersion } from '../../../contract';
import { isDesktop } from '../../client';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { LoadingState, QueryView } from '../../ui/states';
import type { FileKey } from './address';
import { FileName } from './file-name';
import { Preview } from './preview';
import { useDownload, useVersions } from './use-files';
import { Versions } from './versions';
import classes from './files.module.css';

export interface DetailsProps {
  readonly snapshot: Snapshot;
  readonly file: FileKey;
  readonly onRestore: (snapshot: Snapshot, files: readonly SnapshotFile[]) => void;
  readonly onClose: () => void;
}

function Facts({ file }: Readonly<{ file: SnapshotFile }>) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const facts: readonly (readonly [string, string])[] = [
    [t('facts.type'), t(`type.${file.type}`)],
    [t('facts.size'), file.type === 'dir' ? t('facts.folder', { size: format.bytes(file.size), count: file.files ?? 0, number: format.number(file.files) }) : file.size < 1000 ? format.bytes(file.size) : `${format.bytes(file.size)} (${format.number(file.size)} B)`],
    [t('facts.mtime'), format.dateTime(file.mtime)],
    [t('facts.mode'), file.mode],
    [t('facts.owner'), `${String(file.uid)}:${String(file.gid)}`],
    ...(file.target === null ? [] : [[t('facts.target'), visible(file.target)] as const]),
    ...(file.sha256 === null ? [] : [['SHA-256', file.sha256] as const]),
  ];
  return <dl className={classes['facts']}>{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd className={name === 'SHA-256' ? 'app-mono' : undefined}>{value}</dd></div>)}</dl>;
}

function Actions({ snapshot, file, onRestore }: Readonly<{ snapshot: Snapshot; file: SnapshotFile; onRestore: DetailsProps['onRestore'] }>) {
  const { t } = useTranslation('files');
  const download = useDownload(snapshot.id);
  return (
    <>
      <Group gap="xs">
        <Button size="xs" leftSection={<RotateCcw size={13} aria-hidden />} disabled={!file.stored} onClick={() => onRestore(snapshot, [file])}>{t('restore')}</Button>
        {isDesktop ? null : <Button size="xs" variant="default" leftSection={<Download size={13} aria-hidden />} disabled={!file.stored || (file.type !== 'file' && file.type !== 'dir')} loading={download.isPending} onClick={() => download.mutate([file])}>{t('download')}</Button>}
      </Group>
      {download.error === null ? null : <Text size="sm"><ErrorMessage error={download.error} /></Text>}
    </>
  );
}

/** The panel beside the list. */
export function Details({ snapshot, file, onRestore, onClose }: DetailsProps) {
  const { t } = useTranslation(['files', 'common']);
  const result = useVersions(snapshot.id, file);
  const restoreVersion = (of: Snapshot, version: SnapshotFileVersion): void => onRestore(of, [version]);
  return (
    <aside className={classes['details']} aria-label={t('details')}>
      <QueryView result={result} compact loading={<LoadingState rows={5} />}>
        {({ versions }) => {
          const shown = versions.find(({ snapshot_ids: ids }) => ids.includes(snapshot.id)) ?? versions[0];
          if (shown === undefined) return null;
          return (
            <>
              <header className={classes['detailsHead']}>
                <h2><FileName file={shown} /></h2>
                <ActionIcon aria-label={t('common:close')} onClick={onClose}><X size={16} aria-hidden /></ActionIcon>
              </header>
              <Actions snapshot={snapshot} file={shown} onRestore={onRestore} />
              {shown.type === 'file' ? <Preview key={`${snapshot.id}${file}`} id={snapshot.id} file={file} /> : null}
              <Facts file={shown} />
              <h3>{t('versions.title')}</h3>
              <Versions versions={versions} here={snapshot.id} onRestore={restoreVersion} />
            </>
          );
        }}
      </QueryView>
    </aside>
  );
}
