// The fields of the filter rail: numbers that are applied shortly after typing, and choices applied at once.
import { NumberInput, Select, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Milliseconds after the last key before a typed number is taken over. */
const typingPause = 250;

export interface NumberFilterProps {
  readonly label: string;
  readonly unit: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly description?: string;
  readonly decimals?: number;
  readonly step?: number;
  readonly max?: number;
}

const numberIn = (text: number | string): number | undefined => {
  const value = text === '' || text === '-' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

/** A number, or nothing for "any". */
export function NumberFilter({ label, unit, value, onChange, description, decimals = 0, step = 1, max = 1e6 }: NumberFilterProps) {
  const { t, i18n } = useTranslation('offers');
  const [draft, setDraft] = useState<{ readonly text: number | string; readonly over: number | undefined } | null>(null);
  // What is being typed stays as typed ("0.") for as long as it means the value, or replaces the value it was typed over.
  const typed = draft !== null && (draft.over === value || numberIn(draft.text) === value) ? draft.text : (value ?? '');
  const wanted = numberIn(typed);
  useEffect(() => {
    if (wanted === value) return undefined;
    const timer = setTimeout(() => onChange(wanted), typingPause);
    return () => clearTimeout(timer);
  }, [wanted, value, onChange]);
  const comma = i18n.language.startsWith('pt');
  return (
    <NumberInput
      size="xs" label={label} description={description} value={typed} onChange={(text) => setDraft({ text, over: value })} placeholder={t('any')} suffix={` ${unit}`} min={0} max={max} step={step} decimalScale={decimals}
      allowNegative={false} decimalSeparator={comma ? ',' : '.'} thousandSeparator={comma ? '.' : ','} inputMode="decimal" hideControls
    />
  );
}

export interface ChoiceFilterProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly choices: readonly (readonly [value: number, words: string])[];
  readonly onChange: (value: number | undefined) => void;
}

/** One of a few steps, or any. A value of the address that is no step is offered too. */
export function ChoiceFilter({ label, value, choices, onChange }: ChoiceFilterProps) {
  const { t } = useTranslation('offers');
  const all = value === undefined || choices.some(([known]) => known === value) ? choices : [...choices, [value, String(value)] as const];
  return (
    <Select
      size="xs" label={label} value={value === undefined ? '' : String(value)} onChange={(text) => onChange(text === null || text === '' ? undefined : Number(text))}
      data={[{ value: '', label: t('any') }, ...all.map(([known, words]) => ({ value: String(known), label: words }))]} comboboxProps={{ withinPortal: true }}
    />
  );
}

export interface FlagFilterProps {
  readonly label: string;
  readonly description?: string;
  readonly value: boolean | undefined;
  readonly onChange: (value: boolean) => void;
}

export function FlagFilter({ label, description, value, onChange }: FlagFilterProps) {
  return <Switch size="xs" label={label} description={description} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
}
