// One schedule: what it means, what comes next, how the last run went, and what it waits for.
import { ActionIcon, Button, Switch, Text, Tooltip } from '@mantine/core';
import { CalendarClock, CircleAlert, CircleCheck, CircleHelp, CircleSlash, LoaderCircle, Pencil, Play, Trash2, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Schedule, ScheduledRun, SlotState } from '../../../contract';
import { draggedOut } from '../../ui/drag-out';
import { ErrorMessage } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { RelativeTime } from '../../ui/relative-time';
import { routeHash } from '../../ui/route';
import { runReasonWords } from '../../ui/run-reason';
import { useAnswer, useRunNow, useSubject, useTimingWords, useUpdate, useZoned } from './use-schedules';
import classes from './schedules.module.css';

const icons: Readonly<Record<SlotState, LucideIcon>> = {
  asking: CircleHelp, started: LoaderCircle, succeeded: CircleCheck, warnings: TriangleAlert, failed: CircleAlert, cancelled: CircleSlash, skipped: CircleSlash, interrupted: LoaderCircle,
};

/** How a run went, in a few words, and why. */
function LastRun({ run }: Readonly<{ run: ScheduledRun }>) {
  const { t } = useTranslation('schedules');
  const Icon = icons[run.state];
  const why = runReasonWords(run.reason);
  const text = [t(`state.${run.state}`), run.covers > 1 ? t('covers', { count: run.covers }) : ''].filter((part) => part !== '').join(', ');
  return (
    <span className={classes['last']} data-state={run.state}>
      <Icon size={14} aria-hidden />
      {run.operation_id === null ? <span>{text}</span> : <a href={routeHash('operations', run.operation_id)}>{text}</a>}
      <span className="app-dim"><RelativeTime at={run.ended_at ?? run.started_at ?? run.slot} /></span>
      {why === '' ? null : <span className="app-dim">{why}</span>}
    </span>
  );
}

function Asking({ schedule, run }: Readonly<{ schedule: Schedule; run: ScheduledRun }>) {
  const { t } = useTranslation('schedules');
  const format = useFormat();
  const answer = useAnswer();
  return (
    <div className={classes['asking']} role="alert">
      <CircleHelp size={17} aria-hidden />
      <div>
        <Text size="sm">{t('asking.text', { count: run.covers, time: format.dateTime(run.slot) })}</Text>
        {answer.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={answer.error} /></Text>}
        <div className={classes['buttons']}>
          <Button size="xs" loading={answer.isPending} onClick={() => answer.mutate({ id: schedule.id, answer: 'run' })}>{t('asking.run')}</Button>
          <Button size="xs" variant="default" disabled={answer.isPending} onClick={() => answer.mutate({ id: schedule.id, answer: 'skip' })}>{t('asking.skip')}</Button>
        </div>
      </div>
    </div>
  );
}

function Next({ schedule }: Readonly<{ schedule: Schedule }>) {
  const { t } = useTranslation('schedules');
  const zoned = useZoned();
  const [next] = schedule.next_runs;
  if (schedule.running) return <span>{t('running')}</span>;
  if (!schedule.enabled) return <span className="app-dim">{t('off')}</span>;
  if (next === undefined) return <span className="app-dim">{t('never')}</span>;
  return <Tooltip label={schedule.next_runs.map((at) => zoned(at, schedule.time_zone)).join(' · ')} multiline maw={320}><span>{t('next')} <strong className="app-number">{zoned(next, schedule.time_zone)}</strong> <span className="app-dim"><RelativeTime at={next} /></span></span></Tooltip>;
}

function Marks({ schedule }: Readonly<{ schedule: Schedule }>) {
  const { t } = useTranslation('schedules');
  return (
    <>
      {schedule.overdue_since === null || schedule.running ? null : <span className={classes['mark']} data-tone="warn"><TriangleAlert size={13} aria-hidden />{t('overdue')} <RelativeTime at={schedule.overdue_since} /></span>}
      {schedule.waits_for === null ? null : <span className={classes['mark']}>{t(`waits.${schedule.waits_for}`)}</span>}
    </>
  );
}

export interface ScheduleRowProps {
  readonly schedule: Schedule;
  readonly onEdit: (schedule: Schedule) => void;
  readonly onRemove: (schedule: Schedule) => void;
}

export function ScheduleRow({ schedule, onEdit, onRemove }: ScheduleRowProps) {
  const { t } = useTranslation('schedules');
  const meaning = useTimingWords()(schedule.timing);
  const subject = useSubject()(schedule);
  const update = useUpdate();
  const runNow = useRunNow();
  const error = runNow.error ?? update.error;
  return (
    <li className={classes['row']} data-off={!schedule.enabled || undefined} data-schedule={schedule.id}>
      <div className={classes['main']}>
        <span {...draggedOut({ what: 'schedule', id: schedule.id })}><CalendarClock size={18} aria-hidden className={classes['icon']} /></span>
        <div className={classes['text']}>
          <div className={classes['line']}><strong className={classes['subject']}>{subject}</strong>{schedule.source === null ? null : <span className="app-dim">{t(`kind.${schedule.kind}`)}</span>}<Marks schedule={schedule} /></div>
          <div className={classes['line']}><span>{meaning}</span>{schedule.timing.type === 'cron' ? <span className="app-dim">{schedule.time_zone}</span> : null}</div>
          <div className={classes['line']}><Next schedule={schedule} />{schedule.last_run === null ? <span className="app-dim">{t('not_yet')}</span> : <LastRun run={schedule.last_run} />}</div>
        </div>
        <div className={classes['actions']}>
          <Switch aria-label={t('action.enabled', { subject })} checked={schedule.enabled} disabled={update.isPending} onChange={(event) => update.mutate({ id: schedule.id, enabled: event.currentTarget.checked })} />
          <Button size="xs" variant="default" leftSection={<Play size={13} aria-hidden />} loading={runNow.isPending} disabled={schedule.running} aria-label={t('action.run_name', { subject })} onClick={() => runNow.mutate({ id: schedule.id })}>{t('action.run')}</Button>
          <Tooltip label={t('action.edit')}><ActionIcon size={30} aria-label={t('action.edit_name', { subject })} onClick={() => onEdit(schedule)}><Pencil size={15} aria-hidden /></ActionIcon></Tooltip>
          <Tooltip label={t('action.remove')}><ActionIcon size={30} aria-label={t('action.remove_name', { subject })} onClick={() => onRemove(schedule)}><Trash2 size={15} aria-hidden /></ActionIcon></Tooltip>
        </div>
      </div>
      {schedule.asking === null ? null : <Asking schedule={schedule} run={schedule.asking} />}
      {error === null ? null : <Text size="sm" c="var(--app-bad)" className={classes['error']}><ErrorMessage error={error} /></Text>}
    </li>
  );
}
