// The instances in the tray: each with its state in words and what can be done at once; many of them in submenus. Pure.
import { pausable, type Instance } from '../../contract';
import { instanceName } from '../domain/needs';
import { menuName, money } from './native-format';
import { act, submenu, text, type TrayItem } from './tray-menu';
import { isActive, pendingKey, type TrayState } from './tray-state';
import { kindWord } from './need-words';
import { trayWordsOf } from './tray-words';
import { fill } from './words';

/** So many are shown one below the other; more go into submenus by state. */
const flatLimit = 8;
/** So many are in one submenu; the window shows the rest. */
const groupLimit = 30;

const nameOf = (instance: Instance): string => menuName(instanceName(instance));
const routeOf = (instance: Instance): string => `#/instances/${String(instance.id)}`;

/** What "Pause all" pauses. One that is being paused or destroyed is left to that; one being rented or resumed is not. */
export const toPause = ({ instances, operations }: Pick<TrayState, 'instances' | 'operations'>): readonly Instance[] =>
  instances.filter(({ id, state }) => pausable.has(state) && !operations.some((one) => isActive(one) && one.instance_id === id && (one.kind === 'pause' || one.kind === 'destroy')));

/** The folder of an instance that is snapshotted usually: the one that was last. Null is the instance's own. */
function usualFolder({ sources }: TrayState, instance: Instance): string | null {
  const taken = sources.filter(({ instance_id: id, last_snapshot_at: at }) => id === instance.id && at !== null);
  return taken.toSorted((one, other) => Date.parse(other.last_snapshot_at ?? '') - Date.parse(one.last_snapshot_at ?? ''))[0]?.path ?? null;
}

function power(state: TrayState, instance: Instance): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const kind = instance.state === 'stopped' ? 'resume' : pausable.has(instance.state) ? 'pause' : null;
  if (kind === null) return [];
  const label = nameOf(instance);
  const asked = state.doings.pending.has(pendingKey(kind, instance.id));
  const said = asked ? fill(words.asked, { what: kindWord(kind, state.language), label }) : fill(words[kind], { label });
  return [act(`${kind}-${String(instance.id)}`, said, { type: kind, instanceId: instance.id }, !asked && instance.operation_id === null && state.doings.pausingAll === null)];
}

function snapshotNow(state: TrayState, instance: Instance): readonly TrayItem[] {
  if (instance.state !== 'running') return [];
  const words = trayWordsOf(state.language);
  const label = nameOf(instance);
  const path = usualFolder(state, instance);
  const asked = state.doings.pending.has(pendingKey('snapshot', instance.id));
  const busy = asked || state.operations.some((one) => isActive(one) && one.kind === 'snapshot' && one.instance_id === instance.id);
  const said = asked
    ? fill(words.asked, { what: kindWord('snapshot', state.language), label })
    : path === null || path === instance.data_directory ? fill(words.snapshot, { label }) : fill(words.snapshotOf, { label, path: menuName(path, 32) });
  return [act(`snapshot-${String(instance.id)}`, said, { type: 'snapshot', instanceId: instance.id, path }, !busy)];
}

const stateLine = (state: TrayState, instance: Instance): string => `${nameOf(instance)} · ${trayWordsOf(state.language).states[instance.state]} · ${money(instance.cost_per_hour, state.language)}/h`;

function flat(state: TrayState, instance: Instance): readonly TrayItem[] {
  return [text(`instance-${String(instance.id)}`, stateLine(state, instance), { type: 'open', route: routeOf(instance) }), ...power(state, instance), ...snapshotNow(state, instance)];
}

function folded(state: TrayState, instance: Instance): TrayItem {
  const open = act(`open-${String(instance.id)}`, fill(trayWordsOf(state.language).openOne, { label: nameOf(instance) }), { type: 'open', route: routeOf(instance) });
  return submenu(`instance-${String(instance.id)}`, stateLine(state, instance), [...power(state, instance), ...snapshotNow(state, instance), open]);
}

function group(state: TrayState, id: 'running' | 'paused' | 'others', instances: readonly Instance[]): readonly TrayItem[] {
  if (instances.length === 0) return [];
  const words = trayWordsOf(state.language);
  const cost = instances.reduce((sum, instance) => sum + instance.cost_per_hour, 0);
  const label = fill(words.groups[id], { n: String(instances.length), cost: money(cost, state.language) });
  const rest = instances.length - groupLimit;
  const more = rest > 0 ? [text(`more-${id}`, fill(words.more, { n: String(rest) }), { type: 'open', route: '#/instances' })] : [];
  return [submenu(`group-${id}`, label, [...instances.slice(0, groupLimit).map((instance) => folded(state, instance)), ...more])];
}

/** All instances, and "Pause all" where something runs. */
export function instanceItems(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const { instances } = state;
  if (state.account === null && instances.length === 0) return [];
  if (instances.length === 0) return [text('none', words.noInstances)];
  if (instances.length <= flatLimit) return instances.flatMap((instance) => flat(state, instance));
  const running = instances.filter((instance) => pausable.has(instance.state));
  const paused = instances.filter((instance) => instance.state === 'stopped');
  return [...group(state, 'running', running), ...group(state, 'paused', paused), ...group(state, 'others', instances.filter((one) => !running.includes(one) && !paused.includes(one)))];
}

/** Asks nothing; while it goes on, it says how far it is. */
export function pauseAllItems(state: TrayState): readonly TrayItem[] {
  const words = trayWordsOf(state.language);
  const { pausingAll } = state.doings;
  if (pausingAll !== null) return [{ ...text('pause-all', fill(words.pausingAll, { done: String(pausingAll.done), total: String(pausingAll.total) })), enabled: false }];
  const found = toPause(state);
  return found.length === 0 ? [] : [act('pause-all', fill(words.pauseAll, { n: String(found.length) }), { type: 'pause_all' })];
}
