// Handlers of sources: how directories of instances are captured.
import { signedIn } from './base';

export const sources = {
  list: signedIn.sources.list.handler(({ context, input }) => context.services.sources.list(context.caller, input)),
  get: signedIn.sources.get.handler(({ context, input }) => context.services.sources.get(context.caller, input.id)),
  put: signedIn.sources.put.handler(({ context, input }) => context.services.sources.put(context.caller, input)),
  preview: signedIn.sources.preview.handler(({ context, input }) => context.services.sources.preview(context.caller, input)),
  previewed: signedIn.sources.previewed.handler(({ context, input }) => context.services.sources.previewed(context.caller, input.operation_id)),
  move: signedIn.sources.move.handler(({ context, input }) => context.services.sources.move(context.caller, input)),
};
