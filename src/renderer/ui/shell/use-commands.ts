// Where commands come from: keys pressed on the page, and what is chosen in the window's menus.
import { useEffect } from 'react';
import { api, isDesktop } from '../../client';
import { isMac } from '../keyboard';
import { commandOfKey, runCommand, type Overlays } from './commands';

/** Ms before the menus are listened to again after the stream broke. */
const AGAIN_AFTER_MS = 1_000;

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

async function followMenus(overlays: Overlays, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { command } of await api.shell.commands(undefined, { signal })) runCommand(command, overlays);
    } catch {
      // The session or main has gone; whoever shows that is not the menus.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/** Runs what keys and menus ask for. Keep `overlays` stable. */
export function useCommands(overlays: Overlays): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const command = commandOfKey(event, { typing: isTyping(event.target), desktop: isDesktop, mac: isMac });
      if (command !== null && runCommand(command, overlays)) event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [overlays]);
  useEffect(() => {
    if (!isDesktop) return undefined;
    const end = new AbortController();
    void followMenus(overlays, end.signal);
    return () => end.abort();
  }, [overlays]);
}
