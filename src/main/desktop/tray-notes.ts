// What is said once of the tray: that closing the window leaves the app there, or that there is none. Pure; how it is said comes from outside.
import type { Preferences } from './preferences';
import type { TrayPresence } from './tray-presence';
import { wordsOf, type Language } from './words';

export interface Note {
  readonly title: string;
  readonly body: string;
}

/** How this desktop says something. */
export interface NoteWays {
  readonly canNotify: () => boolean;
  readonly notify: (note: Note) => void;
  readonly dialog: (note: Note) => Promise<unknown>;
}

/** Where nothing shows notifications, only a dialog is seen. */
async function say(note: Note, { canNotify, notify, dialog }: NoteWays): Promise<void> {
  notify(note);
  if (!canNotify()) await dialog(note);
}

type Kept = Pick<Preferences, 'get' | 'set'>;

/** Once: closing did not end the app. */
export async function explainTray(preferences: Kept, ways: NoteWays, language: Language): Promise<void> {
  if (preferences.get('trayExplained')) return;
  preferences.set('trayExplained', true);
  const { trayNoteTitle: title, trayNote: body } = wordsOf(language);
  await say({ title, body }, ways);
}

/** Once: closing ends the app here, since no panel shows a tray, or the system refused one (`hasTray` false). */
export async function explainNoTray({ presence, hasTray }: { readonly presence: Pick<TrayPresence, 'look' | 'isMissing'>; readonly hasTray: boolean }, preferences: Kept, ways: NoteWays, language: Language): Promise<void> {
  await presence.look();
  if ((hasTray && !presence.isMissing) || preferences.get('noTrayExplained')) return;
  preferences.set('noTrayExplained', true);
  const { noTrayTitle: title, noTray: body } = wordsOf(language);
  await say({ title, body }, ways);
}
