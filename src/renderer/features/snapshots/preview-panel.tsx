// What a snapshot would fetch, how long that takes and what the traffic costs; with other presets at once.
import { Button, Group, Loader, Text } from '@mantine/core';
import { ScanSearch } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SourceOptions, SourcePreview } from '../../../contract';
import { ErrorMessage, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { Amounts } from './operation-strip';
import { stillHolds, withPresets } from './source-effect';
import classes from './sources.module.css';
import type { PreviewState } from './use-sources';
import { useCancel } from './use-snapshots';

/** Rows of folders and of files at first sight. */
const rows = 6;

function Numbers({ preview, options }: Readonly<{ preview: SourcePreview; options: SourceOptions }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  const { kept, fetch, leftOut, seconds, dollars } = withPresets(preview, options.presets);
  const amount = (sum: { readonly files: number; readonly bytes: number }): string => `${format.bytes(sum.bytes)} · ${t('files', { count: sum.files, number: format.number(sum.files) })}`;
  const facts = [
    { term: t('preview.fetch'), said: amount(fetch), more: t('preview.of_kept', { kept: amount(kept) }) },
    { term: t('preview.left_out'), said: amount(leftOut), more: '' },
    { term: t('preview.time'), said: seconds === null ? t('preview.unknown') : seconds < 1 ? t('preview.moment') : format.duration(seconds), more: preview.rate === null ? '' : t(`preview.rate.${preview.rate.from}`, { rate: format.bytes(preview.rate.bytes_s) }) },
    { term: t('preview.price'), said: dollars === null ? t('preview.unknown') : preview.dollars_per_gb === 0 ? t('preview.free') : format.money(dollars), more: preview.dollars_per_gb === null || preview.dollars_per_gb === 0 ? '' : t('preview.per_gb', { price: format.money(preview.dollars_per_gb) }) },
  ];
  return (
    <>
      <dl className={classes['numbers']} aria-live="polite">
        {facts.map(({ term, said, more }) => <div key={term}><dt>{term}</dt><dd className="app-number">{said}{more === '' ? null : <span className="app-dim">{more}</span>}</dd></div>)}
      </dl>
      {options.max_fetch_bytes !== null && fetch.bytes > options.max_fetch_bytes ? <Text component="output" display="block" size="xs" c="var(--app-bad)">{t('preview.too_much', { limit: format.bytes(options.max_fetch_bytes) })}</Text> : null}
    </>
  );
}

function Largest({ preview }: Readonly<{ preview: SourcePreview }>) {
  const { t } = useTranslation('snapshots');
  const format = useFormat();
  if (preview.total.files === 0) return <Text size="sm" c="dimmed">{t('preview.empty')}</Text>;
  const list = (title: string, entries: readonly { readonly name: string; readonly bytes: number; readonly note: string }[]) => (
    <div>
      <h3>{title}</h3>
      <ul>{entries.map(({ name, bytes, note }) => <li key={name}><span className="app-mono">{name}</span><span className="app-number">{format.bytes(bytes)}</span>{note === '' ? null : <span className="app-dim">{note}</span>}</li>)}</ul>
    </div>
  );
  const outNote = (out: number, all: number): string => (out === 0 ? '' : out === all ? t('preview.all_out') : t('preview.part_out', { bytes: format.bytes(out) }));
  return (
    <div className={classes['lists']}>
      {list(t('preview.folders'), preview.directories.slice(0, rows).map((row) => ({ name: row.name === '' ? t('preview.others') : visible(row.name), bytes: row.bytes, note: outNote(row.left_out_bytes, row.bytes) })))}
      {list(t('preview.largest'), preview.largest.slice(0, rows).map((row) => ({ name: visible(row.path), bytes: row.bytes, note: row.fetch ? '' : t('preview.here') })))}
    </div>
  );
}

export interface PreviewPanelProps {
  readonly state: PreviewState;
  readonly options: SourceOptions;
  /** Null: nothing can be looked at, because the instance does not run or the path is wrong. */
  readonly onLook: (() => void) | null;
}

export function PreviewPanel({ state, options, onLook }: PreviewPanelProps) {
  const { t } = useTranslation('snapshots');
  const cancel = useCancel();
  const { preview, operation } = state;
  const stale = preview !== null && !stillHolds(preview, options);
  return (
    <section className={classes['preview']} aria-label={t('preview.title')}>
      <Group gap="xs" wrap="nowrap">
        <Button size="xs" variant="default" leftSection={<ScanSearch size={14} aria-hidden />} disabled={onLook === null || state.busy} onClick={() => onLook?.()}>{t(preview === null ? 'preview.look' : 'preview.again')}</Button>
        {state.busy ? <Loader size={14} /> : null}
        {state.busy && operation !== null ? <Text size="xs"><Amounts operation={operation} /></Text> : null}
        {operation !== null && operation.cancellable ? <Button size="compact-xs" variant="subtle" ml="auto" loading={cancel.isPending} onClick={() => cancel.mutate({ id: operation.id })}>{t('operation.cancel')}</Button> : null}
      </Group>
      {state.error === null ? null : <Text size="sm" c="var(--app-bad)"><ErrorMessage error={state.error} /></Text>}
      {preview === null ? (state.busy ? null : <Text size="xs" c="dimmed">{t('preview.why')}</Text>) : (
        <>
          {stale ? <Text size="xs" c="var(--app-warn)">{t('preview.stale')}</Text> : null}
          <Numbers preview={preview} options={options} />
          <Largest preview={preview} />
        </>
      )}
    </section>
  );
}
