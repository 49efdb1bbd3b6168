// The application menu and the context menus as values: pure functions of language, system and place. See menu.ts for the drawing.
import { keysFor, pageCommands, sectionNames, windowKeys, type PageCommandId } from '../../contract';
import { menuWordsOf, type MenuWords } from './menu-words';
import { isOurs } from './origin';
import type { Language } from './words';

/** What Electron does by itself. */
export type MenuRole = 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'selectAll' | 'togglefullscreen' | 'minimize' | 'zoom' | 'front' | 'close' | 'quit' | 'about' | 'services' | 'hide' | 'hideOthers' | 'unhide';

export type MenuAction =
  | { readonly type: 'command'; readonly command: PageCommandId }
  | { readonly type: 'open'; readonly route: string }
  | { readonly type: 'zoom'; readonly by: -1 | 0 | 1 }
  | { readonly type: 'link'; readonly url: string }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'logs' | 'licences' | 'about' };

export type MenuEntry =
  | { readonly kind: 'separator' }
  | { readonly kind: 'role'; readonly role: MenuRole; readonly label: string; readonly enabled?: boolean }
  /** `ownKeys`: the page hears these keys first and acts on them; the menu only shows them. */
  | { readonly kind: 'action'; readonly id: string; readonly label: string; readonly action: MenuAction; readonly enabled: boolean; readonly keys?: string; readonly ownKeys?: true; readonly hidden?: true };

export interface MenuPart {
  readonly id: 'app' | 'file' | 'edit' | 'view' | 'go' | 'window' | 'help';
  readonly label: string;
  readonly entries: readonly MenuEntry[];
}

export interface MenuState {
  readonly language: Language;
  readonly platform: NodeJS.Platform;
  /** What asks something of the page needs somebody who sees it. */
  readonly signedIn: boolean;
  /** The notices of what the app is made of lie beside it: only a package has them. */
  readonly hasNotices: boolean;
}

const separator: MenuEntry = { kind: 'separator' };
const role = (role: MenuRole, label: string): MenuEntry => ({ kind: 'role', role, label });
const sections: ReadonlySet<string> = new Set(sectionNames);

/** Sections are places: they are opened even where no window is; everything else is asked of the page. */
function command({ signedIn, platform }: MenuState, words: MenuWords, id: PageCommandId): MenuEntry {
  const known = pageCommands.find((one) => one.id === id);
  const keys = known === undefined ? undefined : keysFor(known, platform === 'darwin')[0];
  const action: MenuAction = sections.has(id) ? { type: 'open', route: `#/${id}` } : { type: 'command', command: id };
  return { kind: 'action', id, label: words.commands[id], action, enabled: signedIn, ...(keys === undefined ? {} : { keys, ownKeys: true as const }) };
}

const act = (id: string, label: string, action: MenuAction, enabled = true): MenuEntry => ({ kind: 'action', id, label, action, enabled });

function filePart(state: MenuState, words: MenuWords): MenuPart {
  const making = [act('new_schedule', words.newSchedule, { type: 'open', route: '#/schedules?new=1' }, state.signedIn), act('take_snapshot', words.takeSnapshot, { type: 'open', route: '#/snapshots?take=new' }, state.signedIn)];
  const leaving = state.platform === 'darwin' ? [role('close', words.close)] : [command(state, words, 'settings'), separator, role('close', words.close), role('quit', words.quit)];
  return { id: 'file', label: words.file, entries: [...making, separator, ...leaving] };
}

function editPart(state: MenuState, words: MenuWords): MenuPart {
  const clipboard = [role('cut', words.cut), role('copy', words.copy), role('paste', words.paste), role('selectAll', words.selectAll)];
  return { id: 'edit', label: words.edit, entries: [role('undo', words.undo), role('redo', words.redo), separator, ...clipboard, separator, command(state, words, 'filter')] };
}

function viewPart(state: MenuState, words: MenuWords): MenuPart {
  const steps = { zoom_in: { label: words.zoomIn, by: 1 }, zoom_out: { label: words.zoomOut, by: -1 }, zoom_reset: { label: words.actualSize, by: 0 } } as const;
  // A second key has an entry of its own that is not shown: an entry takes one.
  const zoom = windowKeys.flatMap(({ id, keys }) => keys.map((key, at): MenuEntry => ({ kind: 'action', id: at === 0 ? id : `${id}_${String(at)}`, label: steps[id].label, action: { type: 'zoom', by: steps[id].by }, enabled: true, keys: key, ...(at === 0 ? {} : { hidden: true }) })));
  return { id: 'view', label: words.view, entries: [command(state, words, 'palette'), command(state, words, 'running'), command(state, words, 'refresh'), separator, ...zoom, separator, role('togglefullscreen', words.fullScreen)] };
}

