// Accounts of this app (not of Vast.ai): register, sign in, sign out, who am I.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { text } from './common';
import { authErrors, secretErrors, sessionErrors, shellErrors } from './errors';

export const email = z.email().max(254).trim().toLowerCase();

/** 8 to 1024 bytes of UTF-8. */
export const newPassword = text.refine((password) => {
  const bytes = new TextEncoder().encode(password.normalize('NFC')).length;
  return bytes >= 8 && bytes <= 1024;
}, '8 to 1024 bytes');

const anyPassword = text.max(4096);

export const session = z.object({
  user: text.describe('The email.'),
  token: text.describe('Bearer token of this session; shown once.'),
});

export const me = z.object({
  authenticated: z.literal(true),
  user: text,
  secret_store: z.enum(['keychain', 'vault']).describe('Where the secrets of this user are kept.'),
});

const tag = { tags: ['auth'] };

export const auth = {
  register: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/auth/register', successStatus: 201, summary: 'Create an account and sign in' })
    .input(z.object({ email, password: newPassword, setup_code: text.max(64).optional().describe('For the very first account over HTTP: the code that start printed.') }))
    .output(session)
    .errors({ ...sessionErrors, ...authErrors }),
  login: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/auth/login', summary: 'Sign in' })
    .input(z.object({ username: email.describe('The email.'), password: anyPassword }))
    .output(session.extend({ success: z.literal(true) }))
    .errors({ ...sessionErrors, ...authErrors, ...secretErrors }),
  logout: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/auth/logout', summary: 'End this session' })
    .output(z.object({ success: z.literal(true) }))
    .errors(sessionErrors),
  me: oc.route({ ...tag, method: 'GET', path: '/api/v1/auth/me', summary: 'Who is signed in' }).output(me).errors(sessionErrors),
  resume: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/auth/resume', summary: 'Take up the remembered session (desktop only)' })
    .output(session)
    .errors({ ...sessionErrors, ...authErrors, ...shellErrors }),
};
