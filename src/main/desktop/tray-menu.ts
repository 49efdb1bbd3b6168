// What a tray menu is made of, as values; tray.ts draws them.

export type TrayAction =
  | { readonly type: 'open'; readonly route: string; /** What counts as seen with it. */ readonly seen?: string }
  | { readonly type: 'pause' | 'resume'; readonly instanceId: number }
  | { readonly type: 'snapshot'; readonly instanceId: number; readonly path: string | null }
  | { readonly type: 'pause_all' }
  | { readonly type: 'seen_all' }
  /** Windows: a click on the icon. */
  | { readonly type: 'toggle' }
  | { readonly type: 'quit' };

export interface TrayEntry {
  readonly kind: 'text' | 'action';
  readonly id: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly action?: TrayAction;
}

export interface TraySubmenu {
  readonly kind: 'submenu';
  readonly id: string;
  readonly label: string;
  readonly items: readonly TrayItem[];
}

export type TrayItem = { readonly kind: 'separator' } | TrayEntry | TraySubmenu;

export const separator: TrayItem = { kind: 'separator' };

/** A line that says something; a click opens what it is about. */
export const text = (id: string, label: string, action?: TrayAction): TrayEntry => ({ kind: 'text', id, label, enabled: action !== undefined, action });

/** A line that does something. */
export const act = (id: string, label: string, action: TrayAction, enabled = true): TrayEntry => ({ kind: 'action', id, label, enabled, action });

export const submenu = (id: string, label: string, items: readonly TrayItem[]): TraySubmenu => ({ kind: 'submenu', id, label, items });

/** Groups with a line between them; empty ones leave none. */
export const grouped = (...groups: readonly (readonly TrayItem[])[]): readonly TrayItem[] =>
  groups.filter((group) => group.length > 0).flatMap((group, index) => (index === 0 ? group : [separator, ...group]));
