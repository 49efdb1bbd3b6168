// What `npm start` does, through `scripts/start.mjs` of a copied checkout: its lines on stdout, its exit codes, its end, missing tools, and set-up only when something changed.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyCheckout, onlyPrograms, type Checkout } from '../support/checkout';
import { demoKey, setRate } from '../support/demo-clock';
import { descendants, isAlive, killTree, startProgram, stopCleanly, waitGone, type Program } from '../support/processes';
import { newestRestic } from '../support/restics';
import { restSession, type RestSession } from '../support/rest-session';
import { cleanEnv } from '../support/run-app';

const readyLine = /^Dumont Cloud is ready at (http:\/\/127\.0\.0\.1:\d+)$/;
const demoLine = /^Demo account: (\S+) (\S+)$/;
/** A start may have to build first. */
const buildLimit = 110_000;

let checkout: Checkout;
let runs = 0;
const started: Program[] = [];

/** Starts with a data folder of its own. */
const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Program => {
  runs += 1;
  const program = checkout.start(['--data-dir', checkout.at(`data-${runs}`), ...args], { DUMONT_RESTIC: newestRestic().file, ...env });
  started.push(program);
  return program;
};

const lines = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

const addressOf = async (program: Program): Promise<string> => (await program.line(readyLine, buildLimit))[1] ?? '';

/** Signs in to the demo. */
const demoSession = async (program: Program): Promise<RestSession> => {
  const url = await addressOf(program);
  const [, username, password] = await program.line(demoLine);
  const { token } = await restSession({ url }).good('POST', '/api/v1/auth/login', { username, password });
  return restSession({ url }, String(token));
};

/** Boots, which take six seconds, then take a moment; at a rate of 0 they do not end. */
const hurry = async (session: RestSession, dataDir: string, rate = 20): Promise<void> => setRate(String((await session.good('GET', '/api/v1/settings'))['vast_url']), demoKey(dataDir), rate);

const rent = async (session: RestSession): Promise<Record<string, unknown>> => {
  const { offers } = (await session.good('GET', '/api/v1/instances/offers?max_price=1.0')) as { offers: { id: number }[] };
  return session.good('POST', '/api/v1/instances', { offer_id: offers[0]?.id, disk_size: 20, label: 'box' });
};

/** The app's log in a demo's data folder. */
const logOf = (data: string): string => {
  const folder = path.join(data, 'demo', 'logs');
  return readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8')).join('');
};

beforeAll(async () => {
  checkout = copyCheckout();
  // What is built here may be older than its sources: this copy is set up once.
  const built = startProgram(process.execPath, [checkout.at('scripts', 'build.mjs')], { env: cleanEnv(), cwd: checkout.path });
  if ((await built.ended).code !== 0) throw new Error(built.stderr());
}, 150_000);

afterAll(async () => {
  for (const program of started) if (isAlive(program.pid)) await killTree(program);
  checkout?.remove();
});

describe('the lines', () => {
  test('--demo --headless: ready and the account on stdout, nothing else, and nothing at all on stderr', async () => {
    const program = start(['--demo', '--headless', '--port', '0']);
    const session = await demoSession(program);
    expect(await session.good('GET', '/api/v1/settings')).toMatchObject({ demo: true, vast_api_key: { set: true } });
    await stopCleanly(program, 'SIGTERM');
    expect(lines(program.stdout())).toEqual([expect.stringMatching(readyLine), expect.stringMatching(demoLine)]);
    expect(program.stderr()).toBe('');
  });

  test('--headless for real: ready and the code for the first account, which registering needs', async () => {
    const program = start(['--headless', '--port', '0', '--vast-url', 'http://127.0.0.1:9']);
    const url = await addressOf(program);
    const [, code] = await program.line(/^Setup code for the first account: ([A-Z2-9]{4}-[A-Z2-9]{4})$/);
    const nobody = restSession({ url });
    const account = { email: 'ana@example.test', password: 'correct horse' };
    expect(await nobody.call('POST', '/api/v1/auth/register', account)).toMatchObject({ status: 403, body: { details: { code: 'setup_code_required' } } });
    expect(await nobody.call('POST', '/api/v1/auth/register', { ...account, setup_code: code })).toMatchObject({ status: 201, body: { user: account.email } });
    await stopCleanly(program, 'SIGINT');
    expect(lines(program.stdout())).toHaveLength(2);
    expect(program.stderr()).toBe('');
    // The account is there: no code any more.
    const again = checkout.start(['--data-dir', checkout.at(`data-${runs}`), '--headless', '--port', '0', '--vast-url', 'http://127.0.0.1:9'], { DUMONT_RESTIC: newestRestic().file });
    started.push(again);
    await addressOf(again);
    await stopCleanly(again);
    expect(lines(again.stdout())).toEqual([expect.stringMatching(readyLine)]);
  });

  test('every flag has its variable', async () => {
    const program = checkout.start([], { DUMONT_DEMO: '1', DUMONT_HEADLESS: '1', DUMONT_PORT: '0', DUMONT_DATA_DIR: checkout.at('data-env'), DUMONT_RESTIC: newestRestic().file });
    started.push(program);
    expect(await (await demoSession(program)).good('GET', '/api/v1/settings')).toMatchObject({ data_folder: checkout.at('data-env', 'demo') });
    await stopCleanly(program);
  });

  // Only Linux runs without a display.
  test.each(process.platform === 'linux' ? [{ DISPLAY: '', WAYLAND_DISPLAY: '' }] : [])('without a display it says so in one line and serves the same app', async (env) => {
    const program = start(['--demo', '--port', '0'], env);
    expect((await fetch(`${await addressOf(program)}/health`)).status).toBe(200);
    await stopCleanly(program);
    expect(lines(program.stderr())).toEqual([expect.stringMatching(/^No display .*headless.*xvfb-run/)]);
    expect(lines(program.stdout())).toHaveLength(2);
  });

  test('--help lists the flags', async () => {
    const program = start(['--help']);
    expect((await program.ended).code).toBe(0);
    for (const flag of ['--demo', '--headless', '--electron', '--port', '--data-dir', '--vast-url', '--restic', 'DUMONT_PORT']) expect(program.stdout()).toContain(flag);
  });
});

