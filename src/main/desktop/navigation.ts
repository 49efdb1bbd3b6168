// A window shows our page and never another: every way out of it is closed.
import type { WebContents } from 'electron';
import { isPage } from './origin';

/** Refuses navigation, new windows and webviews. Links reach the browser through the contract's `shell.openExternal` only. */
export function guardNavigation(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
