// What is said once of the tray, and how: by a notification, and in a dialog where nothing shows those.
import { expect, test } from 'vitest';
import type { Preferences } from './preferences';
import { explainNoTray, explainTray, type NoteWays } from './tray-notes';

const preferences = (): Pick<Preferences, 'get' | 'set'> => {
  const kept: Record<string, unknown> = { trayExplained: false, noTrayExplained: false };
  return { get: ((name: string) => kept[name]) as Preferences['get'], set: (name, value) => void (kept[name] = value) };
};

const ways = (canNotify: boolean): NoteWays & { readonly said: string[] } => {
  const said: string[] = [];
  return { said, canNotify: () => canNotify, notify: ({ title }) => void (canNotify && said.push(`notification: ${title}`)), dialog: async ({ title }) => void said.push(`dialog: ${title}`) };
};

const presence = (isMissing: boolean): { look: () => Promise<void>; isMissing: boolean } => ({ look: () => Promise.resolve(), isMissing });

test.each([
  [true, 'notification: Dumont Cloud goes on in the tray'],
  [false, 'dialog: Dumont Cloud goes on in the tray'],
])('closing leaves it in the tray, said once (notifications: %s)', async (canNotify, said) => {
  const [kept, told] = [preferences(), ways(canNotify)];
  await explainTray(kept, told, 'en');
  await explainTray(kept, told, 'en');
  expect(told.said).toEqual([said]);
});

test.each([
  ['no panel shows one', true, true, ['dialog: Esta área de trabalho não tem bandeja']],
  ['the system refuses one', false, false, ['dialog: Esta área de trabalho não tem bandeja']],
  ['there is one', true, false, []],
])('of no tray, where %s', async (_why, hasTray, isMissing, said) => {
  const [kept, told] = [preferences(), ways(false)];
  for (let times = 0; times < 2; times += 1) await explainNoTray({ presence: presence(isMissing), hasTray }, kept, told, 'pt-BR');
  expect(told.said).toEqual(said);
});
