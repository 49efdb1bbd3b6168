// Handlers of the market and of what is rented.
import { signedIn } from './base';

export const instances = {
  offers: signedIn.instances.offers.handler(({ context, input, signal }) => context.services.offers.search(context.caller, input, signal)),
  list: signedIn.instances.list.handler(({ context, input }) => context.services.instances.list(context.caller, input)),
  get: signedIn.instances.get.handler(({ context, input }) => context.services.instances.get(context.caller, input.id)),
  create: signedIn.instances.create.handler(({ context, input }) => context.services.instances.create(context.caller, input)),
  relabel: signedIn.instances.relabel.handler(({ context, input }) => context.services.instances.relabel(context.caller, input.id, input.label)),
  pause: signedIn.instances.pause.handler(({ context, input }) => context.services.instances.pause(context.caller, input.id, { snapshot_first: input.snapshot_first })),
  resume: signedIn.instances.resume.handler(({ context, input }) => context.services.instances.resume(context.caller, input.id)),
  destroy: signedIn.instances.destroy.handler(({ context, input }) => context.services.instances.destroy(context.caller, input.id, { snapshot_first: input.snapshot_first })),
  trustHostKey: signedIn.instances.trustHostKey.handler(({ context, input }) => context.services.hostKeys.trust(context.caller, input.id, input.fingerprint)),
  logs: signedIn.instances.logs.handler(({ context, input }) => context.services.instances.logs(context.caller, input.id, input)),
  account: signedIn.instances.account.handler(({ context }) => context.services.instances.account(context.caller)),
};
