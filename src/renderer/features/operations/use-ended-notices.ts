// Says, once, that an operation that was seen running has ended or asks something.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Operation } from '../../../contract/types';
import { useErrorWords, visible } from '../../ui/error-message';
import { notify } from '../../ui/notify';
import { isActive } from '../../ui/shell/running-operations';
import { snapshotFirstTitle } from '../../ui/snapshot-first-question';

type Seen = ReadonlyMap<string, Pick<Operation, 'state' | 'asks'>>;

/** What changed between two looks: what ended, and what began to ask. What is seen for the first time is no news. */
export function news(seen: Seen, operations: readonly Operation[]): { ended: Operation[]; asking: Operation[] } {
  const before = (operation: Operation) => seen.get(operation.id);
  return {
    ended: operations.filter((operation) => { const last = before(operation); return last !== undefined && isActive(last) && !isActive(operation); }),
    asking: operations.filter((operation) => { const last = before(operation); return last !== undefined && last.asks === null && operation.asks !== null; }),
  };
}

/** Notices for the operations of the page; none while the drawer is open, where they are seen anyway. */
export function useEndedNotices(operations: readonly Operation[] | null, quiet: boolean): void {
  const { t } = useTranslation(['operations', 'common']);
  const words = useErrorWords();
  const seen = useRef<Seen>(new Map());
  useEffect(() => {
    if (operations === null) return;
    const { ended, asking } = news(seen.current, operations);
    seen.current = new Map(operations.map(({ id, state, asks }) => [id, { state, asks }]));
    if (quiet) return;
    // A preview is shown where it was asked for.
    for (const operation of ended.filter(({ kind }) => kind !== 'preview')) {
      const failed = operation.state === 'failed';
      const tone = failed ? 'bad' : operation.state === 'warnings' ? 'warn' : operation.state === 'cancelled' ? 'info' : 'ok';
      notify({ id: operation.id, title: `${t(`kind.${operation.kind}`)} · ${visible(operation.title)}`, message: failed && operation.error !== null ? words(operation.error).what : t(`state.${operation.state}`), tone });
    }
    for (const operation of asking) notify({ id: `${operation.id}-asks`, title: visible(operation.title), message: operation.asks === 'snapshot_first_failed' ? t(`common:${snapshotFirstTitle(operation)}`) : t('question.title'), tone: 'warn' });
  }, [operations, quiet, t, words]);
}
