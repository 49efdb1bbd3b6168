// Handlers of snapshots and of the repository.
import { signedIn } from './base';

export const snapshots = {
  list: signedIn.snapshots.list.handler(({ context, input }) => context.services.snapshots.list(context.caller, input)),
  create: signedIn.snapshots.create.handler(({ context, input }) => context.services.snapshots.create(context.caller, input)),
  restore: signedIn.snapshots.restore.handler(({ context, input }) => context.services.snapshots.restore(context.caller, input)),
  remove: signedIn.snapshots.remove.handler(({ context, input }) => context.services.snapshots.remove(context.caller, input.id)),
  repository: signedIn.snapshots.repository.handler(({ context }) => context.services.repositories.overview(context.caller)),
};
