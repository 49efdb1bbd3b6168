// The old client of the original REST API, unchanged but for the address: a Python 3 script and curl commands against the built app in demo mode.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoKey } from '../support/demo-clock';
import { curl, runPythonClient, type Seen } from '../support/old-client';
import { newestRestic } from '../support/restics';
import { startHeadless, type RunningApp } from '../support/run-app';
import { makeTempDir, type TempDir } from '../support/temp-dir';

type Rows = Record<string, unknown>[];

const hex64: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
const uuid: unknown = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
const isoTime: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const number: unknown = expect.any(Number);
const token: unknown = expect.stringMatching(/^[\w-]{40,}$/);

let app: RunningApp;
let folder: TempDir;
let steps: Awaited<ReturnType<typeof runPythonClient>>;
let apiKey = '';

const filesBelow = (where: string): readonly string[] =>
  readdirSync(where, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.relative(where, path.join(entry.parentPath, entry.name))).sort();

beforeAll(async () => {
  folder = makeTempDir('dumont-old-client');
  app = await startHeadless({ demo: true, dataDir: folder.path, restic: newestRestic().file });
  apiKey = demoKey(folder.path);
  steps = await runPythonClient(app);
}, 300_000);

afterAll(async () => {
  try {
    await app?.stop();
  } finally {
    folder?.remove();
  }
});

/** What a step of the Python client got. */
const seen = (step: string): Seen => {
  const found = steps.get(step);
  if (found === undefined) throw new Error(`The client never came to ${step}`);
  return found;
};

const expectError = (answer: Seen, status: number, code: string): void => {
  expect([answer.status, answer.body]).toEqual([status, { error: expect.stringMatching(/^[A-Z].*\w/s) as string, details: { code, data: expect.any(Object) as object } }]);
};

const snapshotFields = {
  id: hex64, short_id: expect.stringMatching(/^[0-9a-f]{8}$/) as string, time: isoTime, hostname: expect.any(String) as string, tags: ['auto-backup'], paths: ['/workspace'],
  instance_id: number, result: 'ok', size_bytes: number,
};
const summaryFields = { snapshot_id: hex64, files_new: number, files_changed: number, files_unmodified: number, total_files_processed: number, data_added: number, total_bytes_processed: number };

