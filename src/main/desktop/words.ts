// The few words that main itself shows (tray, native menus and dialogs), in both languages.
import type { InstanceState } from '../../contract';

export type Language = 'en' | 'pt-BR';

const en = {
  open: 'Open Dumont Cloud',
  quit: 'Quit',
  signIn: 'Sign in…',
  spending: '{cost} per hour',
  runway: 'credit {credit}, lasts {hours}',
  lastKnown: 'Last known: {cost} per hour, {age} ago',
  nothingKnown: 'Nobody is signed in',
  noInstances: 'No instances',
  stale: 'Vast.ai does not answer; figures are {age} old',
  pause: 'Pause {label}',
  resume: 'Resume {label}',
  destroying: '{label}: being destroyed, still billed',
  stillLoading: '{label}: still loading after 20 minutes. Wait, or destroy?',
  failed: '{label}: {what} failed',
  hours: '{n} h',
  days: '{n} days',
  minutes: '{n} min',
  trayNoteTitle: 'Dumont Cloud goes on in the tray',
  trayNote: 'Closing the window leaves it running, so that pausing is one click away. Quit from the tray menu; or change this in the settings.',
  chooseFolder: 'Choose a folder',
  states: {
    creating: 'being created', loading: 'loading', running: 'running', stopping: 'being paused', stopped: 'paused', scheduling: 'waiting for its GPU',
    rebooting: 'rebooting', frozen: 'frozen, GPU billed', exited: 'its program ended, GPU billed', offline: 'host offline', failed: 'failed to start',
    destroying: 'being destroyed', unknown: 'state unknown',
  } satisfies Record<InstanceState, string>,
  actions: { pause: 'pausing', resume: 'resuming' },
};

const ptBR: typeof en = {
  open: 'Abrir o Dumont Cloud',
  quit: 'Sair',
  signIn: 'Entrar…',
  spending: '{cost} por hora',
  runway: 'crédito {credit}, dura {hours}',
  lastKnown: 'Último valor conhecido: {cost} por hora, há {age}',
  nothingKnown: 'Ninguém entrou ainda',
  noInstances: 'Nenhuma instância',
  stale: 'A Vast.ai não responde; números de {age} atrás',
  pause: 'Pausar {label}',
  resume: 'Retomar {label}',
  destroying: '{label}: sendo destruída, ainda cobrada',
  stillLoading: '{label}: carregando há mais de 20 minutos. Esperar ou destruir?',
  failed: '{label}: falha ao {what}',
  hours: '{n} h',
  days: '{n} dias',
  minutes: '{n} min',
  trayNoteTitle: 'O Dumont Cloud continua na bandeja',
  trayNote: 'Fechar a janela não encerra o aplicativo: pausar fica a um clique. Saia pelo menu da bandeja ou mude isso nos Ajustes.',
  chooseFolder: 'Escolha uma pasta',
  states: {
    creating: 'sendo criada', loading: 'carregando', running: 'em execução', stopping: 'sendo pausada', stopped: 'pausada', scheduling: 'esperando a GPU',
    rebooting: 'reiniciando', frozen: 'congelada, GPU cobrada', exited: 'o programa terminou, GPU cobrada', offline: 'host fora do ar', failed: 'não iniciou',
    destroying: 'sendo destruída', unknown: 'estado desconhecido',
  },
  actions: { pause: 'pausar', resume: 'retomar' },
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
