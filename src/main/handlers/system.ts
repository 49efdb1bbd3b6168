// Handlers of the app itself: health and what the sign-in page shows, which need no session, and the diagnostic report.
import { open, signedIn } from './base';

export const system = {
  health: open.system.health.handler(({ context }) => context.services.health()),
  welcome: open.system.welcome.handler(({ context }) => context.services.accounts.welcome()),
  diagnostics: signedIn.system.diagnostics.handler(({ context }) => context.services.diagnostics.report(context.caller)),
};
