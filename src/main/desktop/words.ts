// The few words that main itself shows in native dialogs, in both languages; the tray's are in tray-words.ts.

import type { Settings } from '../../contract';

export type Language = 'en' | 'pt-BR';

/** The language behind a choice; `locale` is the system's, such as `pt_PT`. */
export function languageOfChoice(choice: Settings['language'], locale: string): Language {
  if (choice !== 'system') return choice;
  return locale.toLowerCase().startsWith('pt') ? 'pt-BR' : 'en';
}

const en = {
  trayNoteTitle: 'Dumont Cloud goes on in the tray',
  trayNote: 'Closing the window leaves it running, so that pausing is one click away. Quit from the tray menu; or change this in the settings.',
  noTrayTitle: 'This desktop has no tray',
  noTray: 'Closing the window therefore quits Dumont Cloud, and schedules run only while it is open. Rented machines go on and are billed.',
  chooseFolder: 'Choose a folder',
};

const ptBR: typeof en = {
  trayNoteTitle: 'O Dumont Cloud continua na bandeja',
  trayNote: 'Fechar a janela não encerra o aplicativo: pausar fica a um clique. Saia pelo menu da bandeja ou mude isso nos Ajustes.',
  noTrayTitle: 'Esta área de trabalho não tem bandeja',
  noTray: 'Por isso, fechar a janela encerra o Dumont Cloud, e os agendamentos só rodam enquanto ele está aberto. As máquinas alugadas continuam e são cobradas.',
  chooseFolder: 'Escolha uma pasta',
};

export type Words = typeof en;

/** The words of a language. */
export function wordsOf(language: Language): Words {
  return language === 'pt-BR' ? ptBR : en;
}

/** Puts values into `{name}` places. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
