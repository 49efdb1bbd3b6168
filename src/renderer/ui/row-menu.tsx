// The context menu of a row or card: by the right button, and by Shift+F10 or the menu key on what is in focus.
import { Menu, Portal } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import { useState, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react';

export interface RowAction {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly danger?: boolean;
}

interface Shown {
  readonly at: Readonly<{ x: number; y: number }>;
  readonly label: string;
  readonly actions: readonly RowAction[];
  /** What had the focus, to give it back. */
  readonly from: Element | null;
}

/** Inputs, links and selected text have menus of their own. */
const hasOwnMenu = (target: EventTarget): boolean => (target instanceof Element && target.closest('input, textarea, a[href], [role="menu"], [role="dialog"]') !== null) || (window.getSelection()?.toString() ?? '') !== '';

/** Delete, wherever in a row the focus is but in an input, is the row's dangerous action; that one asks. For `onKeyDown`. */
export function askToDelete(event: KeyboardEvent, actions: readonly RowAction[]): void {
  if (event.key !== 'Delete' || event.defaultPrevented || (event.target instanceof Element && event.target.closest('input, textarea, select, [role="menu"], [role="dialog"]') !== null)) return;
  const action = actions.find(({ danger, disabled }) => danger === true && disabled !== true);
  if (action === undefined) return;
  event.preventDefault();
  action.onClick();
}

/** `menu` is to be rendered beside the rows; `open` is for their `onContextMenu`. */
export function useRowMenu(): { readonly menu: ReactNode; readonly open: (event: MouseEvent, label: string, actions: readonly RowAction[]) => void } {
  const [shown, setShown] = useState<Shown | null>(null);
  const open = (event: MouseEvent, label: string, actions: readonly RowAction[]): void => {
    if (actions.length === 0 || hasOwnMenu(event.target)) return;
    event.preventDefault();
    setShown({ at: { x: event.clientX, y: event.clientY }, label, actions, from: document.activeElement });
  };
  const close = (): void => {
    if (shown?.from instanceof HTMLElement) shown.from.focus({ preventScroll: true });
    setShown(null);
  };
  const menu = shown === null ? null : (
    // Outside of the rows: a grid contains its layout, and with it what is placed by the window's coordinates.
    <Portal>
      <Menu key={`${shown.at.x} ${shown.at.y}`} opened onClose={close} position="bottom-start" width={240} returnFocus={false} transitionProps={{ duration: 0 }}>
        <Menu.Target><span aria-hidden style={{ position: 'fixed', left: shown.at.x, top: shown.at.y, width: 0, height: 0 }} /></Menu.Target>
        <Menu.Dropdown aria-label={shown.label} onContextMenu={(event) => event.preventDefault()}>
          {shown.actions.map(({ id, label, icon: Icon, onClick, disabled, danger }) => (
            <Menu.Item key={id} disabled={disabled} color={danger === true ? 'red' : undefined} leftSection={<Icon size={14} aria-hidden />} onClick={onClick}>{label}</Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Portal>
  );
  return { menu, open };
}
