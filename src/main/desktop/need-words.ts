// What a need or a failure is called natively: one line for a tray mark or a notification's title, and one sentence below it; in both languages.
import type { ErrorCode, OperationKind } from '../../contract';
import type { Need, NeedRule } from '../domain/needs';
import { menuName, money, span } from './native-format';
import { fill, type Language } from './words';

/** The codes that a tray action or a snapshot meets most, and what a run of a schedule can say instead of one; any other is named by its code. */
type KnownProblem = 'not_paused_again' | Extract<
  ErrorCode,
  | 'vast_unreachable' | 'vast_rate_limited' | 'vast_key_missing' | 'vast_key_rejected' | 'vast_permission' | 'vast_error' | 'insufficient_credit' | 'instance_state' | 'secret_store_unavailable' | 'vault_locked'
  | 'ssh_missing' | 'ssh_unreachable' | 'ssh_refused' | 'host_key_changed' | 'connection_cut' | 'remote_stalled' | 'source_missing' | 'restic_missing' | 'restic_failed' | 'repository_missing' | 'repository_locked' | 'disk_full' | 'not_found'
>;

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
    schedule_asks: ['Missed runs: {label}', 'Run them now, or skip them?'],
    action_failed: ['{what} failed: {label}', '{problem}'],
  } satisfies Record<NeedRule, readonly [string, string]>,
  finished: 'Finished after {span}.',
  finishedWithWarnings: 'Finished after {span}, with warnings.',
  summaryTitle: 'While it was quiet: {n}',
  startTitle: 'Needs you: {n}',
  andMore: 'and {n} more',
  unknownProblem: 'The reason: {code}.',
  kinds: {
    create: 'Rental', pause: 'Pause', resume: 'Resume', destroy: 'Destroy', snapshot: 'Snapshot', restore: 'Restore', delete_snapshot: 'Deleting a snapshot', index: 'Index of files', rehearse: 'Rehearsal',
    import: 'Import', repair: 'Repair', preview: 'Preview', prune: 'Freeing space', check: 'Check', retention: 'Clearing old snapshots',
  } satisfies Record<OperationKind, string>,
  problems: {
    vast_unreachable: 'Vast.ai does not answer.', vast_rate_limited: 'Vast.ai asks for fewer requests.', vast_key_missing: 'No Vast.ai key is set.', vast_key_rejected: 'Vast.ai does not accept the key.',
    vast_permission: 'The Vast.ai key lacks a permission.', vast_error: 'Vast.ai answered with an error.', insufficient_credit: 'The account lacks credit.', instance_state: 'The state of the instance does not allow it.', not_paused_again: 'The instance that was started for it still runs and is billed.',
    secret_store_unavailable: 'The keychain does not answer.', vault_locked: 'Sign in again: the secrets are locked.', ssh_missing: 'No ssh program was found.', ssh_unreachable: 'The instance cannot be reached over SSH.',
    ssh_refused: 'The instance does not accept the SSH key.', host_key_changed: 'The host key of the instance changed.', connection_cut: 'The connection was cut.', remote_stalled: 'The instance stopped answering.',
    source_missing: 'The folder does not exist on the instance.', restic_missing: 'No restic program was found.', restic_failed: 'restic failed.', repository_missing: 'The repository is not where it was.',
    repository_locked: 'The repository is in use by another program.', disk_full: 'The disk is full.', not_found: 'The instance is gone.',
  } satisfies Record<KnownProblem, string>,
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
    schedule_asks: ['Execuções perdidas: {label}', 'Executar agora ou pular?'],
    action_failed: ['{what} falhou: {label}', '{problem}'],
  },
  finished: 'Terminou após {span}.',
  finishedWithWarnings: 'Terminou após {span}, com avisos.',
  summaryTitle: 'Durante o silêncio: {n}',
  startTitle: 'Precisa de você: {n}',
  andMore: 'e mais {n}',
  unknownProblem: 'O motivo: {code}.',
  kinds: {
    create: 'Aluguel', pause: 'Pausa', resume: 'Retomada', destroy: 'Destruição', snapshot: 'Snapshot', restore: 'Restauração', delete_snapshot: 'Exclusão de snapshot', index: 'Índice de arquivos', rehearse: 'Ensaio',
    import: 'Importação', repair: 'Reparo', preview: 'Prévia', prune: 'Liberação de espaço', check: 'Verificação', retention: 'Limpeza de snapshots antigos',
  },
  problems: {
    vast_unreachable: 'A Vast.ai não responde.', vast_rate_limited: 'A Vast.ai pede menos requisições.', vast_key_missing: 'Nenhuma chave da Vast.ai foi definida.', vast_key_rejected: 'A Vast.ai não aceita a chave.',
    vast_permission: 'Falta uma permissão à chave da Vast.ai.', vast_error: 'A Vast.ai respondeu com um erro.', insufficient_credit: 'Falta crédito na conta.', instance_state: 'O estado da instância não permite.', not_paused_again: 'A instância iniciada para isso continua ligada e está sendo cobrada.',
    secret_store_unavailable: 'O chaveiro não responde.', vault_locked: 'Entre de novo: os segredos estão trancados.', ssh_missing: 'Nenhum programa ssh foi encontrado.', ssh_unreachable: 'A instância não responde por SSH.',
    ssh_refused: 'A instância não aceita a chave SSH.', host_key_changed: 'A chave do host da instância mudou.', connection_cut: 'A conexão foi cortada.', remote_stalled: 'A instância parou de responder.',
    source_missing: 'A pasta não existe na instância.', restic_missing: 'Nenhum programa restic foi encontrado.', restic_failed: 'O restic falhou.', repository_missing: 'O repositório não está onde estava.',
    repository_locked: 'O repositório está em uso por outro programa.', disk_full: 'O disco está cheio.', not_found: 'A instância não existe mais.',
  },
};

const wordsOf = (language: Language): typeof en => (language === 'pt-BR' ? ptBR : en);

/** A kind of operation as a noun. */
export const kindWord = (kind: OperationKind, language: Language): string => wordsOf(language).kinds[kind];

/** Why something failed, as a sentence. */
export const problemWords = (code: string | null, language: Language): string => {
  const words = wordsOf(language);
  if (code === null) return '';
  return (words.problems as Readonly<Record<string, string>>)[code] ?? fill(words.unknownProblem, { code });
};

/** Figures of the account that some sentences quote. */
export interface AccountFigures {
  readonly credit: number | null;
  readonly burn_per_hour: number;
  readonly runway_hours: number | null;
}

export interface NativeText {
  readonly title: string;
  readonly body: string;
}

/** One need in words. */
export function needWords(need: Pick<Need, 'rule' | 'label' | 'kind' | 'problem' | 'at'>, account: AccountFigures | null, language: Language, now: number): NativeText {
  const words = wordsOf(language);
  const [title, body] = words.needs[need.rule];
  const hours = (ms: number): string => span(Math.max(0, ms) / 3_600_000, language);
  const values = {
    label: menuName(need.label),
    what: need.kind === null ? '' : words.kinds[need.kind],
    problem: problemWords(need.problem, language),
    age: need.at === null ? '' : hours(now - need.at),
    until: need.at === null ? '' : hours(need.at - now),
    credit: money(account?.credit ?? 0, language),
    burn: money(account?.burn_per_hour ?? 0, language),
    runway: span(account?.runway_hours ?? 0, language),
  };
  return { title: fill(title, values), body: fill(body, values) };
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
