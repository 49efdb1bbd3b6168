// Opens tray and notifications on Electron, and says once where a desktop has no tray.
import { Notification, app, dialog } from 'electron';
import { systemClock } from '../providers/process/system-clock';
import type { AppParts } from '../services';
import { BesideWindow } from './beside-window';
import type { MainWindow } from './main-window';
import { openNotifications, type DrawnNotifications } from './notifications';
import type { Preferences } from './preferences';
import { openTray, type DrawnTray } from './tray';
import type { TrayAction } from './tray-menu';
import type { TrayPresence } from './tray-presence';
import { wordsOf, type Language } from './words';

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

/** Once: closing ends the app here. */
async function explainNoTray(presence: TrayPresence, preferences: Preferences, notifications: DrawnNotifications, language: Language): Promise<void> {
  await presence.look();
  if (!presence.isMissing || preferences.get('noTrayExplained')) return;
  preferences.set('noTrayExplained', true);
  const words = wordsOf(language);
  notifications.show({ title: words.noTrayTitle, body: words.noTray }, '', false);
  if (!Notification.isSupported()) await dialog.showMessageBox({ type: 'info', title: app.name, message: words.noTrayTitle, detail: words.noTray });
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
  explainNoTray(presence, window.preferences, notifications, language(null)).catch((error: unknown) => log.warn('tray.presence_unknown', { error }));
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
