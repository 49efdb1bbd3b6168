// The words of the question before quitting, in both languages.
import type { OperationKind } from '../../contract';
import type { Language } from './words';

const en = {
  message_one: 'One operation is running',
  message_many: '{n} operations are running',
  percent: '{n} %',
  asks: 'waits for your answer',
  wait: 'Wait, then quit',
  stop: 'Cancel them and quit',
  stay: 'Stay',
  waitMeans: 'Wait, then quit: everything ends as it would; until then the app goes on without its window.',
  waitOpenMeans: 'Wait, then quit: everything ends as it would, with the window open until then.',
  waitAsksMeans: 'Wait, then quit: everything ends as it would. What waits for your answer would never end without it: the window opens there.',
  stopMeans: 'Cancel them and quit: what Vast.ai was asked goes on there and is followed up at the next start. {kept}',
  stayMeans: 'Stay: nothing changes.',
  keptSnapshot: 'Earlier snapshots and every file that was fetched whole are kept.',
  keptRestore: 'The snapshot is kept; an unfinished restore is not.',
  keptRest: 'What is half-done is undone or done again later.',
  billed: 'Billed also after quitting:',
  billedLine: '{label}: {cost} per hour',
  together: 'Together: {cost} per hour',
  waitingTitle: 'Dumont Cloud quits when its operations have ended',
  waitingBody: 'Open it again to see them.',
  askingTitle: 'Dumont Cloud waits for your answer before it quits',
  askingBody: '“{title}” does not end without it.',
  kinds: {
    create: 'Rent', pause: 'Pause', resume: 'Resume', destroy: 'Destroy', snapshot: 'Snapshot', restore: 'Restore', delete_snapshot: 'Delete snapshot', index: 'Read snapshots', rehearse: 'Rehearse a restore',
    import: 'Import', repair: 'Repair', preview: 'Preview of a snapshot', prune: 'Free space', check: 'Check', retention: 'Retention', command_after: 'Command after a snapshot',
  } satisfies Record<OperationKind, string>,
};

const ptBR: typeof en = {
  message_one: 'Uma operação está em andamento',
  message_many: '{n} operações estão em andamento',
  percent: '{n} %',
  asks: 'espera a sua resposta',
  wait: 'Esperar e sair',
  stop: 'Cancelar e sair',
  stay: 'Ficar',
  waitMeans: 'Esperar e sair: tudo termina como previsto; até lá o aplicativo continua sem a janela.',
  waitOpenMeans: 'Esperar e sair: tudo termina como previsto, com a janela aberta até lá.',
  waitAsksMeans: 'Esperar e sair: tudo termina como previsto. O que espera a sua resposta nunca terminaria sem ela: a janela abre ali.',
  stopMeans: 'Cancelar e sair: o que já foi pedido à Vast.ai continua lá e é acompanhado no próximo início. {kept}',
  stayMeans: 'Ficar: nada muda.',
  keptSnapshot: 'Os snapshots anteriores e todo arquivo buscado por inteiro são mantidos.',
  keptRestore: 'O snapshot é mantido; uma restauração pela metade, não.',
  keptRest: 'O que ficar pela metade é desfeito ou refeito depois.',
  billed: 'Cobrado também depois de sair:',
  billedLine: '{label}: {cost} por hora',
  together: 'Ao todo: {cost} por hora',
  waitingTitle: 'O Dumont Cloud sai quando as operações terminarem',
  waitingBody: 'Abra-o de novo para vê-las.',
  askingTitle: 'O Dumont Cloud espera a sua resposta para sair',
  askingBody: '“{title}” não termina sem ela.',
  kinds: {
    create: 'Aluguel', pause: 'Pausa', resume: 'Retomada', destroy: 'Destruição', snapshot: 'Snapshot', restore: 'Restauração', delete_snapshot: 'Exclusão de snapshot', index: 'Leitura de snapshots', rehearse: 'Ensaio de restauração',
    import: 'Importação', repair: 'Reparo', preview: 'Prévia de um snapshot', prune: 'Liberação de espaço', check: 'Verificação', retention: 'Retenção', command_after: 'Comando depois de um snapshot',
  },
};

export type QuitWords = typeof en;

/** The words of a language. */
export function quitWordsOf(language: Language): QuitWords {
  return language === 'pt-BR' ? ptBR : en;
}
