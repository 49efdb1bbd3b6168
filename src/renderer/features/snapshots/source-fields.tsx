// How a folder is captured, beyond the presets: patterns, limits, copies, commands.
import { NumberInput, Stack, Switch, Text, TextInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SourceOptions } from '../../../contract';
import { isDesktop } from '../../client';
import { visible } from '../../ui/error-message';
import classes from './sources.module.css';

/** The limits of sizes: what each is typed in, and how far an arrow goes. */
const sizes = { max_file: ['max_file_bytes', { bytes: 1_000_000, step: 100 }], max_fetch: ['max_fetch_bytes', { bytes: 1_000_000_000, step: 1 }] } as const;

export interface SourceFieldsProps {
  readonly options: SourceOptions;
  readonly onChange: (options: SourceOptions) => void;
}

function Patterns({ options, onChange }: SourceFieldsProps) {
  const { t } = useTranslation('snapshots');
  // Kept as typed: a line that is being written is not a pattern yet.
  const [text, setText] = useState(options.exclude.join('\n'));
  const change = (typed: string): void => {
    setText(typed);
    onChange({ ...options, exclude: typed.split('\n').filter((line) => line.trim() !== '').slice(0, 200) });
  };
  return (
    <Textarea
      label={t('source.exclude')} description={t('source.exclude_hint')} value={text} onChange={(event) => change(event.currentTarget.value)} autosize minRows={3} maxRows={8} spellCheck={false} classNames={{ input: 'app-mono' }}
      placeholder={'data/raw/\n*.ckpt\n!best.ckpt'}
    />
  );
}

function Limits({ options, onChange }: SourceFieldsProps) {
  const { t, i18n } = useTranslation('snapshots');
  const comma = i18n.language.startsWith('pt') ? ',' : '.';
  const whole = (value: string | number): number | null => (typeof value === 'number' && value > 0 ? value : null);
  return (
    <div className={classes['limits']}>
      {(['max_file', 'max_fetch'] as const).map((name) => {
        const [option, unit] = sizes[name];
        const limit = options[option];
        return (
          <NumberInput
            key={name} label={t(`source.${name}`)} description={t(`source.${name}_hint`)} value={limit === null ? '' : limit / unit.bytes} min={0} step={unit.step} decimalSeparator={comma}
            onChange={(value) => { const size = whole(value); onChange({ ...options, [option]: size === null ? null : Math.max(1, Math.round(size * unit.bytes)) }); }}
          />
        );
      })}
      <NumberInput
        label={t('source.bandwidth')} description={t('source.bandwidth_hint')} value={options.bandwidth_kib_s ?? ''} min={0} step={256} allowDecimal={false}
        onChange={(value) => { const rate = whole(value); onChange({ ...options, bandwidth_kib_s: rate === null ? null : Math.max(16, rate) }); }}
      />
    </div>
  );
}

function Hook({ name, options, onChange }: SourceFieldsProps & { readonly name: 'before' | 'after' }) {
  const { t } = useTranslation('snapshots');
  const hook = options[name];
  if (!isDesktop) return hook === null ? null : <Text size="sm">{t(`source.${name}`)}: <span className="app-mono">{visible(hook.command)}</span></Text>;
  return (
    <div className={classes['hook']}>
      <TextInput
        label={t(`source.${name}`)} description={t(`source.${name}_hint`)} value={hook?.command ?? ''} spellCheck={false} classNames={{ input: 'app-mono' }} placeholder={name === 'before' ? 'pg_dump app > /workspace/app.sql' : ''}
        onChange={(event) => { const command = event.currentTarget.value; onChange({ ...options, [name]: command === '' ? null : { command, timeout_s: hook?.timeout_s ?? 60 } }); }}
      />
      <NumberInput label={t('source.timeout')} value={hook?.timeout_s ?? 60} min={1} max={3600} allowDecimal={false} disabled={hook === null} onChange={(value) => { if (hook !== null && typeof value === 'number' && value >= 1) onChange({ ...options, [name]: { ...hook, timeout_s: Math.min(3600, value) } }); }} />
    </div>
  );
}

export function SourceFields({ options, onChange }: SourceFieldsProps) {
  const { t } = useTranslation('snapshots');
  return (
    <Stack gap="sm">
      <Patterns options={options} onChange={onChange} />
      <Switch label={t('source.ignore_file')} description={t('source.ignore_file_hint')} checked={options.ignore_file} onChange={(event) => onChange({ ...options, ignore_file: event.currentTarget.checked })} />
      <Limits options={options} onChange={onChange} />
      <Switch label={t('source.low_priority')} description={t('source.low_priority_hint')} checked={options.low_priority} onChange={(event) => onChange({ ...options, low_priority: event.currentTarget.checked })} />
      <Switch label={t('source.full_copy')} description={t('source.full_copy_hint')} checked={options.full_local_copy} onChange={(event) => onChange({ ...options, full_local_copy: event.currentTarget.checked })} />
      <Hook name="before" options={options} onChange={onChange} />
      <Hook name="after" options={options} onChange={onChange} />
      {isDesktop ? null : <Text size="xs" c="dimmed">{t('source.hooks_window')}</Text>}
    </Stack>
  );
}
