// Snapshots, the instances they belong to, and the operations that this page started.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { create } from 'zustand';
import type { Operation } from '../../../contract';
import { query } from '../../client';
import { isActive, recentOperations } from '../../ui/shell/running-operations';

export const useSnapshots = () => useQuery(query.snapshots.list.queryOptions({ input: {} }));
export const useRepository = () => useQuery(query.snapshots.repository.queryOptions());

/** The instances as they are now; none while they are not known. */
export const useKnownInstances = () => useQuery(query.instances.list.queryOptions()).data?.instances ?? [];

/** What an instance or group is called is the page's matter; which operations it shows is kept here, so that it outlives the page. */
const useWatched = create<{ readonly ids: ReadonlySet<string> }>(() => ({ ids: new Set() }));

const watch = (id: string): void => useWatched.setState(({ ids }) => ({ ids: new Set([...ids, id]) }));

/** No longer shows how an operation ended. */
export const dismiss = (id: string): void => useWatched.setState(({ ids }) => ({ ids: new Set([...ids].filter((other) => other !== id)) }));

const kinds: ReadonlySet<Operation['kind']> = new Set(['snapshot', 'restore', 'delete_snapshot', 'rehearse']);

/** Operations on snapshots that are under way, and those of this page that ended and were not dismissed. */
export const useSnapshotOperations = (): readonly Operation[] => {
  const watched = useWatched((state) => state.ids);
  const operations = useQuery(recentOperations()).data?.operations ?? [];
  return operations.filter((operation) => kinds.has(operation.kind) && (isActive(operation) || watched.has(operation.id)));
};

/** One operation as it is now. */
export const useOperation = (id: string | null): Operation | null => (useQuery(recentOperations()).data?.operations ?? []).find((operation) => operation.id === id) ?? null;

const useSettle = () => {
  const cache = useQueryClient();
  return () => Promise.all([query.snapshots.list.key(), query.snapshots.repository.key(), query.operations.list.key()].map((queryKey) => cache.invalidateQueries({ queryKey })));
};

export function useTake(onStarted: () => void) {
  const settle = useSettle();
  return useMutation(
    query.snapshots.create.mutationOptions({
      onSuccess: ({ operation_id: id }) => {
        watch(id);
        onStarted();
      },
      onSettled: settle,
    }),
  );
}

export function useRestore(onStarted: (operationId: string) => void) {
  const settle = useSettle();
  return useMutation(query.snapshots.restore.mutationOptions({ onSuccess: ({ operation_id: id }) => onStarted(id), onSettled: settle }));
}

/** Starts a rehearsal; how far it is shows in its strip. */
export function useRehearse() {
  const settle = useSettle();
  return useMutation(query.proofs.rehearse.mutationOptions({ onSuccess: ({ operation_id: id }) => watch(id), onSettled: settle }));
}

/** Goes on showing a restore after its dialog was closed. */
export const showOnPage = watch;

export function useRemove(onDone: () => void) {
  const settle = useSettle();
  return useMutation(query.snapshots.remove.mutationOptions({ onSuccess: onDone, onSettled: settle }));
}

export function useCancel() {
  const settle = useSettle();
  return useMutation(query.operations.cancel.mutationOptions({ onSettled: settle }));
}

/** Keeps a snapshot whatever a policy says, or lets it go again. */
export function usePin() {
  const settle = useSettle();
  return useMutation(query.maintenance.pin.mutationOptions({ onSettled: settle }));
}
