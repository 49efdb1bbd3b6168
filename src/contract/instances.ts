// What is rented: instances, what they cost now, and what can be done to them.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { dollarsPerHour, flag, instant, label, number, numberOrNull, operationId, startedOperation, text, textOrNull, vastId, whole, wholeOrNull } from './common';
import { endingErrors, hostKeyErrors, lookupErrors, rentErrors, sessionErrors, stateErrors, vastErrors } from './errors';
import { offers } from './offers';

/** One word for what an instance is doing, derived from Vast's four status fields. */
export const instanceState = z.enum([
  'creating', 'loading', 'running', 'stopping', 'stopped', 'scheduling', 'rebooting', 'frozen', 'exited', 'offline', 'failed', 'destroying', 'unknown',
]);

export const instance = z.object({
  id: vastId,
  label: textOrNull.describe("The user's part of the label"),
  state: instanceState,
  actual_status: textOrNull,
  intended_status: textOrNull,
  cur_state: textOrNull,
  status_msg: textOrNull,
  machine_id: wholeOrNull,
  host_id: wholeOrNull,
  gpu_name: text,
  num_gpus: whole,
  gpu_ram: numberOrNull.describe('MB per GPU'),
  gpu_util: numberOrNull.describe('0..100 %'),
  gpu_temp: numberOrNull.describe('Degrees Celsius'),
  cpu_name: textOrNull,
  cpu_cores_effective: numberOrNull,
  cpu_ram: numberOrNull.describe('MB'),
  disk_space: numberOrNull.describe('GB rented'),
  disk_usage: numberOrNull.describe('GB used'),
  inet_up: numberOrNull.describe('Mbit/s'),
  inet_down: numberOrNull.describe('Mbit/s'),
  inet_up_cost: numberOrNull.describe('$/GB'),
  inet_down_cost: numberOrNull.describe('$/GB'),
  geolocation: textOrNull,
  image: textOrNull,
  is_bid: flag,
  dph_total: dollarsPerHour.describe('$/h while running'),
  storage_total_cost: number.describe('$/h while stopped'),
  cost_per_hour: number.describe('$/h now, from its state'),
  start_date: instant.nullable().describe('When it was rented'),
  end_date: instant.nullable(),
  uptime_s: numberOrNull.describe('Seconds since it was first seen running, while it runs. Null when its start was not seen here: Vast.ai says only when it was rented, and it may have been stopped since'),
  ssh: z.object({ host: text, port: whole, user: text, command: text }).nullable(),
  data_directory: text.describe('DATA_DIRECTORY of the instance, else /workspace'),
  operation_id: operationId.nullable().describe('What is being done to it now'),
});

export const instanceWithOperation = instance.extend(startedOperation.shape);

const envName = text.regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/);

/** A port: `8080`, `8080:8080`, with `/udp` where wanted. */
const port = text.regex(/^\d{1,5}(?::\d{1,5})?(?:\/(?:tcp|udp))?$/);

export const createInstance = z.object({
  offer_id: vastId,
  disk_size: number.min(8).max(100_000).optional().describe('GB, fixed for life; default from settings'),
  label: label.optional(),
  image: text.trim().min(1).max(1024).regex(/^[\w][\w.\-/:@]*$/, 'an image reference').optional().describe('Default from settings'),
  ports: z.array(port).max(64).optional(),
  env: z.record(envName, text.max(256)).optional(),
  onstart: text.max(4000).optional(),
  bid: number.min(0.001).max(128).optional().describe('$/h; makes it interruptible'),
  max_dph: dollarsPerHour.optional().describe('Refuse when the offer costs more than this now ($/h)'),
});

const byId = z.object({ id: vastId });
/** `snapshot_first` overrides the setting for this once. */
const ending = byId.extend({ snapshot_first: flag.optional().describe('Snapshot its known folders first, or its data directory where none is known; default from settings, for known folders only') });
const tag = { tags: ['instances'] };

export const account = z.object({
  credit: numberOrNull.describe('Prepaid dollars left; null when Vast.ai has not said'),
  credit_as_of: instant.nullable().describe('When Vast.ai last said the credit; it is asked for by itself and may be older than the rest'),
  burn_per_hour: number.describe('$/h now, over all instances, from their states'),
  runway_hours: numberOrNull.describe('Hours until the credit is used up; null when nothing is spent'),
  as_of: instant.nullable(),
  stale: flag.describe('The last poll failed or is old'),
  problem: textOrNull.describe('Code of the error of the last poll'),
});

export const instances = {
  offers,
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/instances', summary: 'All instances' })
    .input(z.object({ fresh: flag.optional().describe('Ask Vast.ai now') }).optional())
    .output(z.object({ instances: z.array(instance), count: whole, as_of: instant, stale: flag }))
    .errors({ ...sessionErrors, ...vastErrors }),
  get: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/instances/{id}', summary: 'One instance' })
    .input(byId)
    .output(instance)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors }),
  create: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/instances', summary: 'Rent an offer' })
    .input(createInstance)
    .output(instanceWithOperation)
    .errors({ ...sessionErrors, ...vastErrors, ...rentErrors }),
  relabel: oc
    .route({ ...tag, method: 'PATCH', path: '/api/v1/instances/{id}', summary: 'Change the label' })
    .input(byId.extend({ label }))
    .output(instance)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors }),
  pause: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/instances/{id}/pause', summary: 'Stop the GPU, keep the disk' })
    .input(ending)
    .output(instanceWithOperation)
    .errors({ ...sessionErrors, ...vastErrors, ...endingErrors }),
  resume: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/instances/{id}/resume', summary: 'Start a paused instance, or queue for its GPU' })
    .input(byId)
    .output(instanceWithOperation)
    .errors({ ...sessionErrors, ...vastErrors, ...stateErrors, insufficient_credit: rentErrors.insufficient_credit }),
  destroy: oc
    .route({ ...tag, method: 'DELETE', path: '/api/v1/instances/{id}', summary: 'Destroy for good, disk included' })
    .input(ending)
    .output(instanceWithOperation)
    .errors({ ...sessionErrors, ...vastErrors, ...endingErrors }),
  trustHostKey: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/instances/{id}/host-key', summary: 'Accept the host key that an instance shows now, by its fingerprint' })
    .input(byId.extend({ fingerprint: text.regex(/^SHA256:[A-Za-z0-9+/]{43}$/).describe('The `found` of `host_key_changed`') }))
    .output(z.object({ instance_id: vastId, fingerprint: text }))
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...hostKeyErrors }),
  logs: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/instances/{id}/logs', summary: 'The last lines of the container log' })
    .input(byId.extend({ tail: whole.min(1).max(10_000).default(500), filter: text.max(200).optional() }))
    .output(z.object({ lines: z.array(text), truncated: flag }))
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors }),
  account: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/account', summary: 'Credit, burn and runway' })
    .output(account)
    .errors({ ...sessionErrors, ...vastErrors }),
};
