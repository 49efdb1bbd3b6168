// The instances and what can be asked of them, with the list and the money asked for again afterwards.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { query } from '../../client';

/** Ms between two looks at the list while no hint arrives; main itself asks Vast.ai every 10 to 20 s. */
const lookEvery = 20_000;

export const useInstances = () => useQuery(query.instances.list.queryOptions({ refetchInterval: lookEvery }));

/** Asks Vast.ai itself, past main's own copy. */
export function useAskVast() {
  const cache = useQueryClient();
  const settle = useSettle();
  return useMutation({
    mutationFn: async () => {
      const fresh = await query.instances.list.call({ fresh: true });
      cache.setQueryData(query.instances.list.queryOptions().queryKey, fresh);
    },
    onSettled: settle,
  });
}

function useSettle() {
  const cache = useQueryClient();
  return () => Promise.all([query.instances.list.key(), query.instances.account.key(), query.operations.list.key()].map((queryKey) => cache.invalidateQueries({ queryKey })));
}

/** The verbs of one instance, and what the last of them threw. */
export function useInstanceActions() {
  const settle = useSettle();
  const pause = useMutation(query.instances.pause.mutationOptions({ onSettled: settle }));
  const resume = useMutation(query.instances.resume.mutationOptions({ onSettled: settle }));
  const clear = (): void => {
    pause.reset();
    resume.reset();
  };
  return { pause, resume, pending: pause.isPending || resume.isPending, error: pause.error ?? resume.error, clear };
}

export function useDestroy(onDone: () => void) {
  const settle = useSettle();
  return useMutation(query.instances.destroy.mutationOptions({ onSuccess: onDone, onSettled: settle }));
}

export function useRelabel(onDone: () => void) {
  const settle = useSettle();
  return useMutation(query.instances.relabel.mutationOptions({ onSuccess: onDone, onSettled: settle }));
}

/** Cancelling an operation, and answering its question. */
export function useOperationActions() {
  const settle = useSettle();
  const cancel = useMutation(query.operations.cancel.mutationOptions({ onSettled: settle }));
  const answer = useMutation(query.operations.answer.mutationOptions({ onSettled: settle }));
  return { cancel, answer };
}
