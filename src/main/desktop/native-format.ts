// Money, spans of time and strangers' strings as native menus and notifications show them.
import { fill, type Language } from './words';

const spans = {
  en: { minutes: '{n} min', hours: '{n} h', days: '{n} days' },
  'pt-BR': { minutes: '{n} min', hours: '{n} h', days: '{n} dias' },
} as const;

/** Dollars; small rates keep four digits. */
export function money(dollars: number, language: Language): string {
  const digits = dollars !== 0 && Math.abs(dollars) < 0.1 ? 4 : 2;
  return new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(dollars);
}

/** A length of time in the one unit that fits it. */
export function span(hours: number, language: Language): string {
  const words = spans[language];
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  // Rounded up to here, "60 min" would be said.
  if (hours < 59.5 / 60) return fill(words.minutes, { n: whole.format(Math.max(1, hours * 60)) });
  if (hours < 72) return fill(words.hours, { n: whole.format(hours) });
  return fill(words.days, { n: whole.format(hours / 24) });
}

/** Control characters and marks that turn the direction of writing: shown as a sign that something was there. */
const disguising = /[\p{Cc}\p{Bidi_Control}]/gu;
/** Characters that nobody sees, and those that have no meaning outside one program. */
const invisible = /[\p{Cf}\p{Cs}\p{Co}]/gu;
/** Marks that pile up on one letter would cover the lines around it. */
const piled = /(\p{M}{3})\p{M}+/gu;

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most so many letters as a reader counts them. */
const cut = (text: string, most: number): string => {
  // No letter that is left after cleaning is longer than this.
  const seen = Array.from(letters.segment(text.slice(0, most * 16)), ({ segment }) => segment);
  return seen.length > most ? `${seen.slice(0, most - 1).join('')}…` : seen.join('');
};

/** A label of an instance or title of an operation inside a longer line: one line, nothing hidden, at most `most` characters. */
export const menuName = (text: string, most = 48): string =>
  cut(text.replaceAll(/\s+/gu, ' ').replaceAll(disguising, '\u{FFFD}').replaceAll(invisible, '').replaceAll(piled, '$1').trim(), most);
