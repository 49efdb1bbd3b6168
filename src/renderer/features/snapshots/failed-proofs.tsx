// What must be done at once: snapshots whose rehearsal failed.
import { Button, Text } from '@mantine/core';
import { ShieldAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Snapshot } from '../../../contract';
import { useFormat } from '../../ui/format';
import type { SnapshotGroup } from './group-snapshots';
import { useGroupName } from './snapshot-group';
import classes from './snapshots.module.css';

interface Failed {
  readonly group: SnapshotGroup;
  readonly snapshot: Snapshot;
}

/** The newest failed one of each group; older ones follow from it. */
export const failedOf = (groups: readonly SnapshotGroup[]): readonly Failed[] =>
  groups.flatMap((group) => {
    const snapshot = group.snapshots.find(({ proof }) => proof.state === 'failed');
    return snapshot === undefined ? [] : [{ group, snapshot }];
  });

function FailedProof({ group, snapshot, onTake }: Failed & Readonly<{ onTake: (instanceId: number) => void }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const name = useGroupName()(group);
  const { instance } = group;
  return (
    <div className={classes['problem']} role="alert" data-testid="failed-proof">
      <ShieldAlert size={16} aria-hidden />
      <div>
        <Text size="sm" fw={640}>{t('proof.failed_title', { label: name, time: format.dateTime(snapshot.time) })}</Text>
        <Text size="sm">{t('proof.failed_text')}</Text>
        {instance?.state === 'running' ? <Button size="xs" mt={6} onClick={() => onTake(instance.id)}>{t('take')}</Button> : null}
      </div>
    </div>
  );
}

/** One banner per group. */
export function FailedProofs({ groups, onTake }: Readonly<{ groups: readonly SnapshotGroup[]; onTake: (instanceId: number) => void }>) {
  return <>{failedOf(groups).map((failed) => <FailedProof key={failed.group.key} {...failed} onTake={onTake} />)}</>;
}
