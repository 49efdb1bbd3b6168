// Draws notifications with the system's own; knows nothing of why.
import { Notification } from 'electron';
import type { NativeText } from './need-words';

/** Shown ones are kept here so many at a time: one that is collected as garbage no longer answers a click. */
const kept = 20;

export interface DrawnNotifications {
  show(text: NativeText, route: string, urgent: boolean): void;
  /** The newest that were shown. */
  shown(): readonly Notification[];
  close(): void;
}

/** `onClick` opens the route. */
export function openNotifications(icon: string, onClick: (route: string) => void): DrawnNotifications {
  let shown: readonly Notification[] = [];
  return {
    show({ title, body }, route, urgent) {
      const notification = new Notification({ title, body, icon, urgency: urgent ? 'critical' : 'normal' });
      notification.on('click', () => onClick(route));
      shown = [...shown, notification].slice(-kept);
      notification.show();
    },
    shown: () => shown,
    close() {
      for (const notification of shown) notification.close();
      shown = [];
    },
  };
}
