// The keychain process itself, under plain Node: it ends with its parent, even in the middle of a call that hangs, and holds nothing that others can read.
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitGone } from '../support/processes';
import { buildKeychainHelper, type BuiltHelper } from './support/helper-bundle';
import { startSecretService, type SecretService } from './support/secret-service';

let built: BuiltHelper;
let service: SecretService;
let child: ChildProcess;

beforeAll(async () => {
  built = await buildKeychainHelper();
});
afterAll(() => built.remove());
beforeEach(async () => {
  service = await startSecretService();
  child = fork(built.script, [], { env: service.env, execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
});
afterEach(async () => {
  child.kill('SIGKILL');
  await service.end();
});

const answer = (): Promise<unknown> => new Promise((resolve) => child.once('message', resolve));

const ask = async (op: string, value?: string): Promise<unknown> => {
  const said = answer();
  child.send({ id: 1, op, service: 'dumont-cloud-demo', account: 'one', value });
  return said;
};

describe('the keychain process', () => {
  test('answers, and passes over what is no call', async () => {
    for (const message of ['text', { id: 1, op: 'find', service: 's', account: 'a' }, { op: 'get' }]) child.send(message);
    expect(await ask('set', 'value')).toEqual({ id: 1, ok: true, value: null });
    expect(await ask('get')).toEqual({ id: 1, ok: true, value: 'value' });
    expect(await ask('delete')).toEqual({ id: 1, ok: true, value: true });
  });

  test('SEC-51 has no secret in its arguments or environment', async () => {
    await ask('set', 'CANARY-4f1c');
    for (const name of ['cmdline', 'environ']) expect(readFileSync(`/proc/${String(child.pid)}/${name}`, 'latin1')).not.toContain('CANARY-4f1c');
  });

  test('ends when its parent lets go', async () => {
    await ask('get');
    child.disconnect();
    expect(await waitGone([child.pid ?? -1], 2000)).toEqual([]);
  });

  test('ends when its parent lets go in the middle of a call that hangs', async () => {
    await ask('get');
    service.hang();
    child.send({ id: 2, op: 'get', service: 'dumont-cloud-demo', account: 'one' });
    // The call must have reached keytar: the process has a thread that waits for the daemon then.
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.disconnect();
    expect(await waitGone([child.pid ?? -1], 2000)).toEqual([]);
  });
});
