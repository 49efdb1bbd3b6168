// How Electron says a note: by a notification, and in a dialog where the system shows none.
import { Notification, app, dialog } from 'electron';
import type { Note, NoteWays } from './tray-notes';

/** By a notification, where the system shows them. */
export function notify({ title, body }: Note): void {
  if (Notification.isSupported()) new Notification({ title, body }).show();
}

/** `drawn`: where notifications are drawn otherwise. */
export const noteWays = (drawn: NoteWays['notify'] = notify): NoteWays => ({
  canNotify: () => Notification.isSupported(),
  notify: drawn,
  dialog: ({ title, body }) => dialog.showMessageBox({ type: 'info', title: app.name, message: title, detail: body }),
});
