// Every error the app can answer with: its code, its HTTP status and the form of its data. Main sends codes and facts, the renderer owns the words.
import * as z from 'zod';
import { flag, number, numberOrNull, text, textOrNull } from './common';

const none = z.object({});

const define = <Status extends number, Data extends z.ZodType>(status: Status, message: string, data: Data) => ({ status, message, data });

/**
 * The table of errors.
 *
 * `message` is the English default; the `error` line of a REST answer is the thrown sentence where one was given, else this one.
 * Codes are stable: clients branch on `details.code`.
 */
export const errorTable = {
  invalid_input: define(400, 'The request is not valid.', z.object({ issues: z.array(z.object({ path: text, message: text })).optional() })),
  unauthorized: define(401, 'Sign in first: the session is missing, expired or was ended.', none),
  wrong_credentials: define(401, 'The email or the password is wrong.', none),
  too_many_attempts: define(429, 'Too many wrong passwords. Wait before the next try.', z.object({ retry_after_s: number })),
  email_taken: define(409, 'An account with this email exists.', none),
  registration_closed: define(403, 'Only a signed-in user can add another account.', none),
  setup_code_required: define(403, 'The first account needs the code that the app printed when it started.', none),
  forbidden: define(403, 'This is not allowed.', z.object({ reason: text.optional() })),
  not_found: define(404, 'There is no such thing.', z.object({ kind: text, id: z.union([text, number]) })),
  desktop_only: define(501, 'Only the desktop app can do this.', none),

  secret_store_unavailable: define(503, 'The store for secrets does not answer. Nothing was changed.', z.object({ backend: text, reason: z.enum(['locked', 'timeout', 'unavailable', 'no_password']) })),
  vault_locked: define(423, 'The secrets of this user are locked. Sign in again with the password.', none),

  vast_key_missing: define(409, 'No Vast.ai API key is set.', none),
  vast_key_rejected: define(422, 'Vast.ai does not accept this API key.', none),
  vast_permission: define(403, 'The Vast.ai API key lacks a permission for this.', z.object({ detail: text })),
  vast_unreachable: define(502, 'Vast.ai could not be reached.', z.object({ attempts: number })),
  vast_rate_limited: define(503, 'Vast.ai asks for fewer requests. Try again shortly.', z.object({ retry_after_s: number })),
  vast_error: define(502, 'Vast.ai answered with an error.', z.object({ status: number, slug: textOrNull, detail: text })),
  insufficient_credit: define(402, 'The Vast.ai account lacks credit.', z.object({ credit: numberOrNull })),
  offer_gone: define(410, 'This offer is no longer available.', z.object({ offer_id: number })),
  price_changed: define(409, 'The offer costs more now than when it was shown. Nothing was rented.', z.object({ shown_dph: number, dph_total: number })),
  rent_unconfirmed: define(504, 'Vast.ai did not confirm the rental. It is being searched for by its label; nothing is rented twice.', z.object({ intent_id: text, operation_id: text })),
  instance_stopped: define(502, 'The instance was started, and stopped again.', z.object({ detail: text.describe('What Vast.ai says of it') })),
  instance_state: define(409, 'The instance is not in a state that allows this.', z.object({ state: text })),

  operation_ended: define(409, 'The operation has ended.', z.object({ state: text })),
  cancelled: define(409, 'The operation was cancelled.', z.object({ operation_id: text.optional() })),

  ssh_missing: define(503, 'No ssh program was found on this computer.', z.object({ hint: text })),
  ssh_key_exposed: define(503, 'ssh does not use the key of the app: others on this computer could read its file.', z.object({ path: text.describe('The file of the private key') })),
  ssh_unreachable: define(502, 'The instance could not be reached over SSH.', z.object({ host: text, port: number, detail: text })),
  ssh_refused: define(502, 'The instance does not accept the SSH key yet.', z.object({ host: text, port: number })),
  host_key_changed: define(
    409,
    'The host key of this instance changed. Nothing was sent.',
    z.object({ instance_id: number, host: text, port: number, known: text.describe('SHA256 fingerprint of the key that is pinned; empty when it cannot be read'), found: text.describe('Of the key that it shows now; empty when ssh did not say') }),
  ),
  connection_cut: define(502, 'The connection to the instance was cut. What was fetched is kept.', z.object({ phase: text })),
  remote_stalled: define(504, 'The instance stopped answering. What was fetched is kept.', z.object({ phase: text, waited_s: number })),
  remote_tool_missing: define(502, 'The instance lacks a program that a snapshot needs.', z.object({ missing: z.array(text) })),
  remote_failed: define(502, 'A command failed on the instance.', z.object({ phase: text, exit_code: numberOrNull, detail: text })),
  remote_untrusted: define(502, 'The instance sent something it was not asked for. The snapshot was stopped.', z.object({ detail: text })),
  source_missing: define(404, 'The folder does not exist on the instance.', z.object({ path: text })),
  source_taken: define(409, 'This directory of that instance is another source already.', z.object({ source_id: text })),
  hook_failed: define(502, 'The command before the snapshot failed on the instance. No snapshot was taken.', z.object({ hook: z.enum(['before', 'after']), exit_code: numberOrNull, timed_out: flag, detail: text })),
  source_too_large: define(413, 'The folder holds more than a snapshot may fetch.', z.object({ entries: number, bytes: number, limit: text, directory: text.describe('The part of the folder that holds most of it.') })),
  fetch_too_large: define(413, 'The snapshot would fetch more than its limit.', z.object({ bytes: number.describe('To fetch'), limit_bytes: number, files: number, largest: text.describe('The largest file to fetch') })),

  restic_missing: define(503, 'No restic program was found on this computer.', z.object({ hint: text })),
  restic_too_old: define(503, 'This restic is too old.', z.object({ version: text, minimum: text })),
  restic_failed: define(500, 'restic failed.', z.object({ exit_code: numberOrNull, output: text })),
  repository_missing: define(409, 'The repository is not where it was.', z.object({ path: text })),
  repository_wrong_password: define(409, 'The password does not open the repository.', none),
  repository_password_taken: define(409, 'Another key of the repository has this password already. Nothing was changed.', none),
  repository_password_left: define(500, 'The new password counts now. The old one could not be removed and still opens the repository, until the next sign-in or change removes it.', z.object({ detail: text })),
  repository_locked: define(423, 'The repository is locked by another program.', z.object({ holder: text })),
  repository_damaged: define(500, 'The repository is damaged.', z.object({ output: text })),
  repository_unreachable: define(502, 'The server of the repository does not answer, or does not let us in.', z.object({ reason: z.enum(['network', 'denied', 'timeout', 'not_found', 'no_program', 'no_backend']), detail: text })),
  repository_location: define(422, 'This is no place for a repository.', z.object({ reason: z.enum(['form', 'scheme', 'relative', 'password_in_location', 'credential_name', 'host', 'own_folder', 'not_empty']) })),
  repository_exists: define(409, 'A repository is there already: import it with its password.', z.object({ location: text })),
  repository_in_use: define(409, 'The repository is in use.', z.object({ reason: z.enum(['default', 'running', 'known']) })),
  guard_failed: define(500, 'The new snapshot did not hold what was fetched. It was removed; the next one fetches everything.', z.object({ detail: text })),
  proof_failed: define(409, 'What was restored is not what was captured.', z.object({ snapshot_id: text, problem_count: number, problems: z.array(text).describe('The first of them') })),
  snapshot_foreign: define(409, 'Another program made this snapshot: there is no list to compare a restore with.', z.object({ snapshot_id: text })),
  snapshot_not_indexed: define(409, 'What is in this snapshot is being read. Ask again when the operation has ended.', z.object({ snapshot_id: text, operation_id: text })),
  different_sources: define(409, 'The two snapshots are not of the same folder of one instance.', none),
  http_only: define(501, 'Only the local API can do this. In the window, restore to a folder instead.', none),
  disk_full: define(507, 'The disk is full. What was complete is kept.', z.object({ path: text })),
  target_not_empty: define(409, 'The folder is not empty. Nothing was restored.', z.object({ path: text })),
  target_forbidden: define(403, 'A restore asked for over HTTP must stay below the export folder.', z.object({ export_folder: text })),

  schedule_impossible: define(422, 'This schedule can never run.', z.object({ reason: z.enum(['pattern', 'never', 'time_zone']), detail: text })),
  schedule_running: define(409, 'The schedule runs already.', none),
  retention_empty: define(422, 'A policy that keeps nothing is refused.', none),
  retention_changed: define(409, 'The snapshots or the policy have changed since the plan was made. Nothing was removed.', none),
  clock_suspect: define(409, "The computer's clock looks wrong. Nothing was removed.", z.object({ now: text, newest: text })),
  snapshot_first_failed: define(409, 'The snapshot that comes first failed. The instance was kept as it is.', z.object({ code: text, detail: text })),

  internal: define(500, 'Internal error. The log has the details.', none),
} as const;

