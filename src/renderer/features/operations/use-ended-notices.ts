// Says, once, that an operation that was seen running has ended or asks something.
import { useEffect, useRef } from 'react';
import type { Operation } from '../../../contract/types';
import { askingNotice, endedNotice } from '../../ui/operation-notices';
import { isActive } from '../../ui/shell/running-operations';
import { tellOwn } from '../../ui/tell';

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
  const seen = useRef<Seen>(new Map());
  useEffect(() => {
    if (operations === null) return;
    const { ended, asking } = news(seen.current, operations);
    seen.current = new Map(operations.map(({ id, state, asks }) => [id, { state, asks }]));
    // A preview is shown where it was asked for.
    tellOwn([...ended.filter(({ kind }) => kind !== 'preview').map(endedNotice), ...asking.map(askingNotice)], quiet);
  }, [operations, quiet]);
}
