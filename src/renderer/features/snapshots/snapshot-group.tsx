// The snapshots of one instance, newest first; the older ones on demand.
import { Button, Group, Text } from '@mantine/core';
import { CalendarClock, Camera, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Snapshot } from '../../../contract';
import { visible } from '../../ui/error-message';
import { routeHash } from '../../ui/route';
import type { SnapshotGroup } from './group-snapshots';
import { SnapshotRow } from './snapshot-row';
import { SourceDialog } from './source-dialog';
import { useSources } from './use-sources';
import classes from './snapshots.module.css';

/** Rows shown at first, and how many more at a time. */
const atOnce = 12;

/** What a group is called. */
export const useGroupName = (): ((group: Pick<SnapshotGroup, 'label' | 'instanceId'>) => string) => {
  const { t } = useTranslation('snapshots');
  return ({ label, instanceId }) => {
    if (label !== null && label.trim() !== '') return visible(label);
    return instanceId === null ? t('nameless') : t('no_label', { id: instanceId });
  };
};

export interface SnapshotGroupViewProps {
  readonly group: SnapshotGroup;
  readonly onTake: (instanceId: number) => void;
  readonly onRestore: (snapshot: Snapshot) => void;
  readonly onRehearse: (snapshot: Snapshot) => void;
  readonly onDelete: (snapshot: Snapshot) => void;
}

/** How the folders of an instance are captured. */
function SourceSettings({ instanceId, runs }: Readonly<{ instanceId: number; runs: boolean }>) {
  const { t } = useTranslation('snapshots');
  const [opened, setOpened] = useState(false);
  const sources = (useSources().data?.sources ?? []).filter((source) => source.instance_id === instanceId);
  if (sources.length === 0) return null;
  return (
    <>
      <Button size="xs" variant="subtle" leftSection={<SlidersHorizontal size={14} aria-hidden />} onClick={() => setOpened(true)}>{t('source.settings')}</Button>
      {opened ? <SourceDialog sources={sources} runs={runs} onClose={() => setOpened(false)} /> : null}
    </>
  );
}

export function SnapshotGroupView({ group, onTake, onRestore, onRehearse, onDelete }: SnapshotGroupViewProps) {
  const { t } = useTranslation('snapshots');
  const name = useGroupName()(group);
  const [most, setMost] = useState(atOnce);
  const { instance, snapshots } = group;
  const runs = instance?.state === 'running';
  const older = snapshots.length - most;
  return (
    <section className={classes['group']} aria-label={t('group', { label: name })}>
      <header className={classes['groupHead']}>
        <div>
          <h2>{name}</h2>
          <Text size="xs" c="dimmed">
            {[group.instanceId === null ? '' : t('number', { id: group.instanceId }), instance === null ? t('gone') : runs ? t('running') : t('not_running'), t('count', { count: snapshots.length })].filter((part) => part !== '').join(' · ')}
          </Text>
        </div>
        <Group gap={6}>
          {instance === null ? null : <SourceSettings instanceId={instance.id} runs={runs} />}
          {instance === null ? null : <Button size="xs" variant="default" leftSection={<Camera size={14} aria-hidden />} disabled={!runs} onClick={() => onTake(instance.id)}>{t('take')}</Button>}
          {instance === null ? null : <Button size="xs" variant="subtle" component="a" href={routeHash('schedules', null, { instance: String(instance.id), path: snapshots[0]?.paths[0] ?? instance.data_directory })} leftSection={<CalendarClock size={14} aria-hidden />}>{t('schedule')}</Button>}
        </Group>
      </header>
      <ol className={classes['timeline']}>
        {snapshots.slice(0, most).map((snapshot) => <SnapshotRow key={snapshot.id} snapshot={snapshot} onRestore={onRestore} onRehearse={onRehearse} onDelete={onDelete} />)}
      </ol>
      {older > 0 ? <Button size="compact-sm" variant="subtle" className={classes['older']} onClick={() => setMost(most + 4 * atOnce)}>{t('more', { count: Math.min(older, 4 * atOnce) })}</Button> : null}
    </section>
  );
}
