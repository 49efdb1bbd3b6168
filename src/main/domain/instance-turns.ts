// One action at a time per instance: a newer one ends the wait of the one before it.
import { AppError } from './app-error';
import type { OperationRun } from './ports';

/** Who waits on which instance; the last one of each is kept. */
export class Turns {
  private readonly waiting = new Map<string, { readonly runId: string; readonly controller: AbortController }>();

  /** The turn of this operation begins. The signal is aborted when the operation is, or when another action takes over. */
  begin(userId: string, instanceId: number, run: OperationRun): AbortSignal {
    const place = `${userId} ${instanceId}`;
    const before = this.waiting.get(place);
    if (before && before.runId !== run.id) {
      before.controller.abort(new AppError('cancelled', 'Another action on this instance took its place.', { operation_id: run.id }));
    }
    const controller = new AbortController();
    this.waiting.set(place, { runId: run.id, controller });
    return AbortSignal.any([run.signal, controller.signal]);
  }
}
