// What the menus, the keys and the palette ask of the page: one list, from which all of them and the sheet of shortcuts are made. No zod: the page reads it at its start.

/** The sections of the app, in the order of Ctrl/Cmd and their numbers. */
export const sectionNames = ['offers', 'instances', 'snapshots', 'schedules', 'repositories', 'operations', 'settings'] as const;

/** Keys as Electron writes accelerators; `CmdOrCtrl` is Cmd on a Mac and Ctrl elsewhere. Menus show the first. */
export interface PageCommand {
  readonly id: string;
  readonly keys: readonly string[];
  /** On a Mac instead of `keys`, where those mean something else there. */
  readonly macKeys?: readonly string[];
  /** Only in the app's window: a browser has a meaning of its own for these keys. */
  readonly windowOnly?: true;
}

/** All of them, in the order of the sheet of shortcuts. */
export const pageCommands = [
  { id: 'palette', keys: ['CmdOrCtrl+K'] },
  { id: 'filter', keys: ['CmdOrCtrl+F'] },
  { id: 'refresh', keys: ['CmdOrCtrl+R', 'F5'], windowOnly: true },
  { id: 'running', keys: ['CmdOrCtrl+J'] },
  { id: 'offers', keys: ['CmdOrCtrl+1'] },
  { id: 'instances', keys: ['CmdOrCtrl+2'] },
  { id: 'snapshots', keys: ['CmdOrCtrl+3'] },
  { id: 'schedules', keys: ['CmdOrCtrl+4'] },
  { id: 'repositories', keys: ['CmdOrCtrl+5'] },
  { id: 'operations', keys: ['CmdOrCtrl+6'] },
  { id: 'settings', keys: ['CmdOrCtrl+7', 'CmdOrCtrl+,'] },
  { id: 'next_section', keys: ['Ctrl+Tab'], windowOnly: true },
  { id: 'previous_section', keys: ['Ctrl+Shift+Tab'], windowOnly: true },
  { id: 'back', keys: ['Alt+Left'], macKeys: ['Cmd+['], windowOnly: true },
  { id: 'forward', keys: ['Alt+Right'], macKeys: ['Cmd+]'], windowOnly: true },
  { id: 'sheet', keys: ['F1', '?'] },
] as const satisfies readonly PageCommand[];

/** Keys that the window itself acts on, wherever the page is. */
export const windowKeys = [
  { id: 'zoom_in', keys: ['CmdOrCtrl+Plus', 'CmdOrCtrl+='] },
  { id: 'zoom_out', keys: ['CmdOrCtrl+-'] },
  { id: 'zoom_reset', keys: ['CmdOrCtrl+0'] },
] as const satisfies readonly PageCommand[];

/** The keys of a command on this system. */
export const keysFor = ({ keys, macKeys }: PageCommand, mac: boolean): readonly string[] => (mac ? (macKeys ?? keys) : keys);

export type PageCommandId = (typeof pageCommands)[number]['id'];

export const pageCommandIds = pageCommands.map(({ id }) => id) as unknown as readonly [PageCommandId, ...PageCommandId[]];
