// What an operation that did not succeed leaves as it was, in one sentence for its log. Pure.
import type { OperationKind } from '../../contract';

const snapshots = 'Every earlier snapshot is kept';

const sentences: Partial<Readonly<Record<OperationKind, string>>> = {
  snapshot: `${snapshots}, and so is each file that was fetched whole: the next snapshot does not fetch it again.`,
  restore: 'The snapshot is kept as it was. A folder here stays empty; on an instance, what was unpacked until then stays.',
  rehearse: 'The snapshot is kept as it was: it was neither proven nor found wanting.',
  retention: 'Every snapshot that the plan keeps is kept. The next run removes what is left of the others.',
  prune: `${snapshots}: nothing that one of them needs is removed before what replaces it was written. The next run goes on.`,
  check: 'A check changes nothing: what was in the repository is kept as it was.',
  repair: 'What is whole is kept. The repair can be started again.',
};

/** The sentence, or null for kinds that say it themselves. `code` is why it ended. */
export const whatIsKept = (kind: OperationKind, code: string): string | null => {
  if (kind === 'snapshot' && code === 'guard_failed') return `${snapshots}. The next one fetches everything.`;
  return sentences[kind] ?? null;
};
