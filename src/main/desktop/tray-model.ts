// What the tray shows, as a value: a pure function of what main knows. See tray.ts for the drawing.
import type { Account, Instance, Operation } from '../../contract';
import { fill, wordsOf, type Language } from './words';

export interface TrayState {
  readonly language: Language;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signedIn: boolean;
  readonly instances: readonly Instance[];
  readonly account: Account | null;
  readonly operations: readonly Operation[];
  /** For when nobody is signed in. */
  readonly lastSpend: { readonly perHour: number; readonly at: number } | null;
}

export type TrayAction =
  | { readonly type: 'open'; readonly route: string }
  | { readonly type: 'pause' | 'resume'; readonly instanceId: number }
  | { readonly type: 'quit' };

export interface TrayEntry {
  readonly kind: 'text' | 'action';
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly action?: TrayAction;
}

export type TrayItem = { readonly kind: 'separator' } | TrayEntry;

export interface TrayModel {
  readonly icon: 'idle' | 'spending' | 'attention';
  readonly tooltip: string;
  readonly items: readonly TrayItem[];
}

const separator: TrayItem = { kind: 'separator' };
const pausable: ReadonlySet<Instance['state']> = new Set(['running', 'loading', 'creating', 'scheduling', 'frozen', 'exited', 'rebooting']);

function money(perHour: number, language: Language): string {
  const digits = perHour !== 0 && perHour < 0.1 ? 4 : 2;
  return new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(perHour);
}

function span(hours: number, language: Language): string {
  const words = wordsOf(language);
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  if (hours < 1) return fill(words.minutes, { n: whole.format(Math.max(1, hours * 60)) });
  if (hours < 72) return fill(words.hours, { n: whole.format(hours) });
  return fill(words.days, { n: whole.format(hours / 24) });
}

const nameOf = (instance: Instance): string => instance.label ?? `${String(instance.num_gpus)}x ${instance.gpu_name}`;

const text = (id: string, label: string, action?: TrayAction): TrayEntry => ({ kind: 'text', id, label, enabled: action !== undefined, action });
const act = (id: string, label: string, action: TrayAction): TrayEntry => ({ kind: 'action', id, label, enabled: true, action });

function ending(state: TrayState): readonly TrayItem[] {
  const words = wordsOf(state.language);
  return [separator, act('open', state.signedIn ? words.open : words.signIn, { type: 'open', route: '' }), act('quit', words.quit, { type: 'quit' })];
}

function instanceItems(state: TrayState, instance: Instance): readonly TrayItem[] {
  const words = wordsOf(state.language);
  const label = nameOf(instance);
  const line = text(`instance-${String(instance.id)}`, `${label} · ${words.states[instance.state]} · ${money(instance.cost_per_hour, state.language)}/h`, {
    type: 'open',
    route: `#/instances/${String(instance.id)}`,
  });
  const busy = instance.operation_id !== null;
  if (instance.state === 'stopped') return [line, { ...act(`resume-${String(instance.id)}`, fill(words.resume, { label }), { type: 'resume', instanceId: instance.id }), enabled: !busy }];
  if (pausable.has(instance.state)) return [line, { ...act(`pause-${String(instance.id)}`, fill(words.pause, { label }), { type: 'pause', instanceId: instance.id }), enabled: !busy }];
  return [line];
}

/** Destroys that are pending, boots that ask, and the last failed pause or resume of an instance: what must not be overlooked. */
function troubles(state: TrayState): readonly TrayItem[] {
  const words = wordsOf(state.language);
  const open = (operation: Operation): TrayAction => ({ type: 'open', route: `#/operations/${operation.id}` });
  return state.operations.flatMap((operation): TrayItem[] => {
    const active = operation.ended_at === null;
    if (active && operation.asks === 'still_loading') return [text(`asks-${operation.id}`, fill(words.stillLoading, { label: operation.title }), open(operation))];
    if (active && operation.kind === 'destroy') return [text(`destroy-${operation.id}`, fill(words.destroying, { label: operation.title }), open(operation))];
    const recent = operation.ended_at !== null && state.now - Date.parse(operation.ended_at) < 3_600_000;
    if (recent && operation.state === 'failed' && (operation.kind === 'pause' || operation.kind === 'resume')) {
      return [text(`failed-${operation.id}`, fill(words.failed, { label: operation.title, what: words.actions[operation.kind] }), open(operation))];
    }
    return [];
  });
}

function spendLine(state: TrayState, account: Account): string {
  const words = wordsOf(state.language);
  const spending = fill(words.spending, { cost: money(account.burn_per_hour, state.language) });
  if (account.credit === null || account.runway_hours === null) return spending;
  return `${spending} · ${fill(words.runway, { credit: money(account.credit, state.language), hours: span(account.runway_hours, state.language) })}`;
}

function signedOut(state: TrayState): TrayModel {
  const words = wordsOf(state.language);
  const last = state.lastSpend;
  const line =
    last === null ? words.nothingKnown : fill(words.lastKnown, { cost: money(last.perHour, state.language), age: span((state.now - last.at) / 3_600_000, state.language) });
  return { icon: last !== null && last.perHour > 0 ? 'spending' : 'idle', tooltip: `Dumont Cloud\n${line}`, items: [text('spend', line), ...ending(state)] };
}

/** The whole menu, its icon and its tooltip. Nobody signed in: the last known spend, sign in, open and quit; no pause or resume. */
export function trayModel(state: TrayState): TrayModel {
  if (!state.signedIn) return signedOut(state);
  const words = wordsOf(state.language);
  const trouble = troubles(state);
  const account = state.account;
  const first = account === null ? [] : [text('spend', spendLine(state, account))];
  const stale =
    account !== null && account.stale && account.as_of !== null
      ? [text('stale', fill(words.stale, { age: span((state.now - Date.parse(account.as_of)) / 3_600_000, state.language) }))]
      : [];
  const instances = state.instances.length === 0 ? [text('none', words.noInstances)] : state.instances.flatMap((instance) => instanceItems(state, instance));
  const spending = (account?.burn_per_hour ?? 0) > 0;
  return {
    icon: trouble.length > 0 ? 'attention' : spending ? 'spending' : 'idle',
    tooltip: account === null ? 'Dumont Cloud' : `Dumont Cloud\n${spendLine(state, account)}`,
    items: [...first, ...stale, ...(trouble.length > 0 ? [separator, ...trouble] : []), separator, ...instances, ...ending(state)],
  };
}