function goPart(state: MenuState, words: MenuWords): MenuPart {
  // Settings stand where each system has them: see filePart and macPart.
  const places = sectionNames.filter((name) => name !== 'settings').map((name) => command(state, words, name));
  const steps = (['back', 'forward', 'next_section', 'previous_section'] as const).map((id) => command(state, words, id));
  return { id: 'go', label: words.go, entries: [...steps.slice(0, 2), separator, ...places, separator, ...steps.slice(2)] };
}

function helpPart(state: MenuState, words: MenuWords): MenuPart {
  const pages = [act('vast_help', words.vastHelp, { type: 'link', url: 'https://docs.vast.ai/' }), act('restic_help', words.resticHelp, { type: 'link', url: 'https://restic.readthedocs.io/' })];
  const about = state.platform === 'darwin' ? [] : [separator, act('about', words.about, { type: 'about' })];
  const licences = state.hasNotices ? [act('licences', words.licences, { type: 'licences' })] : [];
  return { id: 'help', label: words.help, entries: [command(state, words, 'sheet'), ...pages, separator, act('report', words.report, { type: 'open', route: '#/settings?report=1' }, state.signedIn), act('logs', words.logs, { type: 'logs' }), ...licences, ...about] };
}

const macPart = (state: MenuState, words: MenuWords): MenuPart => ({
  id: 'app',
  label: 'Dumont Cloud',
  entries: [role('about', words.about), separator, command(state, words, 'settings'), separator, role('services', words.services), separator, role('hide', words.hide), role('hideOthers', words.hideOthers), role('unhide', words.showAll), separator, role('quit', words.quit)],
});

/** The whole application menu. */
export function menuModel(state: MenuState): readonly MenuPart[] {
  const words = menuWordsOf(state.language);
  const mac = state.platform === 'darwin';
  const window: MenuPart = { id: 'window', label: words.window, entries: [role('minimize', words.minimize), ...(mac ? [role('zoom', words.zoomWindow), separator, role('front', words.front)] : [])] };
  return [...(mac ? [macPart(state, words)] : []), filePart(state, words), editPart(state, words), viewPart(state, words), goPart(state, words), window, helpPart(state, words)];
}

/** What Electron's `context-menu` event says of the place that was clicked. */
export interface ClickedPlace {
  readonly isEditable: boolean;
  readonly selectionText: string;
  readonly linkURL: string;
  readonly editFlags: { readonly canUndo: boolean; readonly canCut: boolean; readonly canCopy: boolean; readonly canPaste: boolean; readonly canSelectAll: boolean };
}

/** Deep links of our own pages, so that a copied link leads back; https addresses as they are; nothing else can be copied. */
function copyable(url: string): string | null {
  if (isOurs(url)) {
    const [, section, id] = /#\/(offer|instance|snapshot|operation)s\/([0-9a-f-]+)(?:\?.*)?$/.exec(url) ?? [];
    return section === undefined || id === undefined ? null : `dumont://${section}/${id}`;
  }
  return /^https:\/\/[\x21-\x7e]{1,2000}$/.test(url) ? url : null;
}

/** The menu of an input, of selected text or of a link; empty where there is nothing to do. */
export function contextMenuModel(place: ClickedPlace, language: Language): readonly MenuEntry[] {
  const words = menuWordsOf(language);
  const { editFlags } = place;
  const can = (role: MenuRole, label: string, enabled: boolean): MenuEntry => ({ kind: 'role', role, label, enabled });
  if (place.isEditable) {
    return [
      can('undo', words.undo, editFlags.canUndo), separator, can('cut', words.cut, editFlags.canCut), can('copy', words.copy, editFlags.canCopy), can('paste', words.paste, editFlags.canPaste), separator,
      can('selectAll', words.selectAll, editFlags.canSelectAll),
    ];
  }
  const link = copyable(place.linkURL);
  const links = link === null ? [] : [act('copy_link', words.copyLink, { type: 'copy', text: link })];
  const text = place.selectionText.trim() === '' ? [] : [can('copy', words.copy, editFlags.canCopy)];
  return [...links, ...(links.length > 0 && text.length > 0 ? [separator] : []), ...text];
}
