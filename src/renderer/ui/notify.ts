// Short messages at the edge of the window. Errors stay until they are closed.
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';

export interface Notice {
  readonly title: string;
  readonly message?: string;
  readonly tone?: 'ok' | 'warn' | 'bad' | 'info';
  /** Replaces an earlier notice with the same id. */
  readonly id?: string;
}

const COLOURS = { ok: 'green', warn: 'amber', bad: 'red', info: 'petrol' } as const;

/** The library's ids by ours: it leaves out a notice whose id is on the screen, and one that it updates goes away at the time of the former. */
const shown = new Map<string, string>();

/** Shows a notice: eight seconds, or until closed when something went wrong. */
export function notify({ title, message = '', tone = 'info', id }: Notice): void {
  const former = id === undefined ? undefined : shown.get(id);
  if (former !== undefined) notifications.hide(former);
  const now = notifications.show({ title, message, color: COLOURS[tone], autoClose: tone === 'bad' ? false : 8000, role: tone === 'bad' ? 'alert' : 'status', closeButtonProps: { 'aria-label': i18next.t('close') } });
  if (id !== undefined) shown.set(id, now);
}
