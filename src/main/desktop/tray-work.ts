// What goes on and what went wrong, in the tray: marks, running operations, the ends of what was begun here, snapshots. Pure.
import type { Operation, Schedule } from '../../contract';
import { kindWord, needWords } from './need-words';
import { menuName, span } from './native-format';
import { act, text, type TrayItem } from './tray-menu';
import { isActive, type TrayState } from './tray-state';
import { trayWordsOf } from './tray-words';
import { fill } from './words';

const markLimit = 10;
const workLimit = 8;
/** What ended well is shown so long, ms. */
const endingsFor = 10 * 60_000;

const isMarked = (state: TrayState): TrayState['needs'] => state.needs.filter(({ occurrence, dismissible }) => !(dismissible && state.doings.seen.has(occurrence)));

/** Whether the icon says that the user is needed. */
export const needsUser = (state: TrayState): boolean => isMarked(state).length > 0 || state.doings.refused.length > 0;

/** Everything that must not be overlooked: what needs the user, and what was refused here. Stays until its cause is over or it was looked at. */
export function marks(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const needs = isMarked(state).map((need) =>
    text(`need-${need.occurrence}`, `⚠ ${needWords(need, state.account, state.language, state.now).title}`, { type: 'open', route: need.route, ...(need.dismissible ? { seen: need.occurrence } : {}) }));
  const refused = state.doings.refused.map(({ id, kind, instanceId, label, problem, at }) => {
    const { title, body } = needWords({ rule: 'action_failed', label, kind, problem, at }, state.account, state.language, state.now);
    return text(`refused-${kind}-${String(instanceId)}`, `⚠ ${title}. ${body}`, { type: 'open', route: `#/instances/${String(instanceId)}`, seen: id });
  });
  const all = [...refused, ...needs];
  const more = all.length > markLimit ? [text('more-needs', fill(words.more, { n: String(all.length - markLimit) }), { type: 'open', route: '#/operations' })] : [];
  const canBeSeen = refused.length + isMarked(state).filter(({ dismissible }) => dismissible).length;
  return [...all.slice(0, markLimit), ...more, ...(canBeSeen > 1 ? [act('seen-all', words.seenAll, { type: 'seen_all' })] : [])];
}

/** Whole percent by bytes, else by files; null when the total is not known. */
export function percentDone({ progress }: Pick<Operation, 'progress'>): number | null {
  if (progress === null) return null;
  const share = (done: number, total: number | null): number | null => (total !== null && total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : null);
  return share(progress.bytes_done, progress.bytes_total) ?? share(progress.files_done, progress.files_total);
}

function workLine(state: TrayState, operation: Operation): string {
  const label = menuName(operation.title);
  if (operation.kind === 'destroy') return fill(trayWordsOf(state.language).destroying, { label });
  const percent = percentDone(operation);
  const head = `${kindWord(operation.kind, state.language)}${label === '' ? '' : `: ${label}`}`;
  return percent === null ? `${head}…` : `${head} · ${String(percent)} %`;
}

/** Operations that run, and the good ends of those begun here; the bad ends are marks. */
export function workItems(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const open = (operation: Operation, seen?: string): { type: 'open'; route: string; seen?: string } => ({ type: 'open', route: `#/operations/${operation.id}`, ...(seen === undefined ? {} : { seen }) });
  const running = state.operations.filter(isActive);
  const lines = running.slice(0, workLimit).map((operation) => text(`operation-${operation.id}`, workLine(state, operation), open(operation)));
  const more = running.length > workLimit ? [text('more-operations', fill(words.more, { n: String(running.length - workLimit) }), { type: 'open', route: '#/operations' })] : [];
  const isRecent = ({ ended_at: at }: Operation): boolean => at !== null && state.now - Date.parse(at) < endingsFor;
  const ends = state.operations
    .filter((one) => state.doings.begun.has(one.id) && !state.doings.seen.has(one.id) && isRecent(one) && (one.state === 'succeeded' || one.state === 'warnings'))
    .map((one) => text(`done-${one.id}`, fill(one.state === 'warnings' ? words.doneWithWarnings : words.done, { what: kindWord(one.kind, state.language), label: menuName(one.title) }), open(one, one.id)));
  return [...lines, ...more, ...ends];
}

const sourceName = ({ source }: Schedule): string => (source === null ? '' : menuName(`${source.label ?? String(source.instance_id)}: ${source.path}`));

function nextSnapshot(state: TrayState): readonly TrayItem[] {
  const coming = state.schedules
    .filter((schedule) => schedule.kind === 'snapshot' && schedule.enabled && schedule.next_runs[0] !== undefined)
    .map((schedule) => ({ schedule, at: Date.parse(schedule.next_runs[0] ?? '') }))
    .toSorted((one, other) => one.at - other.at)[0];
  if (coming === undefined) return [];
  const label = fill(trayWordsOf(state.language).nextSnapshot, { span: span((coming.at - state.now) / 3_600_000, state.language), label: sourceName(coming.schedule) });
  return [text('next-snapshot', label, { type: 'open', route: '#/schedules' })];
}

/** Of the operations, which know how it went; older than those, of the sources, which know the good ones. */
function lastSnapshot(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const line = (template: string, at: string, label: string, route: string): readonly TrayItem[] =>
    [text('last-snapshot', fill(template, { age: span((state.now - Date.parse(at)) / 3_600_000, state.language), label: menuName(label) }), { type: 'open', route })];
  const newest = state.operations
    .filter((one) => one.kind === 'snapshot' && one.ended_at !== null && one.state !== 'cancelled')
    .toSorted((one, other) => Date.parse(other.ended_at ?? '') - Date.parse(one.ended_at ?? ''))[0];
  if (newest?.ended_at !== undefined && newest.ended_at !== null) {
    const failed = newest.state === 'failed';
    const template = failed ? words.lastSnapshotFailed : newest.state === 'warnings' ? words.lastSnapshotWarnings : words.lastSnapshot;
    return line(template, newest.ended_at, newest.title, failed ? `#/operations/${newest.id}` : '#/snapshots');
  }
  const taken = state.sources.filter(({ last_snapshot_at: at }) => at !== null).toSorted((one, other) => Date.parse(other.last_snapshot_at ?? '') - Date.parse(one.last_snapshot_at ?? ''))[0];
  return taken?.last_snapshot_at === undefined || taken.last_snapshot_at === null ? [] : line(words.lastSnapshot, taken.last_snapshot_at, `${taken.label ?? String(taken.instance_id)}: ${taken.path}`, '#/snapshots');
}

/** The next scheduled snapshot and how the last one went. */
export const snapshotItems = (state: TrayState): readonly TrayItem[] => [...nextSnapshot(state), ...lastSnapshot(state)];
