// Why a scheduled run came to nothing, as a sentence.
import i18next from 'i18next';
import { whatHappened } from './error-message';

/** Reasons that are no codes of errors. */
const reasons = ['missed', 'superseded', 'not_running', 'instance_gone', 'still_running', 'declined', 'interrupted', 'not_paused_again'] as const;

/** Empty where there is none. */
export function runReasonWords(reason: string | null): string {
  if (reason === null) return '';
  const known = reasons.find((one) => one === reason);
  return known === undefined ? whatHappened(reason) : i18next.getFixedT(null, ['schedules'])(`reason.${known}`);
}
