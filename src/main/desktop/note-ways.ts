// How Electron says a note: by a notification, and in a dialog where the system shows none.
import { Notification, app, dialog } from 'electron';
import type { NoteWays } from './tray-notes';

/** `notify`: where notifications are drawn otherwise. */
export const noteWays = (notify: NoteWays['notify'] = ({ title, body }) => new Notification({ title, body }).show()): NoteWays => ({
  canNotify: () => Notification.isSupported(),
  notify,
  dialog: ({ title, body }) => dialog.showMessageBox({ type: 'info', title: app.name, message: title, detail: body }),
});