describe('what cannot be is one line and exit code 2', () => {
  const expectRefused = async (program: Program, said: RegExp): Promise<void> => {
    expect([(await program.ended).code, program.stdout(), lines(program.stderr())]).toEqual([2, '', [expect.stringMatching(said)]]);
  };

  test('an unknown flag, a port that is none, a variable that is none', async () => {
    await expectRefused(start(['--headless', '--colour']), /--colour/);
    await expectRefused(start(['--headless', '--port', '70000']), /--port.*70000/);
    await expectRefused(start(['--headless', '--port']), /--port/);
    await expectRefused(start(['--headless'], { DUMONT_PORT: 'many' }), /DUMONT_PORT.*many/);
    await expectRefused(start(['--headless', '--vast-url', 'http://vast.example']), /--vast-url.*https/);
  });

  test('a busy port, and nothing is left of the start', async () => {
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      await expectRefused(start(['--demo', '--headless', '--port', String(port)]), new RegExp(`${port}`));
    } finally {
      server.close();
    }
  });

  test('a second copy on the same data folder', async () => {
    const program = start(['--demo', '--headless', '--port', '0']);
    await addressOf(program);
    const second = checkout.start(['--data-dir', checkout.at(`data-${runs}`), '--demo', '--headless', '--port', '0'], { DUMONT_RESTIC: newestRestic().file });
    started.push(second);
    await expectRefused(second, /running already/);
    await stopCleanly(program);
  });
});

