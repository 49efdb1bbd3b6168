// Handlers of rehearsals and of what an instance's snapshots are worth.
import { signedIn } from './base';

export const proofs = {
  rehearse: signedIn.proofs.rehearse.handler(({ context, input }) => context.services.proofs.rehearse(context.caller, input.id, input.wait)),
  list: signedIn.proofs.list.handler(({ context, input }) => context.services.proofs.listed(context.caller, input)),
  safety: signedIn.proofs.safety.handler(({ context, input }) => context.services.proofs.safety(context.caller, input.id)),
};
