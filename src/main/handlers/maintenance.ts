// Handlers of what is kept, of freeing space and of checks.
import { signedIn } from './base';

export const maintenance = {
  get: signedIn.maintenance.get.handler(({ context }) => context.services.maintenance.get(context.caller)),
  retention: signedIn.maintenance.retention.handler(({ context }) => context.services.maintenance.retention(context.caller)),
  setRetention: signedIn.maintenance.setRetention.handler(({ context, input }) => context.services.maintenance.setRetention(context.caller, input.source_id, input.policy)),
  planRetention: signedIn.maintenance.planRetention.handler(({ context, input }) => context.services.maintenance.planRetention(context.caller, input.source_id, input.policy)),
  applyRetention: signedIn.maintenance.applyRetention.handler(({ context, input }) => context.services.maintenance.applyRetention(context.caller, input.source_id, input.token)),
  prune: signedIn.maintenance.prune.handler(({ context, input }) => context.services.maintenance.prune(context.caller, input)),
  check: signedIn.maintenance.check.handler(({ context, input }) => context.services.maintenance.check(context.caller, input)),
  pin: signedIn.maintenance.pin.handler(({ context, input }) => context.services.maintenance.pin(context.caller, input.snapshot_id, input.pinned)),
};