describe('the end', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} in the middle of a rental and an open stream: exit code 0 within 5 s, no process left`, async () => {
      const program = start(['--demo', '--headless', '--port', '0']);
      const session = await demoSession(program);
      await hurry(session, checkout.at(`data-${runs}`), 0);
      const rented = await rent(session);
      const stream = await session.stream('/api/v1/events');
      expect(await session.good('GET', `/api/v1/operations/${String(rented['operation_id'])}`)).toMatchObject({ state: 'running' });
      // start.mjs, the app and the simulator, at least.
      expect(descendants(program.pid).length).toBeGreaterThanOrEqual(2);
      await stopCleanly(program, signal);
      expect(stream()).toContain('alive');
      await expect(fetch(`${await addressOf(program)}/health`)).rejects.toThrow('fetch failed');
      // The next start takes the rental up.
      const again = checkout.start(['--data-dir', checkout.at(`data-${runs}`), '--demo', '--headless', '--port', '0'], { DUMONT_RESTIC: newestRestic().file });
      started.push(again);
      const next = await demoSession(again);
      await hurry(next, checkout.at(`data-${runs}`));
      expect(await next.until(`/api/v1/instances/${String(rented['id'])}`, ({ body }) => body['state'] === 'running')).toMatchObject({ label: 'box' });
      expect(await next.until(`/api/v1/operations/${String(rented['operation_id'])}`, ({ body }) => body['state'] !== 'running')).toMatchObject({ kind: 'create', state: 'succeeded' });
      await stopCleanly(again, signal);
    });
  }

  for (const [signal, way] of [['SIGTERM', 'to npm alone'], ['SIGINT', 'to all of it at once, as Ctrl-C in a terminal']] as const) {
    test(`through npm itself: ${signal} ${way}`, async () => {
      runs += 1;
      const data = checkout.at(`data-${runs}`);
      const program = startProgram('npm', ['start', '--silent', '--', '--demo', '--headless', '--port', '0', '--data-dir', data], { cwd: checkout.path, env: cleanEnv({ DUMONT_RESTIC: newestRestic().file }) });
      started.push(program);
      await demoSession(program);
      const below = descendants(program.pid);
      expect(below.length).toBeGreaterThanOrEqual(3);
      // A negative number is the process group.
      process.kill(signal === 'SIGINT' ? -program.pid : program.pid, signal);
      expect(await waitGone([program.pid, ...below], 5000)).toEqual([]);
      expect((await program.ended).code).toBe(0);
      expect(lines(program.stdout())).toEqual([expect.stringMatching(readyLine), expect.stringMatching(demoLine)]);
      // Cleanly, not killed: the app had the time to write its last line.
      expect(logOf(data)).toContain('"event":"app.ended"');
    });
  }

  test('asked a second time a while later, it ends at once', async () => {
    const program = start(['--demo', '--headless', '--port', '0']);
    await demoSession(program);
    const below = descendants(program.pid);
    // The simulator and the app stand still, so that the first wish has no effect.
    for (const pid of below) process.kill(pid, 'SIGSTOP');
    program.child.kill('SIGINT');
    await delay(700);
    expect(isAlive(program.pid)).toBe(true);
    program.child.kill('SIGINT');
    expect((await program.ended).signal).toBeNull();
    expect(await waitGone(below, 2000)).toEqual([]);
  });
});

describe('without restic or ssh', () => {
  const programs = (name: string, wanted: readonly string[]): string => {
    const found = wanted.map((one) => [one, execFileSync('sh', ['-c', `command -v ${one}`], { encoding: 'utf8' }).trim()] as const);
    return onlyPrograms(checkout.at(name), { node: process.execPath, ...Object.fromEntries(found) });
  };

  const runningInstance = async (session: RestSession): Promise<unknown> => {
    await hurry(session, checkout.at(`data-${runs}`));
    const { id } = await rent(session);
    await session.until(`/api/v1/instances/${String(id)}`, ({ body }) => body['state'] === 'running' && body['operation_id'] === null);
    return id;
  };

  test('no restic: it starts and says so in one line, and a snapshot says what to do', async () => {
    const program = start(['--demo', '--headless', '--port', '0'], { PATH: programs('with-ssh', ['ssh', 'ssh-keygen', 'sh']), DUMONT_RESTIC: '' });
    const session = await demoSession(program);
    expect(lines(program.stderr())).toEqual([expect.stringMatching(/^No restic .*snapshots/)]);
    expect(await session.good('GET', '/api/v1/snapshots/repository')).toMatchObject({ state: 'restic_missing', restic: null, ssh: { version: expect.stringContaining('OpenSSH') as string } });
    const instance_id = await runningInstance(session);
    expect(await session.call('POST', '/api/v1/snapshots', { instance_id })).toEqual({
      status: 503, body: { error: expect.stringContaining('restic') as string, details: { code: 'restic_missing', data: { hint: expect.stringMatching(/[Ii]nstall restic/) as string } } },
    });
    expect(await session.good('GET', '/api/v1/snapshots')).toEqual({ snapshots: [], count: 0 });
    await stopCleanly(program);
  });

  test('no ssh: it starts and rents, and a snapshot says what to do', async () => {
    const program = start(['--demo', '--headless', '--port', '0'], { PATH: programs('without-ssh', ['sh']) });
    const session = await demoSession(program);
    expect(program.stderr()).toBe('');
    expect(await session.good('GET', '/api/v1/snapshots/repository')).toMatchObject({ state: 'none', ssh: null, restic: { version: newestRestic().version } });
    const instance_id = await runningInstance(session);
    expect(await session.call('POST', '/api/v1/snapshots', { instance_id })).toEqual({
      status: 503, body: { error: expect.stringContaining('ssh') as string, details: { code: 'ssh_missing', data: { hint: expect.stringMatching(/Install the OpenSSH client/) as string } } },
    });
    await stopCleanly(program);
  });
});

describe('set-up', () => {
  test('a start after a change builds what changed and only that; the next one does nothing', async () => {
    appendFileSync(checkout.at('src', 'preload', 'preload.ts'), '\n// A change.\n');
    const changed = start(['--demo', '--headless', '--port', '0']);
    await addressOf(changed);
    await stopCleanly(changed);
    expect(lines(changed.stderr())).toEqual(['Building preload']);
    const next = start(['--demo', '--headless', '--port', '0']);
    await addressOf(next);
    await stopCleanly(next);
    expect(next.stderr()).toBe('');
    expect(existsSync(checkout.at('.tools', 'build.lock'))).toBe(false);
  });

  test('sources that do not build end the start with the reason, and the old bundles stay', async () => {
    appendFileSync(checkout.at('src', 'preload', 'preload.ts'), '\nconst = ;\n');
    const program = start(['--demo', '--headless', '--port', '0']);
    expect((await program.ended).code).toBe(1);
    expect(program.stdout()).toBe('');
    expect(program.stderr()).toMatch(/Could not build preload:\n[\s\S]*preload\.ts/);
    expect(existsSync(checkout.at('dist', 'preload', 'preload.cjs'))).toBe(true);
  });
});
