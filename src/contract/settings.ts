// Settings of a user, and the secrets that go in and never come out.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, number, text, textOrNull } from './common';
import { authErrors, resticErrors, secretErrors, sessionErrors, vastErrors } from './errors';

/** Hours and minutes of the day, `22:00`. */
const timeOfDay = text.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day, such as 22:00');

export const settingsValues = z.object({
  language: z.enum(['system', 'pt-BR', 'en']),
  theme: z.enum(['system', 'light', 'dark']),
  default_image: text.trim().min(1).max(1024),
  default_disk_size: number.min(8).max(100_000).describe('GB'),
  keep_signed_in: flag,
  listen_http: flag.describe('The desktop serves the REST API on loopback'),
  close_to_tray: flag,
  restic_path: text.max(4096).nullable().describe('Set only from the window'),
  export_folder: text.max(4096).nullable().describe('Restores asked for over HTTP stay below it; set only from the window'),
  check_updates: flag.describe('The desktop looks once a day for a newer version of itself; nothing is fetched by itself'),
  first_steps_done: flag,
  proof_max_age_days: number.min(1).max(365).describe('The newest proof of what an instance holds may be so old before destroying it asks again'),
  rehearsal_budget_gb: number.min(0.1).max(100_000).describe('GB restored in one rehearsal; of a larger snapshot the next part each time'),
  rehearsal_command: text.trim().max(4096).nullable().describe('Run in what was restored; set only from the window'),
  rehearsal_command_minutes: number.min(1).max(1440),
  snapshot_before_pause: flag.describe('Folders that are snapshotted or scheduled are snapshotted before their instance is paused'),
  snapshot_before_destroy: flag,
  snapshot_before_contract_end: flag,
  snapshot_before_credit_end: flag,
  pause_if_snapshot_fails: flag.describe('false: the pause asks first'),
  notifications: z.enum(['off', 'warnings', 'all']).describe('What the desktop tells beside its window, or without one the pages themselves; all: the end of every operation too'),
  credit_warning_hours: number.min(1).max(720).describe('The credit is low when it lasts less long than this'),
  quiet_hours: flag.describe('Warnings wait and are told together afterwards, except what costs money or data within the hour'),
  quiet_from: timeOfDay.describe('Local time where the app runs'),
  quiet_to: timeOfDay.describe('Local time; may be the next day'),
});

export const settingsView = z.object({
  vast_api_key: z.object({ set: flag, last4: textOrNull }),
  settings: settingsValues,
  secret_store: z.object({
    backend: z.enum(['keychain', 'vault']),
    status: z.enum(['ready', 'locked', 'timeout', 'unavailable']).describe('What the keychain answered when it was last asked'),
  }),
  vast_url: text,
  demo: flag,
  version: text,
  data_folder: text,
  data_exposed: flag.describe('Others on this computer can read the files of the data folder, because its disk has no permissions'),
  http_address: textOrNull,
});

const tag = { tags: ['settings'] };

export const settings = {
  get: oc.route({ ...tag, method: 'GET', path: '/api/v1/settings', summary: 'Settings; secrets as set or not' }).output(settingsView).errors({ ...sessionErrors, ...secretErrors }),
  put: oc
    .route({ ...tag, method: 'PUT', path: '/api/v1/settings', summary: 'Change settings, or set the Vast.ai key (checked before it is kept)' })
    .input(z.object({ vast_api_key: text.trim().min(8).max(512).regex(/^[\x21-\x7e]+$/).nullable().optional().describe('null forgets it'), settings: settingsValues.partial().optional() }))
    .output(settingsView)
    .errors({ ...sessionErrors, ...secretErrors, ...vastErrors, forbidden: shellForbidden() }),
  recoveryKey: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/settings/recovery-key', summary: 'Make a second key of the repository and show it once' })
    .input(z.object({ password: text.max(4096) }))
    .output(z.object({ recovery_key: text, repository: text }))
    .errors({ ...sessionErrors, ...authErrors, ...secretErrors, ...resticErrors }),
};

function shellForbidden() {
  return { status: 403, message: 'This setting is changed from the window or by a flag only.', data: z.object({ reason: text.optional() }) } as const;
}
