// Dollars in tabular figures, with what they are per.
import { useTranslation } from 'react-i18next';
import { useFormat } from './format';

export interface MoneyProps {
  /** Dollars, of the unit in `per`; for `month` $/h, which are counted up. */
  readonly amount: number | null | undefined;
  readonly per?: 'hour' | 'month' | 'GB';
  /** Digits after the point; by size when absent. */
  readonly digits?: number;
}

/** An amount of money, with a dimmed unit. */
export function Money({ amount, per, digits }: MoneyProps) {
  const format = useFormat();
  const { t } = useTranslation();
  const text = per === 'month' ? format.perMonth(amount) : format.money(amount, digits);
  return (
    <span className="app-number">
      {text}
      {per === undefined || amount === null || amount === undefined ? null : <span className="app-dim">{t(`unit.${per}`)}</span>}
    </span>
  );
}
