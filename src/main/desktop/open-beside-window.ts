// Opens tray and notifications on Electron, and says once where a desktop has no tray.
import { app } from 'electron';
import { systemClock } from '../providers/process/system-clock';
import type { AppParts } from '../services';
import { BesideWindow } from './beside-window';
import type { MainWindow } from './main-window';
import { openNotifications, type DrawnNotifications } from './notifications';
import { noteWays } from './note-ways';
import { openTray, type DrawnTray } from './tray';
import type { TrayAction } from './tray-menu';
import { explainNoTray } from './tray-notes';
import type { TrayPresence } from './tray-presence';
import type { Language } from './words';

export interface Beside {
  readonly window: BesideWindow;
  /** Null where the system refuses one. */
  readonly tray: DrawnTray | null;
  readonly notifications: DrawnNotifications;
  /** For specs: tray and notifications see a time so much later from now on. */
  readonly passTime: (ms: number) => Promise<void>;
  close(): void;
}

export interface BesideOptions {
  readonly parts: AppParts;
  readonly window: MainWindow;
  readonly language: (userId: string | null) => Language;
  readonly resources: (...parts: readonly string[]) => string;
  readonly presence: TrayPresence;
  /** Whether the system's panel is dark, whatever the app's own theme is. */
  readonly isPanelDark: () => boolean;
}

/** A click on the icon takes the focus away first, so being visible is what counts. */
function toggle(window: MainWindow): void {
  const shown = window.get();
  if (shown !== null && shown.isVisible() && !shown.isMinimized()) shown.hide();
  else window.open();
}

export function openBesideWindow({ parts, window, language, resources, presence, isPanelDark }: BesideOptions): Beside {
  const { services, settings, log } = parts;
  const notifications = openNotifications(resources('icons', '128x128.png'), (route) => window.open(route));
  const onAction = (action: TrayAction): void => beside.act(action);
  const tray = openTray(resources('tray'), onAction, isPanelDark);
  let ahead = 0;
  const beside = new BesideWindow({
    services,
    draw: (model) => tray?.draw(model),
    notify: (text, route, urgent) => notifications.show(text, route, urgent),
    preferences: window.preferences,
    settings: (userId) => settings.values(userId),
    language,
    open: (route) => window.open(route),
    toggle: () => toggle(window),
    quit: () => app.quit(),
    clock: { now: () => systemClock.now() + ahead },
    log,
  });
  const ways = noteWays((note) => notifications.show(note, '', false));
  explainNoTray({ presence, hasTray: tray !== null }, window.preferences, ways, language(null)).catch((error: unknown) => log.warn('tray.presence_unknown', { error }));
  return {
    window: beside,
    tray,
    notifications,
    passTime: async (ms) => {
      ahead += ms;
      await beside.refresh();
    },
    close() {
      beside.close();
      notifications.close();
      tray?.destroy();
    },
  };
}
