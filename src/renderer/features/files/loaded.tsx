// Chooses between loading, error and content for what comes in pages; what is loaded stays when a later page fails.
import type { ReactNode } from 'react';
import { ErrorState, LoadingState, StaleNote } from '../../ui/states';

export interface LoadedProps<Data> {
  /** The first page; undefined while it is not there. */
  readonly first: Data | undefined;
  readonly result: { readonly error: unknown; readonly dataUpdatedAt: number; readonly refetch: () => unknown };
  readonly children: (first: Data) => ReactNode;
}

export function Loaded<Data>({ first, result, children }: LoadedProps<Data>) {
  const retry = (): void => void result.refetch();
  if (first === undefined) return result.error === null ? <LoadingState rows={8} height={24} /> : <ErrorState error={result.error} onRetry={retry} />;
  return (
    <>
      {result.error === null ? null : <StaleNote at={result.dataUpdatedAt} error={result.error} onRetry={retry} />}
      {children(first)}
    </>
  );
}
