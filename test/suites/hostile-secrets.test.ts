// No secret ever appears on a rented host: its argv, environment, files and everything that was sent to it are searched for canaries (SEC-25).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestRestic } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { caller, startRig, type Rig } from './snapshots-rig';

/** What the app knows and a host must not: the key of the provider, the session, and what the tests put into the app's environment. */
const canaries = { key: 'canary-vast-key-6f3a91', session: 'canary-session-token-1b77c0', environment: 'canary-environment-93de' };

/** A shell that keeps what it is asked, its environment, and all that comes in, then does as asked. */
const recorder = (record: string): string => `#!/bin/sh
id=$$
{ printf '%s\\n' "$SSH_ORIGINAL_COMMAND"; env; cat /proc/self/environ /proc/self/cmdline /proc/$PPID/cmdline 2>/dev/null; } > '${record}/call-'$id
tee '${record}/stdin-'$id | SSH_RECORDED=1 sh -c "$SSH_ORIGINAL_COMMAND"
`;

describe('a host that keeps everything', () => {
  let own: TempDir;
  let rig: Rig;
  let record = '';
  const environment = { DUMONT_TEST_SECRET: canaries.environment, SSH_AUTH_SOCK: '/nonexistent/canary-agent-socket', RESTIC_PASSWORD: 'canary-restic-environment' };
  const former = new Map(Object.keys(environment).map((name) => [name, process.env[name]]));

  beforeAll(async () => {
    own = makeTempDir('dumont-recorded');
    record = own.at('record');
    mkdirSync(record);
    mkdirSync(own.at('home'));
    writeFileSync(own.at('shell'), recorder(record), { mode: 0o755 });
    Object.assign(process.env, environment);
    mkdirSync(own.at('canary-data-folder'), { mode: 0o700 });
    rig = await startRig(newestRestic().file, { dataFolder: own.at('canary-data-folder'), sshdSettings: [`ForceCommand ${own.at('shell')}`, `SetEnv HOME=${own.at('home')}`, 'AcceptEnv *'] });
    rig.secrets.set(`${caller.userId}:vast-api-key`, canaries.key);
    rig.secrets.set(`${caller.userId}:session`, canaries.session);
    for (let at = 0; at < 20; at += 1) writeFileSync(`${rig.workspace}/f${at}`, `content ${at}\n`);
  });
  afterAll(async () => {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await rig.stop();
    own.remove();
  });

  /** Every byte on the host's side: what was recorded, its home, and the captured tree with what was restored into it. */
  const everything = (): Buffer => {
    const files = [record, own.at('home'), path.dirname(rig.workspace)].flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name)));
    return Buffer.concat([...files.flatMap((file) => [Buffer.from(`${file.slice(file.lastIndexOf('/'))}\n`), readFileSync(file)]), Buffer.from(rig.sshd.log())]);
  };

  it('finds none of them after a capture, another one, restores and a rehearsal', async () => {
    const first = await rig.take({ tags: ['nightly'] });
    writeFileSync(`${rig.workspace}/f1`, 'changed\n');
    await rig.take();
    const target = path.join(path.dirname(rig.workspace), 'restored');
    await rig.snapshots.restore(caller, { snapshot_id: first.id, instance_id: 7, target_path: target, verify: true, wait: true });
    await rig.snapshots.restore(caller, { snapshot_id: first.id, folder: own.at('local'), verify: true, wait: true });
    await rig.proofs.rehearse(caller, first.id, true);
    expect(readFileSync(path.join(target, 'f1'), 'utf8')).toBe('content 1\n');

    const all = everything();
    // What must be there is: the recording works.
    expect(['dumont-v1 survey', 'dumont-v1 restore', './f19', 'SSH_CONNECTION', 'content 7'].filter((present) => !all.includes(present))).toEqual([]);
    const password = rig.secrets.get(`${caller.userId}:repository-password`) ?? '';
    expect(password.length).toBeGreaterThan(20);
    const privateKey = readFileSync(path.join(rig.dataFolder, 'ssh', caller.userId, 'id_ed25519'), 'utf8').split('\n').slice(1, 3).join('\n');
    const secrets = { ...canaries, password, passwordInBase64: Buffer.from(password).toString('base64'), privateKey, agent: 'canary-agent-socket', resticEnvironment: 'canary-restic-environment', dataFolder: 'canary-data-folder', repository: rig.repository, email: caller.email, user: caller.userId };
    const found = Object.entries(secrets).filter(([, secret]) => all.includes(secret)).map(([name]) => name);
    expect(found).toEqual([]);
  });
});
