// Whether the credit that is shown is old enough to be said. Pure.
import type { Account } from '../../contract/types';

/** The credit is asked for once a minute: one this old was asked for in vain, ms. The tray has the same rule (domain/needs.ts). */
const PATIENCE_MS = 5 * 60_000;

/** When Vast.ai said the credit, where it is older than the other figures or all of them are old; null when it is of now or not known. */
export function oldCreditAt({ credit_as_of: said, as_of: asOf, stale }: Pick<Account, 'credit_as_of' | 'as_of' | 'stale'>, now: number): string | null {
  if (said === null) return null;
  const until = stale || asOf === null ? now : Date.parse(asOf);
  return until - Date.parse(said) < PATIENCE_MS ? null : said;
}
