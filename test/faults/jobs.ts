// What the app is asked to do at a point, over its REST API, and how that ended.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '../../src/contract';
import { isAlive } from '../support/processes';
import type { Job } from './phases';
import type { Running, World } from './world';

/** A job that was asked for. */
export interface Asked {
  /** Null where the job is no operation. */
  readonly operationId: string | null;
  /** The answer of a request that waits for the end; null when the app went away. */
  readonly answer: Promise<{ readonly status: number; readonly text: string } | null>;
}

/** An operation with its log. */
export type Ended = Operation & { readonly log: readonly { readonly text: string; readonly level: string }[] };

/** Longer than anything here may take on a machine that does other things as well, milliseconds. */
const patience = 60_000;

const send = (running: Running, method: 'POST' | 'DELETE', target: string, body?: object): Asked['answer'] =>
  running.rest.call(method, target, body).then(({ status, body: got }) => ({ status, text: JSON.stringify(got) }), () => null);

const bodies: Readonly<Record<'capture' | 'restore-folder' | 'restore-host' | 'rehearse' | 'prune' | 'check' | 'repair', (world: World) => readonly [target: string, body: object]>> = {
  capture: (world) => ['/api/v1/snapshots', { instance_id: world.instanceId }],
  'restore-folder': (world) => ['/api/v1/snapshots/restore', { snapshot_id: world.first.id, folder: 'point' }],
  'restore-host': (world) => ['/api/v1/snapshots/restore', { snapshot_id: world.first.id, instance_id: world.instanceId, target_path: world.hostTarget }],
  rehearse: (world) => [`/api/v1/snapshots/${world.first.id}/rehearse`, {}],
  prune: () => ['/api/v1/maintenance/prune', {}],
  check: () => ['/api/v1/maintenance/check', { read: 'all' }],
  repair: () => ['/api/v1/repositories/default/repair', {}],
};

/** Keeps three of the four snapshots: the first goes. Null when it did not come to an operation. */
const applyPolicy = async (running: Running): Promise<string | null> => {
  const { retention } = (await running.rest.good('GET', '/api/v1/maintenance/retention')) as { retention: { source_id: string }[] };
  const target = `/api/v1/maintenance/retention/${retention[0]?.source_id ?? ''}`;
  await running.rest.good('PUT', target, { policy: { last: 3 } });
  const { token } = await running.rest.good('POST', `${target}/plan`, {});
  return String((await running.rest.good('POST', `${target}/apply`, { token }))['operation_id']);
};

/** The operation that runs now, once there is one. */
const activeOperation = async (running: Running): Promise<string | null> => {
  for (const end = Date.now() + 5000; Date.now() < end; await delay(10)) {
    const { operations } = (await running.rest.good('GET', '/api/v1/operations?active=true')) as { operations: Operation[] };
    if (operations[0] !== undefined) return operations[0].id;
  }
  return null;
};

/** Asks for it; the fault may strike while this still runs. */
export const ask = async (world: World, running: Running, job: Job): Promise<Asked> => {
  if (job === 'recovery-key') return { operationId: null, answer: send(running, 'POST', '/api/v1/settings/recovery-key', { password: world.password }) };
  if (job === 'delete') {
    const answer = send(running, 'DELETE', `/api/v1/snapshots/${world.first.id}`);
    return { operationId: await activeOperation(running).catch(() => null), answer };
  }
  if (job === 'password') return { operationId: null, answer: send(running, 'POST', '/api/v1/repositories/default/password', { password: world.password, new_password: world.nextPassword }) };
  if (job === 'retention') return { operationId: await applyPolicy(running), answer: Promise.resolve(null) };
  if (job === 'repair') for (const name of readdirSync(path.join(world.repository, 'index'))) rmSync(path.join(world.repository, 'index', name));
  if (job === 'restore-host') rmSync(world.hostTarget, { recursive: true, force: true });
  const [target, body] = bodies[job](world);
  const started = await running.rest.good('POST', target, job === 'prune' || job === 'check' || job === 'repair' ? body : { ...body, wait: false });
  return { operationId: String(started['operation_id']), answer: Promise.resolve(null) };
};

const isOver = (operation: Ended): boolean => ['succeeded', 'warnings', 'failed', 'cancelled'].includes(operation.state);

/** Asks until the operation has ended; the last that was seen of it, or null when the app is gone. */
export const watchEnd = async (running: Running, operationId: string, limitMs = patience): Promise<{ readonly over: boolean; readonly last: Ended | null }> => {
  let last: Ended | null = null;
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(60)) {
    const reply = await running.rest.call('GET', `/api/v1/operations/${operationId}`).catch(() => null);
    // A connection that was closed while this process was busy says nothing; an app that has ended does.
    if (reply === null && !isAlive(running.app.program.pid)) return { over: false, last: null };
    if (reply?.status === 200) last = reply.body as unknown as Ended;
    if (last !== null && isOver(last)) return { over: true, last };
  }
  return { over: false, last };
};
