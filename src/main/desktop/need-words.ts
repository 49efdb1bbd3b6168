// What a need or a failure is called natively: one line for a tray mark or a notification's title, and one sentence below it; in both languages.
import type { Account, ErrorCode, OperationKind, ScheduleKind } from '../../contract';
import { creditAge, type Need, type NeedRule } from '../domain/needs';
import { menuName, money, span } from './native-format';
import { fill, type Language } from './words';

/** Answers to who asks: nothing that runs ends with one. */
type Answer = Extract<ErrorCode, 'wrong_credentials' | 'too_many_attempts' | 'email_taken' | 'registration_closed' | 'setup_code_required' | 'desktop_only' | 'http_only'>;
/** Why a scheduled time came to nothing, beside the codes of errors. */
type RunReason = 'missed' | 'superseded' | 'not_running' | 'instance_gone' | 'still_running' | 'declined' | 'interrupted' | 'contract_end' | 'credit_end' | 'not_paused_again';
/** Of a destroy that was given up because its snapshot lacks files. */
type Warned = 'snapshot_first_warned';
/** Whatever an operation, a scheduled run or a tray action may end with: a new code has words before it compiles. */
type Problem = Exclude<ErrorCode, Answer> | RunReason | Warned;

const en = {
  needs: {
    snapshot_failed: ['Snapshot failed: {label}', '{problem}'],
    snapshot_overdue: ['Snapshot overdue: {label}', 'It was due {age} ago and has not run.'],
    host_offline: ['Host offline: {label}', 'Vast.ai cannot reach the machine. Nothing is billed meanwhile; what is only on its disk may be lost.'],
    outbid: ['Outbid: {label}', 'It stopped without being asked from here. Its disk is kept and billed; it goes on when your bid wins again.'],
    stuck_scheduling: ['Still waiting for its GPU: {label}', 'For {age} now: somebody else rents that GPU. Wait, or restore a snapshot on another instance.'],
    credit_low: ['Credit low: lasts {runway}', '{credit} left at {burn} per hour.'],
    credit_ending: ['Credit ends within the hour', '{credit} left, enough for {runway} at {burn} per hour. Then Vast.ai stops everything.'],
    contract_ending: ['Contract ends in {until}: {label}', 'The host then deletes its disk. Take a snapshot of what you need.'],
    destroy_pending: ['Not destroyed yet: {label}', 'Asked for {age} ago and still billed. It is asked again until Vast.ai says that it is gone.'],
    still_loading: ['Still loading: {label}', 'For {age} now. Wait on, or destroy it?'],
    snapshot_first_failed: ['Waits for your answer: {label}', 'The snapshot before it failed. The instance runs and is billed until you answer.'],
    snapshot_first_warned: ['Waits for your answer: {label}', 'The snapshot before it was taken with warnings: it lacks files, which would be lost. The instance runs and is billed until you answer.'],
    schedule_asks: ['Missed runs: {label}', 'Run them now, or skip them?'],
    action_failed: ['{what} failed: {label}', '{problem}'],
    account_problem: ['No access to the Vast.ai account', '{problem} Instances go on and are billed; from here they can be neither seen nor paused.'],
  } satisfies Record<NeedRule, readonly [string, string]>,
  oldCredit: 'The credit is what Vast.ai said {age} ago.',
  finished: 'Finished after {span}.',
  finishedWithWarnings: 'Finished after {span}, with warnings.',
  summaryTitle: 'While it was quiet: {n}',
  startTitle: 'Needs you: {n}',
  andMore: 'and {n} more',
  unknownProblem: 'Open it for the details.',
  kinds: {
    create: 'Rental', pause: 'Pause', resume: 'Resume', destroy: 'Destroy', snapshot: 'Snapshot', restore: 'Restore', delete_snapshot: 'Deleting a snapshot', index: 'Index of files', rehearse: 'Rehearsal',
    import: 'Import', repair: 'Repair', preview: 'Preview', prune: 'Freeing space', check: 'Check', retention: 'Clearing old snapshots', command_after: 'Command after the snapshot',
  } satisfies Record<OperationKind, string>,
  schedules: {
    snapshot: 'Snapshot', prune: 'Freeing space', check: 'Check of the structure', rolling_check: 'Check of the data, part by part', rehearse: 'Restore rehearsal',
  } satisfies Record<ScheduleKind, string>,
  problems: {
    vast_unreachable: 'Vast.ai does not answer.', vast_rate_limited: 'Vast.ai asks for fewer requests.', vast_key_missing: 'No Vast.ai key is set.', vast_key_rejected: 'Vast.ai does not accept the key.',
    vast_permission: 'The Vast.ai key lacks a permission.', vast_error: 'Vast.ai answered with an error.', insufficient_credit: 'The account lacks credit.', instance_stopped: 'The instance was started, and stopped again.', instance_state: 'The state of the instance does not allow it.', not_paused_again: 'The instance that was started for it still runs and is billed.',
    secret_store_unavailable: 'The store for secrets does not answer.', vault_locked: 'Sign in again: the secrets are locked.', ssh_missing: 'No ssh program was found.', ssh_key_exposed: 'Others could read the file of the SSH key.', ssh_unreachable: 'The instance cannot be reached over SSH.',
    ssh_refused: 'The instance does not accept the SSH key.', host_key_changed: 'The host key of the instance changed.', connection_cut: 'The connection was cut.', remote_stalled: 'The instance stopped answering.',
    source_missing: 'The folder does not exist on the instance.', restic_missing: 'No restic program was found.', restic_failed: 'restic failed.', repository_missing: 'The repository is not where it was.',
    repository_locked: 'The repository is in use by another program.', disk_full: 'The disk is full.', not_found: 'It no longer exists.',
    remote_tool_missing: 'The instance lacks a program that this needs.', remote_failed: 'A command failed on the instance.', remote_untrusted: 'The instance sent something that it was not asked for.',
    hook_failed: 'The command before the snapshot failed on the instance.', source_too_large: 'The folder holds more than a snapshot may fetch.', fetch_too_large: 'The snapshot would fetch more than its limit.', source_taken: 'This folder of the instance is another source already.',
    restic_too_old: 'This restic is too old.', repository_wrong_password: 'The kept password does not open the repository.', repository_damaged: 'The repository is damaged.',
    repository_password_taken: 'Another key of the repository has this password.', repository_password_left: 'The old password still opens the repository.',
    repository_unreachable: 'The server of the repository does not answer, or does not let us in.', repository_location: 'This is no place for a repository.', repository_exists: 'A repository is there already.',
    repository_in_use: 'The repository is in use.', guard_failed: 'The new snapshot did not hold what was fetched, and was removed.', proof_failed: 'The snapshot could not be restored as it was captured.',
    snapshot_foreign: 'Another program made this snapshot.', snapshot_not_indexed: 'What is in this snapshot is still being read.', different_sources: 'The two snapshots are not of the same folder of one instance.',
    target_not_empty: 'The folder is not empty.', target_forbidden: 'The folder lies outside the export folder.', retention_empty: 'This policy keeps nothing.',
    retention_changed: 'The snapshots or the policy changed meanwhile; nothing was removed.', clock_suspect: 'The computer’s clock looks wrong.', schedule_impossible: 'This schedule can never run.',
    schedule_running: 'The schedule runs already.', snapshot_first_failed: 'The snapshot that comes first failed.', snapshot_first_warned: 'The snapshot that comes first has warnings.', offer_gone: 'The offer is gone.', price_changed: 'The offer costs more now; nothing was rented.',
    rent_unconfirmed: 'Vast.ai did not confirm the rental.', operation_ended: 'The operation had ended already.', cancelled: 'The operation was cancelled.', forbidden: 'This is not allowed from here.',
    unauthorized: 'Nobody is signed in.', invalid_input: 'Something that was asked for is not valid.', internal: 'Something went wrong inside the app; its log says more.',
    missed: 'It was missed.', superseded: 'A later time stands for it.', not_running: 'The instance was not running.', instance_gone: 'The instance is gone.', still_running: 'The run before was still going on.',
    declined: 'You said no.', interrupted: 'The app ended in the middle.', contract_end: 'The contract of the instance ends.', credit_end: 'The credit ends.',
  } satisfies Record<Problem, string>,
};

