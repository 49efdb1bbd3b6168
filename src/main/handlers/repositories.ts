// Handlers of repositories; what gives a password or replaces one asks for the account's password again.
import { signedIn } from './base';

export const repositories = {
  list: signedIn.repositories.list.handler(({ context }) => context.services.repositories.list(context.caller)),
  create: signedIn.repositories.create.handler(({ context, input }) => context.services.repositories.create(context.caller, input)),
  connect: signedIn.repositories.connect.handler(({ context, input }) => context.services.repositories.connect(context.caller, input)),
  import: signedIn.repositories.import.handler(({ context, input }) => context.services.repositories.import(context.caller, input)),
  get: signedIn.repositories.get.handler(({ context, input }) => context.services.repositories.get(context.caller, input.id)),
  change: signedIn.repositories.change.handler(({ context, input }) => context.services.repositories.change(context.caller, input)),
  remove: signedIn.repositories.remove.handler(({ context, input }) => context.services.repositories.remove(context.caller, input.id)),
  changePassword: signedIn.repositories.changePassword.handler(({ context, input }) =>
    context.services.accounts.confirmPassword(context.caller, input.password).then(() => context.services.repositories.changePassword(context.caller, input.id, input.new_password)),
  ),
  recoveryKey: signedIn.repositories.recoveryKey.handler(({ context, input }) =>
    context.services.accounts.confirmPassword(context.caller, input.password).then(() => context.services.repositories.recoveryKey(context.caller, input.id)),
  ),
  statistics: signedIn.repositories.statistics.handler(({ context, input }) => context.services.repositories.statistics(context.caller, input.id)),
  unlock: signedIn.repositories.unlock.handler(({ context, input }) => context.services.repositories.unlock(context.caller, input.id)),
  repair: signedIn.repositories.repair.handler(({ context, input }) => context.services.repositories.repair(context.caller, input.id)),
};
