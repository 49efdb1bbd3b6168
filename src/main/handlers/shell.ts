// Handlers of what only a desktop can do.
import { signedIn } from './base';

const success = { success: true } as const;

export const shell = {
  pickFolder: signedIn.shell.pickFolder.handler(({ context }) => context.services.shell.pickFolder(context.caller)),
  openExternal: signedIn.shell.openExternal.handler(async ({ context, input }) => (await context.services.shell.openExternal(context.caller, input.url), success)),
  openFolder: signedIn.shell.openFolder.handler(async ({ context, input }) => (await context.services.shell.openFolder(context.caller, input.folder), success)),
  dragOut: signedIn.shell.dragOut.handler(async ({ context, input }) => (await context.services.shell.dragOut(context.caller, input), success)),
  openedFile: signedIn.shell.openedFile.handler(({ context, input }) => context.services.shell.openedFile(context.caller, input.number)),
  startsAtLogin: signedIn.shell.startsAtLogin.handler(({ context }) => context.services.shell.startsAtLogin(context.caller)),
  commands: signedIn.shell.commands.handler(({ context, signal }) => context.services.shell.commands(context.caller, signal)),
  startAtLogin: signedIn.shell.startAtLogin.handler(({ context, input }) => context.services.shell.startAtLogin(context.caller, input.enabled)),
  updates: signedIn.shell.updates.handler(({ context }) => context.services.shell.updates(context.caller)),
  update: signedIn.shell.update.handler(({ context, input }) => context.services.shell.update(context.caller, input.step)),
};
