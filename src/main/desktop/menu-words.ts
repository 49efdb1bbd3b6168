// The words of the application menu and of context menus, in both languages. `&` marks the letter that Alt leads to.
import type { PageCommandId } from '../../contract';
import type { Language } from './words';

const en = {
  file: '&File',
  edit: '&Edit',
  view: '&View',
  go: '&Go',
  window: '&Window',
  help: '&Help',
  newSchedule: 'New schedule…',
  takeSnapshot: 'Take a snapshot…',
  close: 'Close window',
  quit: 'Quit',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  selectAll: 'Select all',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  actualSize: 'Actual size',
  fullScreen: 'Full screen',
  minimize: 'Minimize',
  zoomWindow: 'Zoom',
  front: 'Bring all to front',
  services: 'Services',
  hide: 'Hide Dumont Cloud',
  hideOthers: 'Hide others',
  showAll: 'Show all',
  vastHelp: 'Vast.ai documentation',
  resticHelp: 'restic documentation',
  report: 'Diagnostic report…',
  logs: 'Show the log folder',
  licences: 'Licences',
  about: 'About Dumont Cloud',
  copyLink: 'Copy link',
  commands: {
    palette: 'Search or do anything…', filter: 'Go to the filter', refresh: 'Refresh', running: 'Running operations', offers: 'Offers', instances: 'Instances', snapshots: 'Snapshots', schedules: 'Schedules',
    repositories: 'Repositories', operations: 'Operations', settings: 'Settings…', next_section: 'Next section', previous_section: 'Previous section', back: 'Back', forward: 'Forward', sheet: 'Keyboard shortcuts',
  } satisfies Record<PageCommandId, string>,
};

const ptBR: typeof en = {
  file: '&Arquivo',
  edit: '&Editar',
  view: 'E&xibir',
  go: '&Ir',
  window: '&Janela',
  help: 'Aj&uda',
  newSchedule: 'Novo agendamento…',
  takeSnapshot: 'Tirar um snapshot…',
  close: 'Fechar janela',
  quit: 'Sair',
  undo: 'Desfazer',
  redo: 'Refazer',
  cut: 'Recortar',
  copy: 'Copiar',
  paste: 'Colar',
  selectAll: 'Selecionar tudo',
  zoomIn: 'Ampliar',
  zoomOut: 'Reduzir',
  actualSize: 'Tamanho real',
  fullScreen: 'Tela cheia',
  minimize: 'Minimizar',
  zoomWindow: 'Zoom',
  front: 'Trazer tudo para a frente',
  services: 'Serviços',
  hide: 'Ocultar o Dumont Cloud',
  hideOthers: 'Ocultar outros',
  showAll: 'Mostrar tudo',
  vastHelp: 'Documentação da Vast.ai',
  resticHelp: 'Documentação do restic',
  report: 'Relatório de diagnóstico…',
  logs: 'Mostrar a pasta de logs',
  licences: 'Licenças',
  about: 'Sobre o Dumont Cloud',
  copyLink: 'Copiar link',
  commands: {
    palette: 'Buscar ou fazer algo…', filter: 'Ir para o filtro', refresh: 'Atualizar', running: 'Operações em andamento', offers: 'Ofertas', instances: 'Instâncias', snapshots: 'Snapshots', schedules: 'Agendamentos',
    repositories: 'Repositórios', operations: 'Operações', settings: 'Ajustes…', next_section: 'Próxima seção', previous_section: 'Seção anterior', back: 'Voltar', forward: 'Avançar', sheet: 'Atalhos de teclado',
  },
};

export type MenuWords = typeof en;

/** The words of a language. */
export function menuWordsOf(language: Language): MenuWords {
  return language === 'pt-BR' ? ptBR : en;
}
