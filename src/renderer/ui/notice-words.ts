// What a notice of main is called on the page: one line, and one sentence below it.
import i18next from 'i18next';
import type { Notice as News, ScheduleKind } from '../../contract/types';
import { oldCreditAt } from './credit-age';
import { visible } from './error-message';
import { formatters } from './format';
import type { Notice } from './notify';
import { askingNotice, endedNotice, type OwnNotice } from './operation-notices';
import { runReasonWords } from './run-reason';

const accountProblems = ['vast_key_rejected', 'vast_permission', 'secret_store_unavailable', 'vault_locked'] as const;

const operationRules = ['finished', 'action_failed', 'still_loading', 'snapshot_first_failed', 'snapshot_first_warned'] as const;
const isOfOperation = (rule: News['rule']): rule is (typeof operationRules)[number] => operationRules.some((one) => one === rule);

const subject = ({ label, schedule }: Pick<News, 'label' | 'schedule'>): string =>
  schedule === null ? visible(label) : i18next.getFixedT(null, ['schedules'])(`kind.${schedule satisfies ScheduleKind}`);

function problemWords({ rule, problem }: News): string {
  if (rule !== 'account_problem') return runReasonWords(problem);
  const known = accountProblems.find((code) => code === problem);
  return known === undefined ? '' : i18next.getFixedT(null, ['notices'])(`account.${known}`);
}

/** `now` in ms since 1970. What it needs of the user stays until it is closed, since it is said once. */
export function noticeWords(news: News, now: number): OwnNotice {
  const { id, rule, urgent, route, operation, account, at } = news;
  if (operation !== null && (rule === 'finished' || rule === 'snapshot_failed' || rule === 'action_failed')) return endedNotice(operation);
  if (operation !== null && isOfOperation(rule)) return askingNotice(operation);
  const tone: Notice['tone'] = urgent || rule === 'snapshot_failed' ? 'bad' : 'warn';
  const shown = { id, tone, route, stays: true };
  if (isOfOperation(rule)) return { ...shown, title: subject(news) };
  const format = formatters(i18next.language);
  const t = i18next.getFixedT(null, ['notices', 'common']);
  const seconds = at === null ? null : Math.abs(Date.parse(at) - now) / 1000;
  const values = {
    label: subject(news), problem: problemWords(news), age: format.duration(seconds), until: format.duration(seconds),
    credit: format.money(account?.credit, 2), burn: format.money(account?.burn_per_hour), runway: format.duration((account?.runway_hours ?? 0) * 3600),
  };
  const oldAt = account === null ? null : oldCreditAt(account, now);
  const old = oldAt === null ? '' : ` ${t('common:bar.creditAge', { age: format.relative(oldAt, now) })}`;
  const message = t(`notices:${rule}.text`, values) + old;
  return { ...shown, title: t(`notices:${rule}.title`, values), message };
}
