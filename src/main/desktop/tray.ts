// Draws the tray model: an icon, a tooltip and a menu. Knows nothing of why.
import path from 'node:path';
import { Menu, Tray, nativeImage, nativeTheme, type MenuItemConstructorOptions, type NativeImage } from 'electron';
import { menuLabel } from './menu-label';
import type { TrayAction, TrayItem } from './tray-menu';
import type { TrayModel } from './tray-model';

/** Windows shows no more. */
const tooltipLimit = 127;

function template(item: TrayItem, onAction: (action: TrayAction) => void): MenuItemConstructorOptions {
  if (item.kind === 'separator') return { type: 'separator' };
  const said = { id: item.id, label: menuLabel(item.label) };
  if (item.kind === 'submenu') return { ...said, submenu: item.items.map((one) => template(one, onAction)) };
  const { action } = item;
  return { ...said, enabled: item.enabled, ...(action === undefined ? {} : { click: () => onAction(action) }) };
}

export interface DrawnTray {
  draw(model: TrayModel): void;
  menu(): Menu | null;
  /** What is drawn now. */
  model(): TrayModel | null;
  destroy(): void;
}

/** The file of an icon: a template that macOS colours itself, a Windows icon of several sizes, or a picture for a light or dark panel. */
export function iconFile(name: TrayModel['icon'], platform: NodeJS.Platform, isDark: boolean): string {
  if (platform === 'darwin') return `${name}Template.png`;
  const panel = isDark ? 'dark' : 'light';
  return platform === 'win32' ? `${name}-${panel}.ico` : `${name}-${panel}.png`;
}

/** The tray, or null where the system refuses one. Without a panel that shows it (see tray-presence.ts) it is drawn all the same: one may come. */
export function openTray(folder: string, onAction: (action: TrayAction) => void, isPanelDark: () => boolean): DrawnTray | null {
  const image = (name: TrayModel['icon']): NativeImage => {
    const icon = nativeImage.createFromPath(path.join(folder, iconFile(name, process.platform, isPanelDark())));
    if (process.platform === 'darwin') icon.setTemplateImage(true);
    return icon;
  };
  let tray: Tray;
  try {
    tray = new Tray(image('idle'));
  } catch {
    return null;
  }
  let menu: Menu | null = null;
  let shown: TrayModel | null = null;
  let drawn = '';
  const setImage = (): void => tray.setImage(image(shown?.icon ?? 'idle'));
  nativeTheme.on('updated', setImage);
  // macOS opens the menu by itself; a Linux panel may never send a click, which is why the menu has "Open".
  if (process.platform !== 'darwin') tray.on('click', () => onAction(process.platform === 'win32' ? { type: 'toggle' } : { type: 'open', route: '' }));
  return {
    draw(model) {
      const key = JSON.stringify(model);
      if (key === drawn) return;
      drawn = key;
      menu = Menu.buildFromTemplate(model.items.map((item) => template(item, onAction)));
      // A file is read for it, so only when it is another one.
      const isOther = shown?.icon !== model.icon;
      shown = model;
      if (isOther) setImage();
      tray.setToolTip(model.tooltip.slice(0, tooltipLimit));
      tray.setContextMenu(menu);
    },
    menu: () => menu,
    model: () => shown,
    destroy: () => {
      nativeTheme.off('updated', setImage);
      tray.destroy();
    },
  };
}
