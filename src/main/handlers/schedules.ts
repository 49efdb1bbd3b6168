// Handlers of schedules.
import { signedIn } from './base';

export const schedules = {
  list: signedIn.schedules.list.handler(({ context, input }) => ({ ...context.services.schedules.list(context.caller, input) })),
  get: signedIn.schedules.get.handler(({ context, input }) => context.services.schedules.get(context.caller, input.id)),
  create: signedIn.schedules.create.handler(({ context, input }) => context.services.schedules.create(context.caller, input)),
  update: signedIn.schedules.update.handler(({ context, input }) => context.services.schedules.update(context.caller, input)),
  remove: signedIn.schedules.remove.handler(({ context, input }) => context.services.schedules.remove(context.caller, input.id)),
  runNow: signedIn.schedules.runNow.handler(({ context, input }) => context.services.schedules.runNow(context.caller, input.id)),
  answer: signedIn.schedules.answer.handler(({ context, input }) => context.services.schedules.answer(context.caller, input.id, input.answer)),
  preview: signedIn.schedules.preview.handler(({ context, input }) => context.services.schedules.preview(input)),
};
