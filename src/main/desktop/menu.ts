// Draws the application menu and the context menus, and carries out what is chosen. Knows nothing of why.
import { app, clipboard, Menu, shell, type BrowserWindow, type MenuItemConstructorOptions } from 'electron';
import { externalLink } from './external-links';
import { contextMenuModel, menuModel, type MenuAction, type MenuEntry, type MenuState } from './menu-model';
import type { PageCommands } from './page-commands';
import type { Language } from './words';

export interface MenuOptions {
  readonly state: () => MenuState;
  readonly commands: PageCommands;
  readonly open: (route?: string) => void;
  readonly zoom: (by: -1 | 0 | 1) => void;
  readonly logFolder: string;
  /** The text with the licences of the app's parts; null where there is none. */
  readonly notices: string | null;
}

function template(entry: MenuEntry, onAction: (action: MenuAction) => void): MenuItemConstructorOptions {
  if (entry.kind === 'separator') return { type: 'separator' };
  if (entry.kind === 'role') return { role: entry.role, label: entry.label, ...(entry.enabled === undefined ? {} : { enabled: entry.enabled }) };
  const { id, label, enabled, keys, ownKeys, hidden, action } = entry;
  return { id, label, enabled, visible: hidden !== true, ...(keys === undefined ? {} : { accelerator: keys, registerAccelerator: ownKeys !== true }), click: () => onAction(action) };
}

/** The application menu; `draw` follows the language and the session. */
export class AppMenu {
  readonly #options: MenuOptions;
  #drawn = '';

  constructor(options: MenuOptions) {
    this.#options = options;
    this.draw();
  }

  draw(): void {
    const model = menuModel(this.#options.state());
    const key = JSON.stringify(model);
    if (key === this.#drawn) return;
    this.#drawn = key;
    Menu.setApplicationMenu(Menu.buildFromTemplate(model.map(({ id, label, entries }) => ({ id, label, ...(id === 'window' || id === 'help' ? { role: id } : {}), submenu: entries.map((entry) => template(entry, (action) => this.act(action))) }))));
  }

  act(action: MenuAction): void {
    const { commands, open, zoom, logFolder, notices } = this.#options;
    switch (action.type) {
      case 'command':
        open();
        commands.send(action.command);
        return;
      case 'open': return open(action.route);
      case 'zoom': return zoom(action.by);
      case 'copy':
        void clipboard.writeText(action.text);
        return;
      case 'about': return app.showAboutPanel();
      case 'logs':
        void shell.openPath(logFolder);
        return;
      case 'licences':
        if (notices !== null) void shell.openPath(notices);
        return;
      case 'link': {
        const link = externalLink(action.url);
        if (link !== null) void shell.openExternal(link);
      }
    }
  }

  /** The context menus of a window; rows of the page have menus of their own, which the page shows. */
  watch(window: BrowserWindow, language: () => Language): void {
    window.webContents.on('context-menu', (_event, place) => {
      const entries = contextMenuModel(place, language());
      if (entries.length > 0) Menu.buildFromTemplate(entries.map((entry) => template(entry, (action) => this.act(action)))).popup({ window });
    });
  }
}