describe('the Python client', () => {
  test('every answer is JSON and says so', () => {
    for (const [step, answer] of steps) expect([step, answer.type?.split(';')[0]]).toEqual([step, 'application/json']);
    expect(steps.size).toBeGreaterThan(40);
  });

  test('signs in by username, which is the email', () => {
    const { email } = app.demoAccount ?? { email: '' };
    expect([seen('login').status, seen('login').body]).toEqual([200, { success: true, user: email, token }]);
    expect(seen('me')).toMatchObject({ status: 200, body: { authenticated: true, user: email } });
    expectError(seen('login-wrong'), 401, 'wrong_credentials');
    expectError(seen('me-nobody'), 401, 'unauthorized');
  });

  test('offers: both ways to write a space find the same RTX 4090 at a dollar at most', () => {
    const { status, body } = seen('offers-plus');
    expect([status, body]).toEqual([200, expect.objectContaining({ offers: expect.any(Array) as unknown[], count: number, total: number })]);
    const offers = body['offers'] as Rows;
    expect(offers.length).toBeGreaterThan(10);
    expect([body['count'], Number(body['total']) >= offers.length]).toEqual([offers.length, true]);
    for (const offer of offers) {
      expect(offer).toMatchObject({ id: number, gpu_name: 'RTX 4090', num_gpus: number, dph_total: number });
      expect(offer['dph_total']).toBeLessThanOrEqual(1);
    }
    expect((seen('offers-percent').body['offers'] as Rows).map((offer) => offer['id'])).toEqual(offers.map((offer) => offer['id']));
    expectError(seen('offers-unknown-value'), 400, 'invalid_input');
  });

  test('rents: the instance with id and operation_id; the same offer a second time is gone', () => {
    const [offer] = seen('offers-plus').body['offers'] as Rows;
    expect(seen('create')).toMatchObject({ status: 200, body: { id: number, operation_id: uuid, label: 'my-gpu-instance', disk_space: 100, gpu_name: 'RTX 4090', machine_id: offer?.['machine_id'] } });
    expectError(seen('create-again'), 410, 'offer_gone');
    expect(seen('show')).toMatchObject({ status: 200, body: { id: seen('create').body['id'], label: 'my-gpu-instance', actual_status: 'running', state: 'running', data_directory: '/workspace', image: expect.stringContaining('pytorch') as string } });
    expect(seen('list')).toMatchObject({ status: 200, body: { count: 1, instances: [{ id: seen('create').body['id'], label: 'my-gpu-instance' }] } });
  });

  test('a snapshot waits and gives every field; the second sends only what the project wrote meanwhile', () => {
    const [first, second] = [seen('snapshot'), seen('snapshot-second')];
    for (const answer of [first, second]) expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ ...snapshotFields, ...summaryFields })]);
    const [one, two] = [first.body as Record<string, number>, second.body as Record<string, number>];
    expect(one['id']).toBe(one['snapshot_id']);
    expect(one['files_new']).toBeGreaterThan(5);
    expect(one['files_new']).toBe(one['total_files_processed']);
    expect([one['files_changed'], one['files_unmodified']]).toEqual([0, 0]);
    expect(two['id']).not.toBe(one['id']);
    expect(two['files_changed']).toBeGreaterThan(0);
    expect(two['files_unmodified']).toBeGreaterThan(0);
    expect((two['files_new'] ?? 0) + (two['files_changed'] ?? 0) + (two['files_unmodified'] ?? 0)).toBe(two['total_files_processed']);
    expect(two['data_added']).toBeLessThan((one['data_added'] ?? 0) / 2);
    expect(two['total_bytes_processed']).toBeGreaterThan(one['total_bytes_processed'] ?? 0);
  });

  test('"wait": false answers with the operation alone, and its snapshot comes', () => {
    expect([seen('snapshot-no-wait').status, seen('snapshot-no-wait').body]).toEqual([200, { operation_id: uuid }]);
    const { status, body } = seen('snapshots');
    expect([status, body['count']]).toEqual([200, 3]);
    const rows = body['snapshots'] as Rows;
    for (const row of rows) expect(row).toEqual(expect.objectContaining(snapshotFields));
    expect(rows.map((row) => row['id'])).toEqual([expect.anything(), seen('snapshot-second').body['id'], seen('snapshot').body['id']]);
    expectError(seen('snapshot-missing-folder'), 404, 'source_missing');
    expectError(seen('snapshot-paused'), 409, 'instance_state');
  });

  test('restores into a new folder below the export folder, whole or some paths, and nowhere else', () => {
    const first = seen('snapshot').body;
    const { status, body } = seen('restore-folder');
    expect([status, body]).toEqual([200, expect.objectContaining({ success: true, snapshot_id: first['snapshot_id'], target_path: expect.any(String) as string, files_restored: number, errors: [] })]);
    const target = String(body['target_path']);
    expect(target.startsWith(folder.path) && target.endsWith('/restored')).toBe(true);
    const files = filesBelow(target);
    expect(files.length).toBe(body['files_restored']);
    expect(files.filter((name) => statSync(path.join(target, name)).size > 0).length).toBeGreaterThan(5);
    const log = files.find((name) => name.endsWith('train.log')) ?? '';
    expect(readFileSync(path.join(target, log), 'utf8')).toMatch(/\n$/);
    const parts = seen('restore-paths');
    expect([parts.status, filesBelow(String(parts.body['target_path']))]).toEqual([200, files.filter((name) => name.includes('logs/'))]);
    expectError(seen('restore-folder-again'), 409, 'target_not_empty');
    expectError(seen('restore-outside'), 403, 'target_forbidden');
    expect(existsSync('/tmp/outside-of-the-export-folder')).toBe(false);
    expectError(seen('restore-unknown'), 404, 'not_found');
  });

  test('restores into the running instance, verified there', () => {
    const { status, body } = seen('restore-instance');
    expect([status, body]).toEqual([200, expect.objectContaining({ success: true, snapshot_id: seen('snapshot').body['snapshot_id'], target_path: '/workspace', files_restored: seen('restore-folder').body['files_restored'], errors: [] })]);
  });

  test('pauses, resumes and destroys: the instance with its operation_id, then 404', () => {
    const id = seen('create').body['id'];
    for (const step of ['pause', 'resume', 'destroy']) expect([step, seen(step)]).toEqual([step, expect.objectContaining({ status: 200, body: expect.objectContaining({ id, operation_id: uuid }) as object })]);
    expect(seen('show-paused').body).toMatchObject({ state: 'stopped', cost_per_hour: seen('show').body['storage_total_cost'] });
    expect(['stopping', 'stopped']).toContain(seen('pause').body['state']);
    expect(seen('destroy').body['state']).toBe('destroying');
    expectError(seen('show-destroyed'), 404, 'not_found');
    expect(seen('show-destroyed').body).toMatchObject({ details: { data: { kind: 'instance', id } } });
    expectError(seen('destroy-again'), 404, 'not_found');
    expect(seen('list-empty').body).toMatchObject({ instances: [], count: 0 });
  });

  test('settings: the key is never given back, and a wrong one leaves the old one in place', () => {
    const kept = { set: true, last4: apiKey.slice(-4) };
    expect(seen('settings')).toMatchObject({ status: 200, body: { vast_api_key: kept, settings: { language: 'system', default_image: expect.stringContaining('pytorch') as string } } });
    expect(seen('settings-put')).toMatchObject({ status: 200, body: { vast_api_key: kept, settings: { default_disk_size: 64 } } });
    expectError(seen('settings-wrong-key'), 422, 'vast_key_rejected');
    expect(seen('settings-after').body['vast_api_key']).toEqual(kept);
    expect(seen('offers-after').status).toBe(200);
    expect(JSON.stringify([...steps.values()])).not.toContain(apiKey);
    expect(app.stdout() + app.stderr()).not.toContain(apiKey);
  });

  test('registers with 201, signs out, and the next user sees nothing of the first', () => {
    expect([seen('register').status, seen('register').body]).toEqual([201, { user: 'second@example.test', token }]);
    expectError(seen('register-again'), 409, 'email_taken');
    expectError(seen('register-short'), 400, 'invalid_input');
    expect([seen('logout').status, seen('logout').body]).toEqual([200, { success: true }]);
    expectError(seen('me-after'), 401, 'unauthorized');
    expectError(seen('register-signed-out'), 403, 'registration_closed');
    expect(seen('login-second')).toMatchObject({ status: 200, body: { success: true, user: 'second@example.test' } });
    expect(seen('snapshots-second').body).toEqual({ snapshots: [], count: 0 });
    expectError(seen('offers-without-key'), 409, 'vast_key_missing');
  });
});