const ptBR: typeof en = {
  needs: {
    snapshot_failed: ['O snapshot falhou: {label}', '{problem}'],
    snapshot_overdue: ['Snapshot atrasado: {label}', 'Era para ter rodado há {age}.'],
    host_offline: ['Host fora do ar: {label}', 'A Vast.ai não alcança a máquina. Nada é cobrado enquanto isso; o que só está no disco dela pode se perder.'],
    outbid: ['Lance superado: {label}', 'Parou sem que isso fosse pedido aqui. O disco é mantido e cobrado; ela volta quando o seu lance vencer de novo.'],
    stuck_scheduling: ['Ainda esperando a GPU: {label}', 'Há {age}: outra pessoa aluga essa GPU. Espere, ou restaure um snapshot em outra instância.'],
    credit_low: ['Crédito baixo: dura {runway}', 'Restam {credit}, a {burn} por hora.'],
    credit_ending: ['O crédito acaba em menos de uma hora', 'Restam {credit}, o bastante para {runway} a {burn} por hora. Depois a Vast.ai para tudo.'],
    contract_ending: ['O contrato termina em {until}: {label}', 'Depois o host apaga o disco. Faça um snapshot do que precisa.'],
    destroy_pending: ['Ainda não destruída: {label}', 'Pedido há {age} e ainda cobrada. O pedido se repete até a Vast.ai dizer que ela não existe mais.'],
    still_loading: ['Ainda carregando: {label}', 'Há {age}. Esperar ou destruir?'],
    snapshot_first_failed: ['Espera a sua resposta: {label}', 'O snapshot anterior a isso falhou. A instância roda e é cobrada até você responder.'],
    snapshot_first_warned: ['Espera a sua resposta: {label}', 'O snapshot anterior a isso foi feito com avisos: faltam nele arquivos, que se perderiam. A instância roda e é cobrada até você responder.'],
    schedule_asks: ['Execuções perdidas: {label}', 'Executar agora ou pular?'],
    action_failed: ['{what} falhou: {label}', '{problem}'],
    account_problem: ['Sem acesso à conta da Vast.ai', '{problem} As instâncias continuam e são cobradas; daqui não dá para vê-las nem pausá-las.'],
  },
  oldCredit: 'O crédito é o que a Vast.ai disse há {age}.',
  finished: 'Terminou após {span}.',
  finishedWithWarnings: 'Terminou após {span}, com avisos.',
  summaryTitle: 'Durante o silêncio: {n}',
  startTitle: 'Precisa de você: {n}',
  andMore: 'e mais {n}',
  unknownProblem: 'Abra para ver os detalhes.',
  kinds: {
    create: 'Aluguel', pause: 'Pausa', resume: 'Retomada', destroy: 'Destruição', snapshot: 'Snapshot', restore: 'Restauração', delete_snapshot: 'Exclusão de snapshot', index: 'Índice de arquivos', rehearse: 'Ensaio',
    import: 'Importação', repair: 'Reparo', preview: 'Prévia', prune: 'Liberação de espaço', check: 'Verificação', retention: 'Limpeza de snapshots antigos', command_after: 'Comando depois do snapshot',
  },
  schedules: {
    snapshot: 'Snapshot', prune: 'Liberação de espaço', check: 'Verificação da estrutura', rolling_check: 'Verificação dos dados, por partes', rehearse: 'Ensaio de restauração',
  },
  problems: {
    vast_unreachable: 'A Vast.ai não responde.', vast_rate_limited: 'A Vast.ai pede menos requisições.', vast_key_missing: 'Nenhuma chave da Vast.ai foi definida.', vast_key_rejected: 'A Vast.ai não aceita a chave.',
    vast_permission: 'Falta uma permissão à chave da Vast.ai.', vast_error: 'A Vast.ai respondeu com um erro.', insufficient_credit: 'Falta crédito na conta.', instance_stopped: 'A instância foi iniciada e parou de novo.', instance_state: 'O estado da instância não permite.', not_paused_again: 'A instância iniciada para isso continua ligada e está sendo cobrada.',
    secret_store_unavailable: 'O lugar onde ficam os segredos não responde.', vault_locked: 'Entre de novo: os segredos estão trancados.', ssh_missing: 'Nenhum programa ssh foi encontrado.', ssh_key_exposed: 'Outras pessoas poderiam ler o arquivo da chave SSH.', ssh_unreachable: 'A instância não responde por SSH.',
    ssh_refused: 'A instância não aceita a chave SSH.', host_key_changed: 'A chave do host da instância mudou.', connection_cut: 'A conexão foi cortada.', remote_stalled: 'A instância parou de responder.',
    source_missing: 'A pasta não existe na instância.', restic_missing: 'Nenhum programa restic foi encontrado.', restic_failed: 'O restic falhou.', repository_missing: 'O repositório não está onde estava.',
    repository_locked: 'O repositório está em uso por outro programa.', disk_full: 'O disco está cheio.', not_found: 'Isso não existe mais.',
    remote_tool_missing: 'Falta na instância um programa necessário.', remote_failed: 'Um comando falhou na instância.', remote_untrusted: 'A instância enviou algo que não foi pedido.',
    hook_failed: 'O comando antes do snapshot falhou na instância.', source_too_large: 'A pasta tem mais do que um snapshot pode buscar.', fetch_too_large: 'O snapshot buscaria mais que o seu limite.', source_taken: 'Esta pasta da instância já é outra origem.',
    restic_too_old: 'Este restic é antigo demais.', repository_wrong_password: 'A senha guardada não abre o repositório.', repository_damaged: 'O repositório está danificado.',
    repository_password_taken: 'Outra chave do repositório já tem esta senha.', repository_password_left: 'A senha antiga ainda abre o repositório.',
    repository_unreachable: 'O servidor do repositório não responde ou não nos deixa entrar.', repository_location: 'Aqui não pode haver um repositório.', repository_exists: 'Já existe um repositório ali.',
    repository_in_use: 'O repositório está em uso.', guard_failed: 'O novo snapshot não continha o que foi buscado e foi removido.', proof_failed: 'O snapshot não pôde ser restaurado como foi capturado.',
    snapshot_foreign: 'Outro programa fez este snapshot.', snapshot_not_indexed: 'O conteúdo deste snapshot ainda está sendo lido.', different_sources: 'Os dois snapshots não são da mesma pasta de uma instância.',
    target_not_empty: 'A pasta não está vazia.', target_forbidden: 'A pasta fica fora da pasta de exportação.', retention_empty: 'Esta política não mantém nada.',
    retention_changed: 'Os snapshots ou a política mudaram nesse meio-tempo; nada foi removido.', clock_suspect: 'O relógio do computador parece errado.', schedule_impossible: 'Este agendamento nunca pode ocorrer.',
    schedule_running: 'O agendamento já está em execução.', snapshot_first_failed: 'O snapshot que vem primeiro falhou.', snapshot_first_warned: 'O snapshot que vem primeiro tem avisos.', offer_gone: 'A oferta não existe mais.', price_changed: 'A oferta ficou mais cara; nada foi alugado.',
    rent_unconfirmed: 'A Vast.ai não confirmou o aluguel.', operation_ended: 'A operação já tinha terminado.', cancelled: 'A operação foi cancelada.', forbidden: 'Isso não é permitido por aqui.',
    unauthorized: 'Ninguém está conectado.', invalid_input: 'Algo no pedido não é válido.', internal: 'Algo deu errado dentro do aplicativo; o log dele diz mais.',
    missed: 'O horário foi perdido.', superseded: 'Um horário posterior vale por ele.', not_running: 'A instância não estava em execução.', instance_gone: 'A instância não existe mais.',
    still_running: 'A execução anterior ainda não tinha terminado.', declined: 'Você respondeu que não.', interrupted: 'O aplicativo terminou no meio.', contract_end: 'O contrato da instância termina.', credit_end: 'O crédito acaba.',
  },
};

