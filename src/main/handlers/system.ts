// Handlers of what needs no session: health, and what the sign-in page shows.
import { open } from './base';

export const system = {
  health: open.system.health.handler(({ context }) => context.services.health()),
  welcome: open.system.welcome.handler(({ context }) => context.services.accounts.welcome()),
};
