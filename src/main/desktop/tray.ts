// Draws the tray model: an icon, a tooltip and a menu. Knows nothing of why.
import path from 'node:path';
import { Menu, Tray, nativeImage, type MenuItemConstructorOptions } from 'electron';
import { menuLabel } from './menu-label';
import type { TrayAction, TrayItem, TrayModel } from './tray-model';

function template(item: TrayItem, onAction: (action: TrayAction) => void): MenuItemConstructorOptions {
  if (item.kind === 'separator') return { type: 'separator' };
  const { action } = item;
  return { id: item.id, label: menuLabel(item.label), enabled: item.enabled, ...(action === undefined ? {} : { click: () => onAction(action) }) };
}

export interface DrawnTray {
  draw(model: TrayModel): void;
  menu(): Menu | null;
  destroy(): void;
}

/** The tray, or null where the system has none. */
export function openTray(folder: string, onAction: (action: TrayAction) => void): DrawnTray | null {
  const image = (name: TrayModel['icon']): Electron.NativeImage => {
    const icon = nativeImage.createFromPath(path.join(folder, process.platform === 'darwin' ? `${name}Template.png` : `${name}.png`));
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
  let drawn = '';
  tray.on('click', () => onAction({ type: 'open', route: '' }));
  return {
    draw(model) {
      const key = JSON.stringify(model);
      if (key === drawn) return;
      drawn = key;
      menu = Menu.buildFromTemplate(model.items.map((item) => template(item, onAction)));
      tray.setImage(image(model.icon));
      tray.setToolTip(model.tooltip);
      tray.setContextMenu(menu);
    },
    menu: () => menu,
    destroy: () => tray.destroy(),
  };
}
