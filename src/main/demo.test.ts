// The demo's world: one account per data folder, its key the simulator's, and a simulator that must say where it is.
import { expect, test } from 'vitest';
import { MemoryLog } from '../../test/fakes/log';
import type { AppConfig } from './config';
import { demoAccount, seedDemo, startDemoSimulator } from './demo';
import type { LineProcess } from './providers/process/line-process';
import { openStore } from './providers/store/open-store';

const config = { dataFolder: '/data/demo', files: { simulator: '/app/simulator.js' } } as AppConfig;

interface FakeChild extends LineProcess {
  stopped: boolean;
}

function child(firstLine: Promise<string>): FakeChild {
  return {
    firstLine,
    onExit: () => undefined,
    stopped: false,
    stop() {
      this.stopped = true;
      return Promise.resolve();
    },
  };
}

test('the account of a data folder is the same at every start, and another in another folder', () => {
  const store = openStore(':memory:');
  const account = demoAccount(store);
  expect(account).toMatchObject({ email: 'demo@dumont.cloud', password: expect.stringMatching(/^demo-\w{4}-\w{4}$/) as string });
  expect(demoAccount(store)).toEqual(account);
  expect(demoAccount(openStore(':memory:')).password).not.toBe(account.password);
});

test('the simulator keeps its world in the data folder and ends with the app', async () => {
  const asked: unknown[] = [];
  const log = new MemoryLog();
  const simulator = await startDemoSimulator(config, log, (script, args) => {
    asked.push([script, ...args]);
    return child(Promise.resolve('{"url":"http://127.0.0.1:1","api_key":"the-key"}'));
  });
  expect(simulator).toMatchObject({ url: 'http://127.0.0.1:1', apiKey: 'the-key' });
  expect(asked).toEqual([['/app/simulator.js', '--state', '/data/demo/simulator', '--exit-with-parent']]);
  expect(log.hidden).toContain('the-key');
});

test.each([
  ['says nonsense', () => Promise.resolve('hello')],
  ['says too little', () => Promise.resolve('{"url":"http://127.0.0.1:1"}')],
  ['ends', () => Promise.reject(new Error('it ended'))],
])('a simulator that %s is stopped, and the start fails', async (_what, line) => {
  const started = child(line());
  await expect(startDemoSimulator(config, new MemoryLog(), () => started)).rejects.toThrow('could not be started');
  expect(started.stopped).toBe(true);
});

test('the key is set once, and again when the simulator has another', async () => {
  const keys: string[] = [];
  const parts = {
    accounts: { ensureDemoAccount: () => Promise.resolve({ userId: 'demo', created: false }) },
    secrets: { get: () => Promise.resolve(keys.at(-1) ?? null), set: (_user: string, _name: string, value: string) => Promise.resolve(void keys.push(value)) },
    log: new MemoryLog(),
  } as unknown as Parameters<typeof seedDemo>[0];
  await seedDemo(parts, { apiKey: 'one' });
  await seedDemo(parts, { apiKey: 'one' });
  await seedDemo(parts, { apiKey: 'two' });
  expect(keys).toEqual(['one', 'two']);
});
