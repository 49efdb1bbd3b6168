// Making and changing a schedule: what, when (with the meaning in words and the next five runs), and what happens to missed times.
import { Alert, Button, Group, Modal, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { FileInput } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CatchUp, Schedule, ScheduleFile, ScheduleKind } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { RepositoryChoice } from '../../ui/repository-choice';
import { firstForm, formOf, presets, timingOf, type TimingForm } from './timing-form';
import { ownTimeZone, useCreate, useInstances, useKnownInstances, usePreview, useSubject, useTimingWords, useUpdate, useZoned } from './use-schedules';
import classes from './schedules.module.css';

const kinds = ['snapshot', 'rehearse', 'check', 'rolling_check', 'prune'] as const satisfies readonly ScheduleKind[];
/** Kinds that are about a folder of an instance. */
const hasSource = (kind: ScheduleKind): boolean => kind === 'snapshot' || kind === 'rehearse';
const catchUps = ['once', 'skip', 'ask'] as const satisfies readonly CatchUp[];
const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

interface Values {
  readonly kind: ScheduleKind;
  readonly instanceId: number | null;
  readonly path: string | null;
  readonly repository: string | null;
  readonly form: TimingForm;
  readonly timeZone: string;
  readonly catchUp: CatchUp;
  readonly startAndStop: boolean;
}

interface PartProps {
  readonly values: Values;
  readonly change: (change: Partial<Values>) => void;
}

function What({ values, change }: PartProps) {
  const { t } = useTranslation('schedules');
  const instances = useInstances();
  const chosen = instances.find(({ id }) => id === values.instanceId) ?? null;
  return (
    <>
      <Select label={t('editor.kind')} data={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))} value={values.kind} onChange={(kind) => change({ kind: kinds.find((one) => one === kind) ?? 'snapshot' })} allowDeselect={false} />
      {hasSource(values.kind) ? (
        <Group grow align="start" gap="sm">
          <Select label={t('editor.instance')} placeholder={t('editor.choose')} data={instances.map(({ id, label }) => ({ value: String(id), label: `${visible(label ?? t('no_label', { id }))} · ${id}` }))} value={values.instanceId === null ? null : String(values.instanceId)} onChange={(id) => change({ instanceId: id === null ? null : Number(id), path: null })} />
          <TextInput label={t('editor.path')} value={values.path ?? chosen?.data_directory ?? '/workspace'} onChange={(event) => change({ path: event.currentTarget.value })} spellCheck={false} classNames={{ input: 'app-mono' }} />
        </Group>
      ) : null}
      {values.kind === 'rehearse' ? null : <RepositoryChoice required={!hasSource(values.kind)} value={hasSource(values.kind) ? values.repository : (values.repository ?? 'default')} onChange={(repository) => change({ repository })} />}
    </>
  );
}

/** Names of the days in the page's language; 0 is Sunday. */
const useDays = (): { value: string; label: string }[] => {
  const { i18n } = useTranslation();
  const format = new Intl.DateTimeFormat(i18n.language, { weekday: 'long', timeZone: 'UTC' });
  return Array.from({ length: 7 }, (_, day) => ({ value: String(day), label: format.format(Date.UTC(2026, 10, 22 + day)) }));
};

function When({ values, change }: PartProps) {
  const { t } = useTranslation('schedules');
  const days = useDays();
  const { form } = values;
  const set = (part: Partial<TimingForm>): void => change({ form: { ...form, ...part } });
  const hasTime = form.preset === 'daily' || form.preset === 'weekly';
  return (
    <>
      <Group grow align="start" gap="sm">
        <Select label={t('editor.when')} data={presets.map((value) => ({ value, label: t(`preset.${value}`) }))} value={form.preset} onChange={(preset) => set({ preset: presets.find((one) => one === preset) ?? 'daily' })} allowDeselect={false} />
        {form.preset === 'weekly' ? <Select label={t('editor.day')} data={days} value={String(form.weekday)} onChange={(day) => set({ weekday: Number(day ?? 0) })} allowDeselect={false} /> : null}
        {hasTime ? <TextInput label={t('editor.time')} type="time" value={form.time} onChange={(event) => set({ time: event.currentTarget.value })} /> : null}
        {form.preset === 'every' ? <NumberInput label={t('editor.minutes')} min={5} max={527_040} value={form.minutes} onChange={(minutes) => set({ minutes: Number(minutes) })} /> : null}
        {form.preset === 'cron' ? <TextInput label={t('editor.pattern')} description={t('editor.pattern_hint')} inputWrapperOrder={['label', 'input', 'description', 'error']} value={form.pattern} onChange={(event) => set({ pattern: event.currentTarget.value })} spellCheck={false} classNames={{ input: 'app-mono' }} /> : null}
      </Group>
      {form.preset === 'every' ? null : <Select label={t('editor.zone')} searchable data={zones()} value={values.timeZone} onChange={(zone) => change({ timeZone: zone ?? 'UTC' })} allowDeselect={false} />}
    </>
  );
}