const wordsOf = (language: Language): typeof en => (language === 'pt-BR' ? ptBR : en);

/** A kind of operation as a noun. */
export const kindWord = (kind: OperationKind, language: Language): string => wordsOf(language).kinds[kind];

/** Why something failed, as a sentence; of a code from a later version, where more is said. */
export const problemWords = (code: string | null, language: Language): string => {
  const words = wordsOf(language);
  if (code === null) return '';
  return (words.problems as Readonly<Record<string, string>>)[code] ?? words.unknownProblem;
};

/** Figures of the account that some sentences quote. */
export type AccountFigures = Pick<Account, 'credit' | 'burn_per_hour' | 'runway_hours' | 'credit_as_of' | 'as_of' | 'stale'>;

export interface NativeText {
  readonly title: string;
  readonly body: string;
}

/** One need in words. */
export function needWords(need: Pick<Need, 'rule' | 'label' | 'kind' | 'problem' | 'at'> & Partial<Pick<Need, 'schedule'>>, account: AccountFigures | null, language: Language, now: number): NativeText {
  const words = wordsOf(language);
  const [title, body] = words.needs[need.rule];
  const hours = (ms: number): string => span(Math.max(0, ms) / 3_600_000, language);
  const values = {
    label: need.schedule === undefined || need.schedule === null ? menuName(need.label) : words.schedules[need.schedule],
    what: need.kind === null ? '' : words.kinds[need.kind],
    problem: problemWords(need.problem, language),
    age: need.at === null ? '' : hours(now - need.at),
    until: need.at === null ? '' : hours(need.at - now),
    credit: money(account?.credit ?? 0, language),
    burn: money(account?.burn_per_hour ?? 0, language),
    runway: span(account?.runway_hours ?? 0, language),
  };
  const age = account !== null && body.includes('{credit}') ? creditAge(account, now) : null;
  return { title: fill(title, values), body: fill(body, values) + (age === null ? '' : ` ${fill(words.oldCredit, { age: hours(age) })}`) };
}

/** An operation that ended well. */
export function finishedWords(kind: OperationKind, label: string, ms: number, hasWarnings: boolean, language: Language): NativeText {
  const words = wordsOf(language);
  return { title: `${words.kinds[kind]}: ${menuName(label)}`, body: fill(hasWarnings ? words.finishedWithWarnings : words.finished, { span: span(ms / 3_600_000, language) }) };
}

/** Several things told at once: `quiet` after quiet hours, else at the start. */
export function summaryWords(titles: readonly string[], isQuiet: boolean, language: Language): NativeText {
  const words = wordsOf(language);
  const shown = titles.slice(0, 4);
  const more = titles.length - shown.length;
  return {
    title: fill(isQuiet ? words.summaryTitle : words.startTitle, { n: String(titles.length) }),
    body: [...shown, ...(more > 0 ? [fill(words.andMore, { n: String(more) })] : [])].join('\n'),
  };
}
