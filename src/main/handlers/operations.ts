// Handlers of operations, of the stream of hints, and of what pages tell.
import { signedIn } from './base';

export const operations = {
  list: signedIn.operations.list.handler(({ context, input }) => ({ ...context.services.operations.list(context.caller, input) })),
  get: signedIn.operations.get.handler(({ context, input }) => context.services.operations.get(context.caller, input.id)),
  cancel: signedIn.operations.cancel.handler(({ context, input }) => context.services.operations.cancel(context.caller, input.id)),
  answer: signedIn.operations.answer.handler(({ context, input }) => context.services.operations.answer(context.caller, input.id, input.answer)),
  follow: signedIn.operations.follow.handler(({ context, input, signal }) => context.services.operations.follow(context.caller, input.id, signal)),
};

export const events = {
  watch: signedIn.events.watch.handler(({ context, signal }) => context.services.events.watch(context.caller, signal)),
};

export const notices = {
  take: signedIn.notices.take.handler(({ context, input }) => context.services.notices.take(context.caller, input.own)),
};
