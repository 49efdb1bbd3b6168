// What is asked before the app quits while something runs, as a value: a pure function of what main knows. See quit.ts for the asking.
import type { Instance, Operation } from '../../contract';
import { menuLabel } from './menu-label';
import { quitWordsOf, type QuitWords } from './quit-words';
import { fill, type Language } from './words';

export interface QuitState {
  readonly language: Language;
  readonly running: readonly Operation[];
  readonly instances: readonly Instance[];
  /** Whether the window goes away while the app waits; false where there is no tray to bring it back from. */
  readonly hides: boolean;
}

export interface QuitQuestion {
  readonly message: string;
  readonly detail: string;
  /** In the order of `answers`; the first is the default, the last is what Esc means. */
  readonly buttons: readonly [string, string, string];
}

/** What each button of a QuitQuestion means. */
export const answers = ['wait', 'stop', 'stay'] as const;
export type QuitAnswer = (typeof answers)[number];

/** Lines of one list; more would push the buttons off a small screen. */
const mostLines = 8;
/** They are handed over: Vast.ai goes on, and the next start takes them up. */
const handedOver: ReadonlySet<Operation['kind']> = new Set(['create', 'pause', 'resume', 'destroy']);

const money = (perHour: number, language: Language): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', minimumFractionDigits: 3, maximumFractionDigits: 4 }).format(perHour);

/** Names come from elsewhere; a dialog has no mnemonics, so `&` stays as it is. */
export const shown = (text: string): string => menuLabel(text).replaceAll('&&', '&');

const list = (lines: readonly string[]): readonly string[] => [...lines.slice(0, mostLines), ...(lines.length > mostLines ? [`… +${String(lines.length - mostLines)}`] : [])].map((line) => `  • ${line}`);

function operationLine({ kind, title, progress, asks }: Operation, words: QuitWords, language: Language): string {
  const what = `${words.kinds[kind]}: ${shown(title)}`;
  if (asks !== null) return `${what} (${words.asks})`;
  if (progress === null || progress.bytes_total === null || progress.bytes_total === 0) return what;
  const percent = Math.min(100, (progress.bytes_done / progress.bytes_total) * 100);
  return `${what} (${fill(words.percent, { n: new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(percent) })})`;
}

function keptLine(running: readonly Operation[], words: QuitWords): string {
  const kinds = new Set(running.map(({ kind }) => kind).filter((kind) => !handedOver.has(kind)));
  const rest = [...kinds].some((kind) => kind !== 'snapshot' && kind !== 'restore');
  const sentences = [...(kinds.has('snapshot') ? [words.keptSnapshot] : []), ...(kinds.has('restore') ? [words.keptRestore] : []), ...(rest ? [words.keptRest] : [])];
  return fill(words.stopMeans, { kept: sentences.join(' ') }).trim();
}

function billedLines(instances: readonly Instance[], words: QuitWords, language: Language): readonly string[] {
  const billed = instances.filter(({ cost_per_hour: cost }) => cost > 0);
  if (billed.length === 0) return [];
  const lines = billed.map(({ id, label, cost_per_hour: cost }) => fill(words.billedLine, { label: shown(label ?? `#${String(id)}`), cost: money(cost, language) }));
  const sum = billed.reduce((total, { cost_per_hour: cost }) => total + cost, 0);
  return ['', words.billed, ...list(lines), ...(billed.length > 1 ? [fill(words.together, { cost: money(sum, language) })] : [])];
}

/** The question, or null when nothing runs: then the app quits at once. */
export function quitQuestion({ language, running, instances, hides }: QuitState): QuitQuestion | null {
  if (running.length === 0) return null;
  const words = quitWordsOf(language);
  const isAsked = running.some(({ asks }) => asks !== null);
  return {
    message: running.length === 1 ? words.message_one : fill(words.message_many, { n: String(running.length) }),
    detail: [
      ...list(running.map((operation) => operationLine(operation, words, language))),
      '',
      isAsked ? words.waitAsksMeans : hides ? words.waitMeans : words.waitOpenMeans,
      keptLine(running, words),
      words.stayMeans,
      ...billedLines(instances, words, language),
    ].join('\n'),
    buttons: [words.wait, words.stop, words.stay],
  };
}
