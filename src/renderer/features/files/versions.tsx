// All states of one file in the snapshots of its folder: to look at, or to restore.
import { Badge, Button } from '@mantine/core';
import { FolderOpen, RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Snapshot, SnapshotFileVersion } from '../../../contract';
import { useFormat } from '../../ui/format';
import { RelativeTime } from '../../ui/relative-time';
import { routeHash } from '../../ui/route';
import { keyOf, parentOf } from './address';
import { useSnapshotsById } from './use-files';
import classes from './files.module.css';

export interface VersionsProps {
  /** Newest first. */
  readonly versions: readonly SnapshotFileVersion[];
  /** The snapshot that is open; null: none is. */
  readonly here: string | null;
  readonly onRestore: (snapshot: Snapshot, version: SnapshotFileVersion) => void;
}

/** Where a file is shown in a snapshot: in its folder. */
export const placeOf = (snapshotId: string, file: Pick<SnapshotFileVersion, 'path' | 'path64'>): string => routeHash('snapshots', snapshotId, { at: parentOf(keyOf(file)), file: keyOf(file) });

export function Versions({ versions, here, onRestore }: VersionsProps) {
  const { t } = useTranslation('files');
  const format = useFormat();
  const snapshots = useSnapshotsById();
  return (
    <ol className={classes['versions']} aria-label={t('versions.title')}>
      {versions.map((version) => {
        const id = here !== null && version.snapshot_ids.includes(here) ? here : (version.snapshot_ids[0] ?? '');
        const snapshot = snapshots.get(id);
        const time = snapshot === undefined ? '' : format.dateTime(snapshot.time);
        return (
          <li key={id} data-here={id === here || undefined}>
            <div className={classes['versionText']}>
              <strong className="app-number">{time}</strong>
              <span className="app-dim">{snapshot === undefined ? null : <RelativeTime at={snapshot.time} />}</span>
              <span className="app-number">{version.type === 'dir' ? '' : format.bytes(version.size)}</span>
              <span className="app-dim">{t('versions.in', { count: version.snapshot_ids.length })}</span>
              {id === here ? <Badge size="xs" variant="light">{t('versions.here')}</Badge> : null}
            </div>
            <div className={classes['versionActions']}>
              {id === here ? null : <Button component="a" href={placeOf(id, version)} size="compact-xs" variant="subtle" leftSection={<FolderOpen size={12} aria-hidden />} aria-label={t('versions.open_name', { time })}>{t('versions.open')}</Button>}
              <Button size="compact-xs" variant="subtle" leftSection={<RotateCcw size={12} aria-hidden />} disabled={snapshot === undefined} aria-label={t('versions.restore_name', { time })} onClick={() => { if (snapshot !== undefined) onRestore(snapshot, version); }}>{t('versions.restore')}</Button>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
