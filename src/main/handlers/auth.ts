// Handlers of accounts and sessions.
import { open, signedIn, windowOnly } from './base';
import { bearerOf, type RequestContext } from './context';
import type { Caller } from '../domain/ports';

/** Who is signed in already, if anybody: only they may add another account. */
function callerOf({ services, transport, reqHeaders }: RequestContext): Caller | null {
  const token = bearerOf(reqHeaders);
  return token === null ? null : services.accounts.authenticate(token, transport);
}

const success = { success: true } as const;

export const auth = {
  register: open.auth.register.handler(({ context, input }) => context.services.accounts.register(input, { transport: context.transport, caller: callerOf(context) })),
  login: open.auth.login.handler(async ({ context, input }) => ({ ...success, ...(await context.services.accounts.login(input, { transport: context.transport })) })),
  logout: signedIn.auth.logout.handler(async ({ context }) => (await context.services.accounts.logout(context.token), success)),
  me: signedIn.auth.me.handler(({ context }) => context.services.accounts.me(context.caller)),
  resume: windowOnly.auth.resume.handler(({ context }) => context.services.accounts.resume()),
};
