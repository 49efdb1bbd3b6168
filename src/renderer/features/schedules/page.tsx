// The schedules page: what runs when, what was missed, what is kept, and care of the repository.
import { Button, Text } from '@mantine/core';
import { CalendarClock, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schedule } from '../../../contract';
import { isDesktop } from '../../client';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { navigate, useRoute } from '../../ui/route';
import { EmptyState, LoadingState, QueryView } from '../../ui/states';
import { CareCard, RetentionCard } from './care-cards';
import { ScheduleEditor } from './editor';
import { OpenedSchedule } from './opened-file';
import { ScheduleRow } from './schedule-row';
import { useRemove, useSchedules, useSubject, useTimingWords } from './use-schedules';
import classes from './schedules.module.css';

function RemoveDialog({ schedule, onClose }: Readonly<{ schedule: Schedule; onClose: () => void }>) {
  const { t } = useTranslation('schedules');
  const subject = useSubject()(schedule);
  const meaning = useTimingWords()(schedule.timing);
  const remove = useRemove(onClose);
  return (
    <ConfirmDialog opened danger title={t('removing.title')} action={t('removing.action')} busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate({ id: schedule.id })} onClose={onClose}>
      <Text size="sm">{t('removing.text', { subject, meaning })}</Text>
    </ConfirmDialog>
  );
}

function List({ schedules, onNew, onEdit }: Readonly<{ schedules: readonly Schedule[]; onNew: () => void; onEdit: (schedule: Schedule) => void }>) {
  const { t } = useTranslation('schedules');
  const [removing, setRemoving] = useState<Schedule | null>(null);
  if (schedules.length === 0) return <EmptyState icon={CalendarClock} title={t('empty.title')} why={t('empty.why')} action={{ label: t('add'), onClick: onNew }} />;
  return (
    <section className={classes['card']} aria-label={t('title')}>
      <ul className={classes['list']}>{schedules.map((schedule) => <ScheduleRow key={schedule.id} schedule={schedule} onEdit={onEdit} onRemove={setRemoving} />)}</ul>
      {removing === null ? null : <RemoveDialog schedule={removing} onClose={() => setRemoving(null)} />}
    </section>
  );
}

/** A positive whole number of the address; null for anything else. */
const numberIn = (word: string | undefined): number | null => (/^[1-9]\d{0,14}$/.test(word ?? '') ? Number(word) : null);

/** `#/schedules`; `?instance=ID&path=/workspace` opens the editor for a folder, `?new=1` an empty one, `?file=1` what is in a file that was opened. */
export function SchedulesPage() {
  const { t } = useTranslation('schedules');
  const { params } = useRoute();
  const asked = numberIn(params['instance']);
  const file = numberIn(params['file']);
  const [editing, setEditing] = useState<{ readonly schedule: Schedule | null } | null>(null);
  const result = useSchedules();
  const wanted = asked !== null || params['new'] !== undefined;
  const open = editing ?? (wanted ? { schedule: null } : null);
  const close = (): void => {
    setEditing(null);
    if (wanted) navigate('schedules');
  };
  return (
    <div className={classes['page']}>
      <div className={classes['top']}>
        <h1>{t('title')}</h1>
        <Button className={classes['topEnd']} leftSection={<Plus size={15} aria-hidden />} onClick={() => setEditing({ schedule: null })}>{t('add')}</Button>
      </div>
      <QueryView result={result} loading={<LoadingState rows={4} height={56} />}>{({ schedules }) => <List schedules={schedules} onNew={() => setEditing({ schedule: null })} onEdit={(schedule) => setEditing({ schedule })} />}</QueryView>
      <RetentionCard />
      <CareCard />
      {file === null || !isDesktop ? null : <OpenedSchedule key={file} number={file} onClose={() => navigate('schedules')} />}
      {open === null || file !== null ? null : <ScheduleEditor key={open.schedule?.id ?? asked ?? 'new'} schedule={open.schedule} instanceId={asked} path={params['path'] ?? null} onClose={close} />}
    </div>
  );
}
