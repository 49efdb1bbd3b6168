import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiCaller } from './api-caller';
import { startSimulator, type Simulator } from './start';

let folder: string;
let simulator: Simulator;
const { call, create, later, show } = apiCaller(() => simulator);

const key = (name: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
  return readFileSync(join(folder, `${name}.pub`), 'utf8').trim();
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sim-sshd-'));
  simulator = await startSimulator({ machineCount: 60, wallMs: () => 1_795_400_000_000, sshd: { host: '127.0.0.1', port: 2299, authorizedKeys: join(folder, 'authorized_keys') } });
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

test('instances report the real server; account and attached keys are written to its file once', async () => {
  writeFileSync(join(folder, 'authorized_keys'), 'ssh-ed25519 AAAA already-there');
  const [account, attached] = [key('account'), key('attached')];
  await call('POST', '/api/v0/ssh/', { ssh_key: account });
  const id = await create({ runtype: 'ssh_direc ssh_proxy' });
  await later(10);
  expect(await show(id)).toMatchObject({ actual_status: 'running', public_ipaddr: '127.0.0.1', ssh_port: 2299, ports: { '22/tcp': [{ HostPort: '2299' }, { HostPort: '2299' }] } });
  for (const ssh_key of [attached, attached, account]) await call('POST', `/api/v0/instances/${id}/ssh/`, { ssh_key });
  expect(readFileSync(join(folder, 'authorized_keys'), 'utf8')).toBe(`ssh-ed25519 AAAA already-there\n${account}\n${attached}\n`);
});