describe('curl', () => {
  const json = (body: unknown): readonly string[] => ['-X', 'POST', '-H', 'Content-Type: application/json', '-d', JSON.stringify(body)];
  const login = async (): Promise<readonly string[]> => {
    const { email, password } = app.demoAccount ?? { email: '', password: '' };
    const answer = await curl(app, '/api/v1/auth/login', ...json({ username: email, password }));
    expect([answer.status, answer.body]).toEqual([200, { success: true, user: email, token }]);
    return ['-H', `Authorization: Bearer ${String(answer.body['token'])}`];
  };
  const until = async (bearer: readonly string[], id: unknown, wanted: (answer: Seen) => boolean): Promise<Seen> => {
    for (const end = Date.now() + 60_000; ; ) {
      const answer = await curl(app, `/api/v1/instances/${String(id)}`, '--retry', '0', ...bearer);
      if (wanted(answer) || Date.now() > end) return answer;
    }
  };

  test('health, pages and the API description need no session', async () => {
    expect(await curl(app, '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await curl(app, '/api/v1/openapi.json')).toMatchObject({ status: 200, body: { openapi: expect.stringMatching(/^3\./) as string } });
    expectError(await curl(app, '/api/v1/instances'), 401, 'unauthorized');
    expectError(await curl(app, '/api/v1/nothing'), 404, 'not_found');
  });

  test('the whole job: search, rent, snapshot, restore, pause, resume, destroy', async () => {
    const bearer = await login();
    const asked = await curl(app, '/api/v1/instances/offers', '-G', ...bearer, '--data-urlencode', 'gpu_name=RTX 4090', '-d', 'max_price=1.0');
    const typed = await curl(app, '/api/v1/instances/offers?gpu_name=RTX%204090&max_price=1.0', ...bearer);
    const [offer] = asked.body['offers'] as Rows;
    expect([asked.status, typed.status, (typed.body['offers'] as Rows)[0]?.['id']]).toEqual([200, 200, offer?.['id']]);

    const rented = await curl(app, '/api/v1/instances', ...bearer, ...json({ offer_id: offer?.['id'], disk_size: 100, label: 'my-gpu-instance', ports: ['8080'], env: { TZ: 'UTC' } }));
    expect([rented.status, rented.body]).toEqual([200, expect.objectContaining({ id: number, operation_id: uuid })]);
    const { id } = rented.body;
    expect((await until(bearer, id, ({ body }) => body['state'] === 'running')).body).toMatchObject({ state: 'running', ssh: { host: '127.0.0.1' } });

    const taken = await curl(app, '/api/v1/snapshots', ...bearer, ...json({ instance_id: id, source_path: '/workspace', tags: ['auto-backup'] }));
    expect([taken.status, taken.body]).toEqual([200, expect.objectContaining({ ...snapshotFields, ...summaryFields })]);
    const restored = await curl(app, '/api/v1/snapshots/restore', ...bearer, ...json({ snapshot_id: taken.body['snapshot_id'], instance_id: id, target_path: '/workspace', verify: false }));
    expect([restored.status, restored.body]).toEqual([200, expect.objectContaining({ success: true, target_path: '/workspace', files_restored: taken.body['file_count'], errors: [] })]);
    const removed = await curl(app, `/api/v1/snapshots/${String(taken.body['short_id'])}`, '-X', 'DELETE', ...bearer);
    expect([removed.status, removed.body]).toEqual([200, { success: true, snapshot_id: taken.body['snapshot_id'] }]);

    // Without a body, and with the empty form that `curl -d ""` sends.
    expect(await curl(app, `/api/v1/instances/${String(id)}/pause`, '-X', 'POST', ...bearer)).toMatchObject({ status: 200, body: { id, operation_id: uuid } });
    expect((await until(bearer, id, ({ body }) => body['state'] === 'stopped')).body['state']).toBe('stopped');
    expect(await curl(app, `/api/v1/instances/${String(id)}/resume`, '-d', '', ...bearer)).toMatchObject({ status: 200, body: { id, operation_id: uuid } });
    expect((await until(bearer, id, ({ body }) => body['state'] === 'running')).body['state']).toBe('running');
    expect(await curl(app, `/api/v1/instances/${String(id)}`, '-X', 'DELETE', ...bearer)).toMatchObject({ status: 200, body: { id, operation_id: uuid } });
    expectError(await until(bearer, id, ({ status }) => status === 404), 404, 'not_found');
    expect((await curl(app, '/api/v1/auth/logout', '-X', 'POST', ...bearer)).body).toEqual({ success: true });
    expectError(await curl(app, '/api/v1/auth/me', ...bearer), 401, 'unauthorized');
  });

  test('bodies that are no JSON, or not called so, are refused in the same form', async () => {
    const bearer = await login();
    expect(await curl(app, '/api/v1/auth/login', '-X', 'POST', '-H', 'Content-Type: application/json', '-d', '{"username":')).toMatchObject({ status: 400, body: { details: { code: 'invalid_input' } } });
    const form = await curl(app, '/api/v1/instances', ...bearer, '-d', 'offer_id=1');
    expect([form.status, form.body]).toEqual([expect.toSatisfy((status: number) => status === 400 || status === 415), { error: expect.any(String) as string, details: { code: expect.any(String) as string, data: expect.any(Object) as object } }]);
  });
});
