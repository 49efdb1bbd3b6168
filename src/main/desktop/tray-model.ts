// What the tray shows, as a value: a pure function of what main knows. See tray.ts for the drawing.
import type { Account, ErrorCode } from '../../contract';
import { creditAge } from '../domain/needs';
import { money, span } from './native-format';
import { instanceItems, pauseAllItems } from './tray-instances';
import { act, grouped, text, type TrayItem } from './tray-menu';
import type { TrayState } from './tray-state';
import { trayWordsOf } from './tray-words';
import { marks, needsUser, snapshotItems, workItems } from './tray-work';
import { fill } from './words';

export interface TrayModel {
  readonly icon: 'idle' | 'spending' | 'attention';
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

const ageOf = (at: number, state: TrayState): string => span((state.now - at) / 3_600_000, state.language);

function ending(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  return [act('open', state.signedIn ? words.open : words.signIn, { type: 'open', route: '' }), act('quit', words.quit, { type: 'quit' })];
}

function spendLine(state: TrayState, account: Account): string {
  const words = trayWordsOf(state.language);
  const spending = fill(words.spending, { cost: money(account.burn_per_hour, state.language) });
  if (account.credit === null) return `${spending} · ${words.creditUnknown}`;
  if (account.runway_hours === null) return spending;
  return `${spending} · ${fill(words.runway, { credit: money(account.credit, state.language), hours: span(account.runway_hours, state.language) })}`;
}

/** How old the figures are, where they are; of the credit alone, where only that is. */
function ages(state: TrayState, account: Account, isClosed: boolean): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  if (account.as_of !== null && (account.stale || isClosed)) return [text('stale', fill(isClosed ? words.old : words.stale, { age: ageOf(Date.parse(account.as_of), state) }))];
  const age = creditAge(account, state.now);
  return age === null ? [] : [text('old-credit', fill(words.oldCredit, { age: span(age / 3_600_000, state.language) }))];
}

/** Money first; then, where it applies, that the figures are old, and what the user must do before there are new ones. */
function head(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const { account, problem } = state;
  const closed = problem === null ? undefined : (words.closed as Partial<Record<ErrorCode, string>>)[problem];
  const key = closed === undefined ? [] : [text('key', closed, { type: 'open', route: '#/settings' })];
  if (account === null || account.as_of === null) return closed === undefined ? [text('spend', problem === null ? words.asking : words.unknown)] : key;
  return [text('spend', spendLine(state, account)), ...ages(state, account, closed !== undefined), ...key];
}

function signedOut(state: TrayState): TrayModel {
  const words = trayWordsOf(state.language);
  const last = state.lastSpend;
  const line = last === null ? words.nothingKnown : fill(words.lastKnown, { cost: money(last.perHour, state.language), age: ageOf(last.at, state) });
  return { icon: last !== null && last.perHour > 0 ? 'spending' : 'idle', tooltip: `Dumont Cloud\n${line}`, items: grouped([text('spend', line)], ending(state)) };
}

/**
 * The whole menu, its icon and its tooltip.
 *
 * Money first and quit last. Nobody signed in: the last known spend, sign in, open and quit; no pause or resume.
 */
export function trayModel(state: TrayState): TrayModel {
  if (!state.signedIn) return signedOut(state);
  const account = state.account;
  return {
    icon: needsUser(state) ? 'attention' : (account?.burn_per_hour ?? 0) > 0 ? 'spending' : 'idle',
    tooltip: account === null ? 'Dumont Cloud' : `Dumont Cloud\n${spendLine(state, account)}`,
    items: grouped(head(state), marks(state), workItems(state), instanceItems(state), pauseAllItems(state), snapshotItems(state), ending(state)),
  };
}
