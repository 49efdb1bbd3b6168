// Handlers of settings, and of the recovery key, which asks for the password again.
import { signedIn } from './base';

export const settings = {
  get: signedIn.settings.get.handler(({ context }) => context.services.settings.get(context.caller)),
  put: signedIn.settings.put.handler(({ context, input }) => context.services.settings.put(context.caller, input)),
  recoveryKey: signedIn.settings.recoveryKey.handler(({ context, input }) =>
    context.services.accounts.confirmPassword(context.caller, input.password).then(() => context.services.repositories.recoveryKey(context.caller)),
  ),
};
