// The app's commands on this page: which keys ask for them, how these are written, and what is done.
import { keysFor, pageCommands, sectionNames, type PageCommand, type PageCommandId } from '../../../contract/commands';
import { isDesktop } from '../../client';
import { isMac, keyNames, matches, type PressedKey } from '../keyboard';
import { openOperation } from '../operations-drawer-store';
import { queryClient } from '../query-client';
import { navigate, parseRoute, type Section } from '../route';

/** The first keys of a command in one text, for tooltips and the palette. */
export function keysOf(id: PageCommandId, at: { readonly desktop: boolean; readonly mac: boolean } = { desktop: isDesktop, mac: isMac }): string {
  const command: PageCommand | undefined = pageCommands.find((one) => one.id === id);
  const [keys] = command === undefined || (command.windowOnly === true && !at.desktop) ? [] : keysFor(command, at.mac);
  return keys === undefined ? '' : keyNames(keys, at.mac).join(at.mac ? '' : '+');
}

/** While somebody types, a sign alone is text, and Alt with an arrow moves among the words. */
const editsText = (keys: string): boolean => keys.length === 1 || keys.startsWith('Alt+');

/** The command that a key asks for. */
export function commandOfKey(pressed: PressedKey, at: { readonly typing: boolean; readonly desktop: boolean; readonly mac: boolean }): PageCommandId | null {
  const found = pageCommands.find((command: PageCommand) => (command.windowOnly !== true || at.desktop) && keysFor(command, at.mac).some((keys) => matches(pressed, keys, at.mac) && !(at.typing && editsText(keys))));
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
