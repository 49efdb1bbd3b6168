// What needs no session: is it alive, and what the sign-in page must know. And what only a desktop can do.
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { pageCommandIds } from './commands';
import { flag, number, operationId, text, textOrNull, whole } from './common';
import { lookupErrors, sessionErrors, shellErrors } from './errors';
import { scheduleFile } from './schedules';

export const health = z.object({ status: z.literal('ok'), name: z.literal('Dumont Cloud'), version: text, uptime_s: number });

export const welcome = z.object({
  version: text,
  demo: z.object({ email: text, password: text }).nullable().describe('The demo account, in demo mode only'),
  has_accounts: flag,
  setup_code_required: flag.describe('The first account over HTTP needs the code that start printed'),
  remembered: flag.describe('auth.resume will sign in (desktop)'),
  secret_store: z.enum(['keychain', 'vault']),
  desktop: flag,
});

export const diagnosticReport = z.object({ file_name: text, text: text.describe('Plain text; no secrets, e-mail addresses, names of machines or addresses') });

export const system = {
  health: oc.route({ tags: ['system'], method: 'GET', path: '/health', summary: 'Is it alive' }).output(health),
  welcome: oc.route({ tags: ['system'], method: 'GET', path: '/api/v1/welcome', summary: 'What the sign-in page shows' }).output(welcome),
  diagnostics: oc
    .route({ tags: ['system'], method: 'GET', path: '/api/v1/system/diagnostics', summary: 'A report for finding a fault, to be read before it is passed on' })
    .output(diagnosticReport)
    .errors(sessionErrors),
};

/** What can be dragged out of the window as a file; what the file holds is made in main. */
export const dragSubject = z.discriminatedUnion('what', [z.object({ what: z.literal('schedule'), id: z.uuid() }), z.object({ what: z.literal('operation'), id: operationId })]);

/** What is in a file that the system asked the app to open; nothing is done with it before the user says so. */
export const openedFile = z.object({
  name: text.describe('Of the file, without its folder'),
  schedule: scheduleFile.nullable(),
  problem: z.enum(['missing', 'link', 'no_file', 'too_large', 'other_user', 'no_json', 'newer', 'other_form']).nullable().describe('Why it is not taken'),
});

const done = z.object({ success: z.literal(true) });
const desktop = { ...sessionErrors, ...shellErrors };

export const updateState = z.object({
  kind: z.enum(['off', 'none', 'checking', 'available', 'downloading', 'ready', 'failed']).describe('none: the newest is running, or nobody looked yet'),
  possible: flag.describe('false: in development, in the demo, and in a package without a place for updates'),
  version: textOrNull,
  notes: textOrNull.describe('Plain text'),
  percent: number.min(0).max(100).nullable(),
  problem: z.enum(['unsigned', 'unreadable', 'older', 'unreachable', 'damaged', 'not_installed']).nullable(),
  waits: flag.describe('An operation runs: nothing is installed until it has ended'),
  checked_at: textOrNull,
});

export const shell = {
  pickFolder: oc
    .route({ tags: ['shell'], method: 'POST', path: '/api/v1/shell/pick-folder', summary: 'Choose a folder (desktop only)' })
    .output(z.object({ folder: textOrNull }))
    .errors(desktop),
  openExternal: oc
    .route({ tags: ['shell'], method: 'POST', path: '/api/v1/shell/open-external', summary: 'Open a page of the short list in the browser (desktop only)' })
    .input(z.object({ url: text.min(1).max(2048) }))
    .output(done)
    .errors(desktop),
  openFolder: oc
    .route({ tags: ['shell'], method: 'POST', path: '/api/v1/shell/open-folder', summary: 'Show a restored folder (desktop only)' })
    .input(z.object({ folder: text.min(1).max(4096) }))
    .output(done)
    .errors(desktop),
  commands: oc
    .route({ tags: ['shell'], method: 'GET', path: '/api/v1/shell/commands', summary: "What is chosen in the window's menus (desktop only)" })
    .output(eventIterator(z.object({ command: z.enum(pageCommandIds) })))
    .errors(desktop),
  dragOut: oc
    .route({ tags: ['shell'], method: 'POST', path: '/api/v1/shell/drag-out', summary: 'Hand a schedule or the log of an operation to a drag that has begun, as a file (desktop only)' })
    .input(dragSubject)
    .output(done)
    .errors({ ...desktop, ...lookupErrors }),
  openedFile: oc
    .route({ tags: ['shell'], method: 'GET', path: '/api/v1/shell/opened-files/{number}', summary: 'What is in a file that the system gave the app to open (desktop only)' })
    .input(z.object({ number: whole.positive() }))
    .output(openedFile)
    .errors(desktop),
  startsAtLogin: oc
    .route({ tags: ['shell'], method: 'GET', path: '/api/v1/shell/start-at-login', summary: 'Whether the app starts when the user signs in to the computer, as the system has it (desktop only)' })
    .output(z.object({ enabled: flag }))
    .errors(desktop),
  startAtLogin: oc
    .route({ tags: ['shell'], method: 'PUT', path: '/api/v1/shell/start-at-login', summary: 'Start when the user signs in to the computer (desktop only)' })
    .input(z.object({ enabled: flag }))
    .output(z.object({ enabled: flag }))
    .errors(desktop),
  updates: oc.route({ tags: ['shell'], method: 'GET', path: '/api/v1/shell/updates', summary: 'Whether there is a newer version (desktop only)' }).output(updateState).errors(desktop),
  update: oc
    .route({ tags: ['shell'], method: 'POST', path: '/api/v1/shell/update', summary: 'Look for a newer version, fetch it, or install it (desktop only)' })
    .input(z.object({ step: z.enum(['check', 'download', 'install']) }))
    .output(updateState)
    .errors(desktop),
};
