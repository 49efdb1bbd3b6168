// A setting that is typed: saved by Enter or the button, put back by Escape.
import { Button, NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Props<Value> {
  readonly label: string;
  readonly value: Value;
  readonly onSave: (value: Value) => void;
  readonly busy: boolean;
}

/** A line of text. Give it its value as `key`, so that it follows a change from elsewhere. */
export function TextSetting({ label, value, onSave, busy, placeholder }: Props<string> & Readonly<{ placeholder?: string }>) {
  const { t } = useTranslation('settings');
  const [text, setText] = useState(value);
  const changed = text.trim() !== value;
  return (
    <form style={{ display: 'flex', gap: 8 }} onSubmit={(event) => { event.preventDefault(); if (changed) onSave(text.trim()); }}>
      <TextInput w={280} maw="60vw" aria-label={label} value={text} placeholder={placeholder} spellCheck={false} onChange={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === 'Escape') setText(value); }} />
      {changed ? <Button type="submit" loading={busy}>{t('save')}</Button> : null}
    </form>
  );
}

/** A number within limits. Give it its value as `key`. */
export function NumberSetting({ label, value, onSave, busy, min, max, suffix }: Props<number> & Readonly<{ min: number; max: number; suffix: string }>) {
  const { t, i18n } = useTranslation('settings');
  const [number, setNumber] = useState<number | string>(value);
  const valid = typeof number === 'number' && number >= min && number <= max;
  const comma = i18n.language.startsWith('pt');
  return (
    <form style={{ display: 'flex', gap: 8 }} onSubmit={(event) => { event.preventDefault(); if (valid && number !== value) onSave(number); }}>
      <NumberInput w={140} aria-label={label} value={number} min={min} max={max} suffix={suffix} decimalScale={0} thousandSeparator={comma ? '.' : ','} decimalSeparator={comma ? ',' : '.'} error={!valid} onChange={setNumber} />
      {valid && number !== value ? <Button type="submit" loading={busy}>{t('save')}</Button> : null}
    </form>
  );
}
