// How this computer's keyboard is: what its keys are called, and which of them were pressed.

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const writtenOnMac: Readonly<Record<string, string>> = { CmdOrCtrl: '⌘', Cmd: '⌘', Ctrl: '⌃', Alt: '⌥', Shift: '⇧', Left: '←', Right: '→', Plus: '+', Delete: '⌦' };
const writtenElsewhere: Readonly<Record<string, string>> = { CmdOrCtrl: 'Ctrl', Left: '←', Right: '→', Plus: '+' };

/** The keys of an accelerator as this keyboard calls them, one by one. */
export function keyNames(accelerator: string, mac = isMac): readonly string[] {
  const written = mac ? writtenOnMac : writtenElsewhere;
  return accelerator.split('+').map((part) => written[part] ?? part);
}

export type PressedKey = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

/** Whether exactly these keys are held. On a Mac Ctrl is no Cmd: with letters it edits text there. */
export function matches(pressed: PressedKey, accelerator: string, mac = isMac): boolean {
  const parts = accelerator.split('+');
  const key = parts.at(-1) ?? '';
  const has = (part: string): boolean => parts.includes(part);
  if (pressed.metaKey !== (has('Cmd') || (mac && has('CmdOrCtrl'))) || pressed.ctrlKey !== (has('Ctrl') || (!mac && has('CmdOrCtrl'))) || pressed.altKey !== has('Alt')) return false;
  // Whether a sign needs Shift is the keyboard's matter.
  if (key !== '?' && pressed.shiftKey !== has('Shift')) return false;
  const name = { Left: 'ArrowLeft', Right: 'ArrowRight' }[key] ?? key;
  return pressed.key.toLowerCase() === name.toLowerCase();
}
