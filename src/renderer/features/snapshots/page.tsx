// The snapshots page: what is kept of each instance, taking, restoring and deleting.
import { Button, CloseButton, Text } from '@mantine/core';
import { Archive, Camera } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance, Snapshot } from '../../../contract';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { ErrorMessage } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { navigate, useRoute } from '../../ui/route';
import { EmptyState, LoadingState, QueryView } from '../../ui/states';
import { FailedProofs } from './failed-proofs';
import { groupOf, groupSnapshots, runningOf, type SnapshotGroup } from './group-snapshots';
import { OperationStrip } from './operation-strip';
import { problemsOf, RepositoryCard } from './repository-card';
import { RestoreDialog } from './restore-dialog';
import { SnapshotGroupView, useGroupName } from './snapshot-group';
import { TakeDialog } from './take-dialog';
import { useKnownInstances, useRehearse, useRemove, useRepository, useSnapshotOperations, useSnapshots } from './use-snapshots';
import classes from './snapshots.module.css';

const idIn = (text: string | undefined): number | null => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null);

function DeleteDialog({ snapshot, group, onClose }: Readonly<{ snapshot: Snapshot; group: SnapshotGroup | undefined; onClose: () => void }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const name = useGroupName()({ label: group?.label ?? snapshot.label, instanceId: snapshot.instance_id });
  const remove = useRemove(onClose);
  return (
    <ConfirmDialog opened danger title={t('deleting.title')} action={t('deleting.action')} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate({ id: snapshot.id })} onClose={onClose}>
      <Text size="sm">{t('deleting.text', { label: name, time: format.dateTime(snapshot.time) })}</Text>
      {group?.snapshots.length === 1 ? <Text size="sm" fw={600} mt="xs">{t('deleting.last', { label: name })}</Text> : null}
    </ConfirmDialog>
  );
}

interface GroupsProps {
  readonly groups: readonly SnapshotGroup[];
  readonly instances: readonly Instance[];
  readonly only: number | null;
  readonly onTake: (instanceId: number | null) => void;
}

function Nothing({ instances, only, onTake }: Omit<GroupsProps, 'groups'>) {
  const { t } = useTranslation('snapshots');
  const running = runningOf(instances);
  const action = running.length > 0 ? { label: t('take'), onClick: () => onTake(only) } : { label: t('empty.to_instances'), onClick: () => navigate('instances') };
  return <EmptyState icon={Archive} title={only === null ? t('empty.title') : t('empty.none_of')} why={t('empty.why')} action={action} />;
}

function Groups({ groups, instances, only, onTake }: GroupsProps) {
  const [restoring, setRestoring] = useState<Snapshot | null>(null);
  const rehearse = useRehearse();
  const [deleting, setDeleting] = useState<Snapshot | null>(null);
  return (
    <>
      <FailedProofs groups={groups} onTake={onTake} />
      {rehearse.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={rehearse.error} /></Text>}
      {groups.length === 0 ? <Nothing instances={instances} only={only} onTake={onTake} /> : null}
      {groups.map((group) => <SnapshotGroupView key={group.key} group={group} onTake={onTake} onRestore={setRestoring} onRehearse={({ id }) => rehearse.mutate({ id, wait: false })} onDelete={setDeleting} />)}
      {restoring === null ? null : <RestoreDialog snapshot={restoring} running={runningOf(instances)} onClose={() => setRestoring(null)} />}
      {deleting === null ? null : <DeleteDialog snapshot={deleting} group={groupOf(groups, deleting)} onClose={() => setDeleting(null)} />}
    </>
  );
}

function OnlyOne({ group, id }: Readonly<{ group: SnapshotGroup | undefined; id: number }>) {
  const { t } = useTranslation('snapshots');
  const name = useGroupName()({ label: group?.label ?? null, instanceId: id });
  return <span className={classes['only']}>{t('only', { label: name })}<CloseButton size="xs" aria-label={t('show_all')} onClick={() => navigate('snapshots')} /></span>;
}

/** `around` puts the search above the list. `#/snapshots`, `?instance=ID` for one instance, `?take=ID` with the dialog open. */
export function SnapshotsPage({ around }: Readonly<{ around: (list: ReactNode) => ReactNode }>) {
  const { t } = useTranslation('snapshots');
  const { params } = useRoute();
  const only = idIn(params['instance']);
  const [taking, setTaking] = useState<{ readonly of: number | null } | null>(null);
  const asked = idIn(params['take']);
  const wanted = params['take'] !== undefined;
  const instances = useKnownInstances();
  const result = useSnapshots();
  const repository = useRepository().data;
  const operations = useSnapshotOperations();
  const groups = useMemo(() => groupSnapshots(result.data?.snapshots ?? [], instances), [result.data, instances]);
  const shown = only === null ? groups : groups.filter(({ instanceId }) => instanceId === only);
  const broken = repository !== undefined && problemsOf(repository).length > 0;
  const card = repository === undefined ? null : <RepositoryCard repository={repository} />;
  const take = (of: number | null): void => setTaking({ of });
  const close = (): void => {
    setTaking(null);
    if (wanted) navigate('snapshots');
  };
  return (
    <div className={classes['page']}>
      <div className={classes['top']}>
        <h1>{t('title')}</h1>
        {only === null ? null : <OnlyOne id={only} group={shown[0]} />}
        <Button className={classes['topEnd']} leftSection={<Camera size={15} aria-hidden />} onClick={() => take(only)}>{t('take')}</Button>
      </div>
      {broken ? card : null}
      {operations.map((operation) => <OperationStrip key={operation.id} operation={operation} />)}
      {around(<QueryView result={result} loading={<LoadingState rows={4} height={64} />}>{() => <Groups groups={shown} instances={instances} only={only} onTake={take} />}</QueryView>)}
      {broken ? null : card}
      {taking !== null || wanted ? <TakeDialog key={asked ?? 'take'} running={runningOf(instances)} instanceId={taking?.of ?? asked} onClose={close} /> : null}
    </div>
  );
}