export type ErrorTable = typeof errorTable;
export type ErrorCode = keyof ErrorTable;
/** What goes with an error of this code. */
export type ErrorData<Code extends ErrorCode> = z.input<ErrorTable[Code]['data']>;

const pick = <const Codes extends readonly ErrorCode[]>(...codes: Codes): Pick<ErrorTable, Codes[number]> =>
  Object.fromEntries(codes.map((code) => [code, errorTable[code]])) as Pick<ErrorTable, Codes[number]>;

/** Errors that any endpoint behind a session can give. */
export const sessionErrors = pick('invalid_input', 'unauthorized', 'internal');
export const authErrors = pick('wrong_credentials', 'too_many_attempts', 'email_taken', 'registration_closed', 'setup_code_required', 'secret_store_unavailable');
export const secretErrors = pick('secret_store_unavailable', 'vault_locked');
export const vastErrors = pick('vast_key_missing', 'vast_key_rejected', 'vast_permission', 'vast_unreachable', 'vast_rate_limited', 'vast_error', 'secret_store_unavailable', 'vault_locked');
export const rentErrors = pick('insufficient_credit', 'offer_gone', 'price_changed', 'rent_unconfirmed');
export const lookupErrors = pick('not_found');
export const stateErrors = pick('not_found', 'instance_state');
/** Of what ends an instance: a snapshot that was asked for and cannot be taken keeps it. */
export const endingErrors = pick('not_found', 'instance_state', 'snapshot_first_failed');
export const operationErrors = pick('not_found', 'operation_ended');
export const sshErrors = pick('ssh_missing', 'ssh_key_exposed', 'ssh_unreachable', 'ssh_refused', 'host_key_changed', 'connection_cut', 'remote_stalled', 'remote_tool_missing', 'remote_failed', 'remote_untrusted', 'source_missing', 'source_too_large', 'fetch_too_large', 'hook_failed', 'instance_state');
export const hostKeyErrors = pick('ssh_missing', 'ssh_unreachable', 'host_key_changed', 'instance_state');
export const sourceErrors = pick('forbidden', 'source_taken');
export const resticErrors = pick('restic_missing', 'restic_too_old', 'restic_failed', 'repository_missing', 'repository_wrong_password', 'repository_locked', 'repository_damaged', 'repository_unreachable', 'guard_failed', 'disk_full', 'cancelled');
export const repositoryErrors = pick('repository_location', 'repository_exists', 'repository_in_use');
export const repositoryPasswordErrors = pick('repository_password_taken', 'repository_password_left');
export const restoreErrors = pick('target_not_empty', 'target_forbidden');
export const proofErrors = pick('snapshot_foreign', 'proof_failed');
export const indexErrors = pick('snapshot_not_indexed', 'different_sources');
export const downloadErrors = pick('http_only');
export const scheduleErrors = pick('schedule_impossible', 'schedule_running', 'retention_empty');
export const retentionErrors = pick('retention_empty', 'retention_changed', 'clock_suspect');
export const shellErrors = pick('desktop_only', 'forbidden');

/** The body of every error answer over HTTP. */
export const errorBody = z.object({
  error: text.describe('One English sentence.'),
  details: z.object({ code: text, data: z.unknown() }),
});
