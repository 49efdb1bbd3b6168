// Schedules: what is done when, what became of each time, and what waits for an answer.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, number, operationId, remotePath, text, textOrNull, vastId, whole } from './common';
import { lookupErrors, resticErrors, scheduleErrors, secretErrors, sessionErrors, sshErrors, vastErrors } from './errors';
import { retentionPolicy } from './retention';

/** What a schedule does. `rolling_check` reads a part of the repository each time, so that all of it was read after `parts` times. */
export const scheduleKind = z.enum(['snapshot', 'prune', 'check', 'rolling_check', 'rehearse']);

/** When: the five fields of cron in a time zone, or every so many minutes on a grid of its own. */
export const timing = z.discriminatedUnion('type', [
  z.object({ type: z.literal('cron'), pattern: text.trim().min(1).max(200) }),
  z.object({ type: z.literal('every'), minutes: whole.min(5).max(527_040) }),
]);

/** A name of the IANA data base, such as `America/Sao_Paulo`. */
export const timeZone = text.trim().min(1).max(64);

/** What happens to times that were slept over: nothing, one run, or a question. */
export const catchUp = z.enum(['skip', 'once', 'ask']);

/** Whether a paused instance is started for the snapshot and paused again afterwards. */
export const power = z.enum(['while_running', 'start_and_stop']);

/** How a scheduled time ended. `interrupted`: the app ended in the middle and its snapshot does not exist. */
export const slotState = z.enum(['asking', 'started', 'succeeded', 'warnings', 'failed', 'cancelled', 'skipped', 'interrupted']);

export const scheduledRun = z.object({
  slot: instant.describe('The scheduled time; of a run by hand, when it was asked for'),
  state: slotState,
  reason: textOrNull.describe('The code of an error, or why it was skipped: missed, superseded, not_running, instance_gone, still_running, declined; or not_paused_again: the instance that was started for it still runs and is billed, and pausing it is tried again'),
  covers: whole.min(1).describe('How many scheduled times this one stands for'),
  late: flag.describe('It was caught up'),
  by_hand: flag,
  operation_id: operationId.nullable(),
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
});

export const scheduleOptions = z.object({
  parts: whole.min(2).max(365).optional().describe('rolling_check: how many runs read everything once'),
  max_repack_gb: number.min(0).max(100_000).optional().describe('prune: at most so many GB are written anew in one run'),
});

export const schedule = z.object({
  id: z.uuid(),
  kind: scheduleKind,
  source: z.object({ id: z.uuid(), instance_id: vastId, path: text, label: textOrNull }).nullable().describe('Of snapshots and rehearsals'),
  repository_id: text,
  timing,
  time_zone: text,
  enabled: flag,
  catch_up: catchUp,
  power,
  options: scheduleOptions,
  retention: retentionPolicy.nullable().describe('Of its source'),
  next_runs: z.array(instant).describe('The next five'),
  overdue_since: instant.nullable().describe('The first scheduled time that has passed without a run'),
  waits_for: z.enum(['network', 'running']).nullable().describe('Why what is due has not begun: Vast.ai does not answer, or the run before goes on'),
  running: flag,
  last_run: scheduledRun.nullable(),
  asking: scheduledRun.nullable().describe('Times that were slept over and wait for an answer'),
  created_at: instant,
});

const changeable = {
  timing,
  time_zone: timeZone,
  enabled: flag,
  catch_up: catchUp,
  power,
  options: scheduleOptions,
};

export const createSchedule = z.object({
  kind: scheduleKind.default('snapshot'),
  instance_id: vastId.optional().describe('Of snapshots and rehearsals'),
  source_path: remotePath.optional().describe("Default: the instance's data directory"),
  repository_id: text.min(1).max(64).optional().describe("What is cared for, `default` when not said; of a snapshot, where it is kept: default, where the folder's snapshots are"),
  timing,
  time_zone: timeZone,
  enabled: flag.default(true),
  catch_up: catchUp.default('once'),
  power: power.default('while_running'),
  options: scheduleOptions.default({}),
  retention: retentionPolicy.nullable().optional().describe('Sets what is kept of the source'),
});

/** A schedule as a file: what, where and when. Exactly this form, so that nothing is taken unseen. */
export const scheduleFile = z
  .strictObject({
    dumont_cloud: z.literal('schedule'),
    version: z.literal(1),
    kind: scheduleKind,
    instance_id: vastId.nullable(),
    source_path: remotePath.nullable(),
    timing,
    time_zone: timeZone,
    catch_up: catchUp,
    power,
  })
  .refine(({ kind, instance_id: id, source_path: path }) => (kind === 'snapshot' || kind === 'rehearse' ? id !== null && path !== null : id === null && path === null), 'snapshots and rehearsals are of a folder, the rest of none');

const byId = z.object({ id: z.uuid() });

export const changeSchedule = z.object(changeable).partial().extend({ ...byId.shape, retention: retentionPolicy.nullable().optional() });

const tag = { tags: ['schedules'] };

export const schedules = {
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/schedules', summary: 'All schedules, with their next and last runs' })
    .input(z.object({ instance_id: vastId.optional() }).optional())
    .output(z.object({ schedules: z.array(schedule), count: whole }))
    .errors(sessionErrors),
  get: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/schedules/{id}', summary: 'One schedule with its history' })
    .input(byId)
    .output(schedule.extend({ runs: z.array(scheduledRun).describe('Newest first') }))
    .errors({ ...sessionErrors, ...lookupErrors }),
  create: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/schedules', summary: 'Add a schedule; one that can never run is refused' })
    .input(createSchedule)
    .output(schedule)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...scheduleErrors }),
  update: oc
    .route({ ...tag, method: 'PATCH', path: '/api/v1/schedules/{id}', summary: 'Change a schedule' })
    .input(changeSchedule)
    .output(schedule)
    .errors({ ...sessionErrors, ...lookupErrors, ...scheduleErrors }),
  remove: oc
    .route({ ...tag, method: 'DELETE', path: '/api/v1/schedules/{id}', summary: 'Remove a schedule; snapshots stay' })
    .input(byId)
    .output(z.object({ success: z.literal(true), id: z.uuid() }))
    .errors({ ...sessionErrors, ...lookupErrors }),
  runNow: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/schedules/{id}/run', summary: 'Run it now; its times stay as they are' })
    .input(byId)
    .output(schedule)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...sshErrors, ...resticErrors, ...secretErrors, schedule_running: scheduleErrors.schedule_running }),
  answer: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/schedules/{id}/answer', summary: 'Answer whether what was slept over is run now' })
    .input(byId.extend({ answer: z.enum(['run', 'skip']) }))
    .output(schedule)
    .errors({ ...sessionErrors, ...lookupErrors, schedule_running: scheduleErrors.schedule_running }),
  preview: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/schedules/preview', summary: 'The next runs of a timing that is not saved yet' })
    .input(z.object({ timing, time_zone: timeZone, count: whole.min(1).max(50).default(5) }))
    .output(z.object({ next_runs: z.array(instant) }))
    .errors({ ...sessionErrors, schedule_impossible: scheduleErrors.schedule_impossible }),
};
