// Sources: directories of instances that are captured, what is left out of them, and a preview of what a snapshot would fetch and cost.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, number, numberOrNull, operationId, remotePath, startedOperation, text, textOrNull, vastId, whole } from './common';
import { lookupErrors, resticErrors, sessionErrors, sourceErrors, sshErrors, vastErrors } from './errors';

/** What people who rent GPUs hardly ever want back, by name. What each means is in docs/snapshots.md. */
export const preset = z.enum(['pip', 'conda', 'huggingface', 'pycache', 'node_modules', 'sockets', 'git_objects']);

/** The patterns of one source may have so many lines of their own. */
const mostPatterns = 200;

const presets = z.object({
  pip: flag.default(true),
  conda: flag.default(true),
  huggingface: flag.default(true),
  pycache: flag.default(true),
  node_modules: flag.default(true),
  sockets: flag.default(true),
  git_objects: flag.default(false),
});

/** One line as in a .gitignore. */
const pattern = text.min(1).max(500).regex(/^[^\0\n\r]+$/, 'one line');

const hook = z.object({
  command: text.trim().min(1).max(4000).regex(/^[^\0]+$/).describe("Run by the instance's shell in the directory"),
  timeout_s: whole.min(1).max(3600).default(60).describe('Seconds until it is ended'),
});

/** Bytes; null = no limit. */
const byteLimit = whole.min(1).max(Number.MAX_SAFE_INTEGER).nullable();

/** How a source is captured. Everything has a default, so that `{}` is a whole set of options. */
export const sourceOptions = z.object({
  presets: presets.prefault({}).describe('Left out where true'),
  exclude: z.array(pattern).max(mostPatterns).default([]).describe('Patterns as in a .gitignore, the last that matches decides; `!` brings back'),
  ignore_file: flag.default(true).describe('Honour `.dumontignore` in the directory'),
  max_file_bytes: byteLimit.default(null).describe('Larger files are left out; null = no limit'),
  max_fetch_bytes: byteLimit.default(null).describe('A snapshot that would fetch more is refused before anything is fetched; null = no limit'),
  full_local_copy: flag.default(false).describe('Keep the whole content of files here, not only what restic needs to compare'),
  bandwidth_kib_s: whole.min(16).max(10_000_000).nullable().default(null).describe('Fetch at most so many KiB each second; null = as fast as it goes'),
  low_priority: flag.default(true).describe('Run on the instance with low CPU and disk priority'),
  before: hook.nullable().default(null).describe('Run on the instance first; when it fails, no snapshot is taken'),
  after: hook.nullable().default(null).describe('Run on the instance afterwards, also after a failure; when it fails, that is a warning'),
});

/** A change of options: what is not named stays as it is. */
export const optionsChange = z.object({
  presets: z.object({ pip: flag, conda: flag, huggingface: flag, pycache: flag, node_modules: flag, sockets: flag, git_objects: flag }).partial().optional(),
  exclude: z.array(pattern).max(mostPatterns).optional(),
  ignore_file: flag.optional(),
  max_file_bytes: byteLimit.optional(),
  max_fetch_bytes: byteLimit.optional(),
  full_local_copy: flag.optional(),
  bandwidth_kib_s: whole.min(16).max(10_000_000).nullable().optional(),
  low_priority: flag.optional(),
  before: hook.nullable().optional(),
  after: hook.nullable().optional(),
});

export const source = z.object({
  id: z.uuid(),
  instance_id: vastId.describe('The instance it is captured from now'),
  label: textOrNull,
  path: text.describe('The directory on the instance'),
  options: sourceOptions,
  snapshot_count: whole,
  last_snapshot_at: instant.nullable(),
  fetch_rate: numberOrNull.describe('Bytes per second of the last fetch of some size; null when there was none'),
  created_at: instant,
});

/** Why an entry is left out: a preset, a pattern of `.dumontignore` or of the options, or the size limit. */
export const leftOutReason = z.enum([...preset.options, 'patterns', 'size']);

const amount = z.object({ files: whole, bytes: number });

export const preview = z.object({
  operation_id: operationId,
  instance_id: vastId,
  path: text,
  options: sourceOptions,
  total: amount.describe('Everything below the directory'),
  kept: amount.describe('What the snapshot would hold'),
  fetch: amount.describe('Of that, what must be sent'),
  left_out: z.array(
    z.object({ reasons: z.array(leftOutReason), files: whole, bytes: number, fetch_files: whole, fetch_bytes: number }),
  ).describe('By all the reasons that apply, whether they are switched on or not (patterns: as they are): with other presets, a part whose reasons are all off would be kept'),
  directories: z.array(z.object({ name: text, files: whole, bytes: number, fetch_bytes: number, left_out_bytes: number })).describe('What lies directly in the directory, by size; the last may stand for all others, with an empty name'),
  largest: z.array(z.object({ path: text, bytes: number, fetch: flag, reasons: z.array(leftOutReason) })),
  rate: z.object({ bytes_s: number, from: z.enum(['last_fetch', 'instance', 'limit']) }).nullable().describe('What the time is reckoned with'),
  seconds: numberOrNull,
  dollars_per_gb: numberOrNull.describe("The instance's own price for traffic out"),
  dollars: numberOrNull.describe('For the traffic; 0 when it is free'),
});

/** Which directory of which instance. */
const place = { instance_id: vastId, source_path: remotePath.optional().describe("Default: the instance's data directory") };

const byId = z.object({ id: z.uuid() });
const tag = { tags: ['sources'] };

export const sources = {
  list: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/sources', summary: 'Directories that are captured, and how' })
    .input(z.object({ instance_id: vastId.optional() }).optional())
    .output(z.object({ sources: z.array(source), count: whole, defaults: sourceOptions.describe('How a directory is captured that nobody has set anything for') }))
    .errors(sessionErrors),
  get: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/sources/{id}', summary: 'One source' })
    .input(byId)
    .output(source)
    .errors({ ...sessionErrors, ...lookupErrors }),
  put: oc
    .route({ ...tag, method: 'PUT', path: '/api/v1/sources', summary: 'Set how a directory of an instance is captured' })
    .input(z.object({ ...place, options: optionsChange.default({}) }))
    .output(source)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...sourceErrors }),
  move: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/sources/{id}/move', summary: 'Capture this source from another instance from now on; its history stays' })
    .input(byId.extend({ instance_id: vastId }))
    .output(source)
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...sourceErrors }),
  preview: oc
    .route({ ...tag, method: 'POST', path: '/api/v1/sources/preview', summary: 'What a snapshot would fetch, how long that takes and what the traffic costs' })
    .input(z.object({ ...place, options: optionsChange.default({}).describe('On top of what is set for the source; nothing is kept'), wait: flag.default(true) }))
    .output(z.union([preview, startedOperation]))
    .errors({ ...sessionErrors, ...vastErrors, ...lookupErrors, ...sshErrors, ...sourceErrors, cancelled: resticErrors.cancelled }),
  previewed: oc
    .route({ ...tag, method: 'GET', path: '/api/v1/sources/previews/{operation_id}', summary: 'The result of a preview that was not waited for, until the app ends' })
    .input(z.object({ operation_id: operationId }))
    .output(preview)
    .errors({ ...sessionErrors, ...lookupErrors }),
};
