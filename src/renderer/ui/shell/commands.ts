// The app's commands on this page: which keys ask for them, how these are written, and what is done.
import { pageCommands, sectionNames, type PageCommand, type PageCommandId } from '../../../contract/commands';
import { isDesktop } from '../../client';
import { openOperation } from '../operations-drawer-store';
import { queryClient } from '../query-client';
import { navigate, parseRoute, type Section } from '../route';

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const written: Readonly<Record<string, string>> = { CmdOrCtrl: isMac ? '⌘' : 'Ctrl', Alt: isMac ? '⌥' : 'Alt', Shift: isMac ? '⇧' : 'Shift', Left: '←', Right: '→', Plus: '+' };

/** The keys of an accelerator as this keyboard calls them, one by one. */
export const keyNames = (accelerator: string): readonly string[] => accelerator.split('+').map((part) => written[part] ?? part);

/** The first keys of a command in one text, for tooltips and the palette. */
export function keysOf(id: PageCommandId): string {
  const command: PageCommand | undefined = pageCommands.find((one) => one.id === id);
  const [keys] = command === undefined || (command.windowOnly === true && !isDesktop) ? [] : command.keys;
  return keys === undefined ? '' : keyNames(keys).join(isMac ? '' : '+');
}

export type PressedKey = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

function matches(pressed: PressedKey, accelerator: string): boolean {
  const parts = accelerator.split('+');
  const key = parts.at(-1) ?? '';
  const has = (part: string): boolean => parts.includes(part);
  const main = pressed.ctrlKey || pressed.metaKey;
  if (main !== (has('CmdOrCtrl') || has('Ctrl')) || pressed.altKey !== has('Alt')) return false;
  if (has('Ctrl') && pressed.metaKey) return false;
  // Whether a sign needs Shift is the keyboard's matter.
  if (key !== '?' && pressed.shiftKey !== has('Shift')) return false;
  const name = { Left: 'ArrowLeft', Right: 'ArrowRight' }[key] ?? key;
  return pressed.key.toLowerCase() === name.toLowerCase();
}

/** The command that a key asks for. A sign alone asks nothing while somebody types. */
export function commandOfKey(pressed: PressedKey, at: { readonly typing: boolean; readonly desktop: boolean }): PageCommandId | null {
  const found = pageCommands.find((command: PageCommand) => (command.windowOnly !== true || at.desktop) && command.keys.some((keys) => matches(pressed, keys) && !(at.typing && keys.length === 1)));
  return found?.id ?? null;
}

export interface Overlays {
  readonly showPalette: () => void;
  readonly showSheet: () => void;
}

function step(by: 1 | -1): void {
  const at = sectionNames.indexOf(parseRoute(window.location.hash).section);
  navigate(sectionNames[(at + by + sectionNames.length) % sectionNames.length] ?? 'offers');
}

const isSection = (id: string): id is Section => (sectionNames as readonly string[]).includes(id);

/** Does it. False when there is nothing here that it could mean: the key then keeps its own meaning. */
export function runCommand(id: PageCommandId, { showPalette, showSheet }: Overlays): boolean {
  if (isSection(id)) {
    navigate(id);
    return true;
  }
  switch (id) {
    case 'palette': showPalette(); break;
    case 'sheet': showSheet(); break;
    case 'running': openOperation(); break;
    case 'refresh': void queryClient.invalidateQueries(); break;
    case 'next_section': step(1); break;
    case 'previous_section': step(-1); break;
    case 'back': window.history.back(); break;
    case 'forward': window.history.forward(); break;
    case 'filter': {
      const filter = document.querySelector<HTMLElement>('main [data-filter]');
      filter?.focus();
      return filter !== null;
    }
  }
  return true;
}