function Meaning({ values }: Readonly<{ values: Values }>) {
  const { t } = useTranslation('schedules');
  const words = useTimingWords();
  const zoned = useZoned();
  const timing = timingOf(values.form);
  const preview = usePreview(timing, values.timeZone);
  return (
    <section className={classes['meaning']} aria-label={t('editor.next')} aria-live="polite">
      {timing === null ? <Text size="sm" c="dimmed">{t('editor.unfinished')}</Text> : null}
      {timing !== null && preview.error === null ? <Text size="sm" fw={600}>{words(timing)}</Text> : null}
      {timing === null || preview.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={preview.error} /></Text>}
      {timing === null || preview.error !== null || preview.data === undefined ? null : <ol className={classes['runs']}>{preview.data.next_runs.map((at) => <li key={at} className="app-number">{zoned(at, values.timeZone)}</li>)}</ol>}
    </section>
  );
}

function startOf({ schedule, file, instanceId, path }: ScheduleEditorProps): Values {
  const from = schedule ?? file?.schedule ?? null;
  return {
    kind: from?.kind ?? 'snapshot',
    instanceId: schedule?.source?.instance_id ?? file?.schedule.instance_id ?? instanceId,
    path: schedule?.source?.path ?? file?.schedule.source_path ?? path,
    repository: null,
    form: from === null ? firstForm : formOf(from.timing),
    timeZone: from?.time_zone ?? ownTimeZone,
    catchUp: from?.catch_up ?? 'once',
    startAndStop: from?.power === 'start_and_stop',
  };
}

/** Where the values come from, and what of them does not fit this account. */
function FromFile({ file, isOther }: Readonly<{ file: OpenedScheduleFile; isOther: boolean }>) {
  const { t } = useTranslation('schedules');
  return (
    <Alert color={isOther ? 'amber' : 'petrol'} variant="light" icon={<FileInput size={16} aria-hidden />}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{t('file.from', { name: visible(file.name) })} {isOther ? t('file.other_instance', { id: file.schedule.instance_id }) : ''}</Text>
    </Alert>
  );
}

interface OpenedScheduleFile {
  readonly name: string;
  readonly schedule: ScheduleFile;
}

export interface ScheduleEditorProps {
  /** Null makes a new one. */
  readonly schedule: Schedule | null;
  readonly instanceId: number | null;
  readonly path: string | null;
  /** What a new one begins with, of a file that was opened. */
  readonly file?: OpenedScheduleFile | null;
  readonly onClose: () => void;
}

export function ScheduleEditor(props: ScheduleEditorProps) {
  const { schedule, file = null, onClose } = props;
  const { t } = useTranslation(['schedules', 'common']);
  const subject = useSubject();
  const [values, setValues] = useState(() => startOf(props));
  const instances = useKnownInstances();
  // A file may come from another account, or name an instance that is gone.
  const isThere = file === null || instances?.some(({ id }) => id === values.instanceId) === true;
  const isOther = !isThere && instances !== undefined && values.instanceId !== null;
  const change = (part: Partial<Values>): void => setValues((kept) => ({ ...kept, ...part }));
  const create = useCreate(onClose);
  const update = useUpdate(onClose);
  const timing = timingOf(values.form);
  const isSnapshot = values.kind === 'snapshot';
  const needsSource = hasSource(values.kind);
  const ready = timing !== null && (!needsSource || (values.instanceId !== null && isThere));
  const save = (): void => {
    if (timing === null || !ready) return;
    const common = { timing, time_zone: values.timeZone, catch_up: values.catchUp, power: values.startAndStop && isSnapshot ? 'start_and_stop' : 'while_running' } as const;
    if (schedule !== null) update.mutate({ id: schedule.id, ...common });
    else create.mutate({ kind: values.kind, ...(values.repository === null || values.kind === 'rehearse' ? {} : { repository_id: values.repository }), ...(needsSource && values.instanceId !== null ? { instance_id: values.instanceId, ...(values.path === null ? {} : { source_path: values.path }) } : {}), ...common });
  };
  const error = create.error ?? update.error;
  return (
    <Modal opened onClose={onClose} size="lg" title={<Text fw={640} size="lg">{schedule === null ? t('editor.new') : t('editor.edit', { subject: subject(schedule) })}</Text>} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <form onSubmit={(event) => { event.preventDefault(); save(); }}>
        <Stack gap="md">
          {file === null ? null : <FromFile file={file} isOther={needsSource && isOther} />}
          {schedule === null ? <What values={values} change={change} /> : null}
          <When values={values} change={change} />
          <Meaning values={values} />
          <Select label={t('editor.catch_up')} description={t(`catch_up_why.${values.catchUp}`)} inputWrapperOrder={['label', 'input', 'description', 'error']} data={catchUps.map((value) => ({ value, label: t(`catch_up.${value}`) }))} value={values.catchUp} onChange={(rule) => change({ catchUp: catchUps.find((one) => one === rule) ?? 'once' })} allowDeselect={false} />
          {isSnapshot ? <Switch label={t('editor.power')} description={t('editor.power_why')} checked={values.startAndStop} onChange={(event) => change({ startAndStop: event.currentTarget.checked })} /> : null}
          {error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={error} /></Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('common:cancel')}</Button>
            <Button type="submit" disabled={!ready} loading={create.isPending || update.isPending}>{t('editor.save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
