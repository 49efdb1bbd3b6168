// An error in words: what happened, what was kept, what to do.
import i18next, { type TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { errorOf, type ClientError } from '../client';
import { formatters } from './format';

/** The three sentences of an error; `kept` and `advice` may be empty. */
export interface ErrorWords {
  readonly what: string;
  readonly kept: string;
  readonly advice: string;
}

/** Facts of an error as words may quote them: money, sizes and waits formatted, lists joined, the rest as text. */
export function errorFacts(data: Readonly<Record<string, unknown>>, language: string): Record<string, string> {
  const format = formatters(language);
  const entries = Object.entries(data).map(([name, value]): [string, string] => {
    if (typeof value === 'number' && (name.endsWith('dph') || name.startsWith('dph') || name === 'credit')) return [name, format.money(value)];
    if (typeof value === 'number' && (name === 'bytes' || name.endsWith('_bytes'))) return [name, format.bytes(value)];
    if (typeof value === 'number' && name.endsWith('_s')) return [name, format.duration(value)];
    if (Array.isArray(value)) return [name, value.filter((item) => typeof item === 'string').join(', ')];
    return [name, typeof value === 'string' || typeof value === 'number' ? visible(String(value)) : ''];
  });
  return Object.fromEntries(entries);
}

/** Control and direction characters shown as signs: remote text can hold what rearranges a line. */
export function visible(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
  });
}

/** The words of an error in the page's language: those of its reason, `what_denied` say, where it has one that has words of its own. */
export function errorWords(t: TFunction<['common', 'errors']>, { code, data }: Pick<ClientError, 'code' | 'data'>, language: string): ErrorWords {
  const facts = errorFacts(data, language);
  const part = (name: keyof ErrorWords): string => t(`errors:${code}.${name}` as 'errors:internal.what', { ...facts, context: facts['reason'], defaultValue: '' });
  const what = part('what');
  return what === '' ? { what: t('errors:unknown.what'), kept: '', advice: t('errors:unknown.advice') } : { what, kept: part('kept'), advice: part('advice') };
}

/** What happened, for words outside of a component: in the language that the page has now. */
export const whatHappened = (code: string, data: Readonly<Record<string, unknown>> = {}): string =>
  errorWords(i18next.getFixedT(null, ['common', 'errors']), { code: code as ClientError['code'], data }, i18next.language).what;

/** Words for anything a call threw, or for the error of an operation. */
export function useErrorWords(): (error: unknown) => ErrorWords {
  const { t, i18n } = useTranslation(['common', 'errors']);
  return (error) => errorWords(t, isStored(error) ? { code: error.code as ClientError['code'], data: error.data } : errorOf(error), i18n.language);
}

const isStored = (error: unknown): error is { code: string; data: Record<string, unknown> } =>
  typeof error === 'object' && error !== null && !(error instanceof Error) && typeof (error as { code?: unknown }).code === 'string' && typeof (error as { data?: unknown }).data === 'object' && (error as { data?: unknown }).data !== null;

/** The sentences of an error, inline. */
export function ErrorMessage({ error }: Readonly<{ error: unknown }>) {
  const { what, kept, advice } = useErrorWords()(error);
  return (
    <span role="alert">
      <strong>{what}</strong>
      {kept === '' ? null : ` ${kept}`}
      {advice === '' ? null : ` ${advice}`}
    </span>
  );
}
