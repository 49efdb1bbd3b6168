// With the real output of restic 0.14.0, 0.18.0 and 0.19.1.
import { describe, expect, it } from 'vitest';
import { capsOf, parseVersion } from './restic-caps';
import { plainStderr, resticFailure } from './restic-errors';
import { changeSchema, decodeLine, errorText, linesOf, snapshotsSchema, statusSchema, summarySchema } from './restic-lines';
import { isDeadAndOurs, isLeftByUs, parseLock, staleAfter, unreadableLock } from './restic-locks';

const json = (line: string): Readonly<Record<string, unknown>> => {
  const decoded = decodeLine(line);
  if (decoded.kind !== 'json') throw new Error(`text: ${line}`);
  return decoded.value;
};

describe('lines of restic', () => {
  it.each([
    ['{"message_type":"status","percent_done":0,"total_files":1,"total_bytes":1}', 'status'],
    ['{"message_type":"status","action":"scan_finished","item":"","duration":0.207209832,"data_size":400032,"total_files":7}', 'verbose_status'],
    ['{"message_type":"summary","files_new":7,"snapshot_id":"49c3c8c8"}', 'summary'],
    ['{"name":"a","type":"file","struct_type":"node"}', 'node'],
    ['{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}', 'exit_error'],
    ['{"odd":1}', ''],
  ])('decodes %s', (line, type) => {
    expect(decodeLine(line)).toMatchObject({ kind: 'json', type });
  });

  it.each(['created restic repository e125d4bb2f at /backup', 'reading repository password from stdin', '\u001b[2K\rsignal interrupt received, cleaning up', '[0:01] 50.00%  1 / 2 snapshots', '{ not json', ''])('takes %j for text', (line) => {
    const decoded = decodeLine(line);
    const text = decoded.kind === 'text' ? decoded.text : null;
    expect(text).not.toBeNull();
    // oxlint-disable-next-line no-control-regex -- it is about control characters
    expect(text).not.toMatch(/\u001b|\r/);
  });

  it('reads progress and summaries of every version', () => {
    const status = json('{"message_type":"status","seconds_elapsed":2,"seconds_remaining":9223372036854775808,"percent_done":0.0632,"total_files":1,"total_bytes":3000000000,"bytes_done":189708094,"current_files":["/big/r.bin"]}');
    expect(statusSchema.parse(status)).toEqual({ bytes_done: 189_708_094, files_done: 0, bytes_restored: 0, files_restored: 0 });
    const old = json('{"message_type":"summary","files_new":7,"files_changed":0,"files_unmodified":0,"dirs_new":2,"data_added":603457,"total_files_processed":7,"total_bytes_processed":600020,"total_duration":0.2,"snapshot_id":"49c3c8c8"}');
    expect(summarySchema.parse(old)).toEqual({ files_new: 7, files_changed: 0, files_unmodified: 0, data_added: 603_457, total_files_processed: 7, total_bytes_processed: 600_020, snapshot_id: '49c3c8c8' });
    expect(summarySchema.parse(json('{"message_type":"summary","files_new":0,"data_added":18446744073709551615}'))).not.toHaveProperty('snapshot_id');
    expect(changeSchema.parse(json('{"message_type":"change","path":"/workspace/f3.bin","modifier":"-"}'))).toEqual({ path: '/workspace/f3.bin', modifier: '-' });
    expect(snapshotsSchema.parse([{ time: '2026-11-23T23:10:52.330237122Z', tree: 'x', paths: ['/a'], hostname: 'h', username: 'root', tags: ['src:1'], id: 'a'.repeat(64), short_id: 'aaaaaaaa' }])).toHaveLength(1);
    expect(snapshotsSchema.parse([{ time: 'x', id: 'a'.repeat(64), tags: null, paths: null }])[0]).toMatchObject({ tags: null, hostname: '' });
  });

  it('names what could not be read, with or without a reason', () => {
    expect(errorText(json('{"message_type":"error","error":{},"during":"archival","item":"unread/nodir"}'))).toBe('unread/nodir');
    expect(errorText(json('{"message_type":"error","error":{"message":"permission denied"},"during":"archival","item":"unread/nodir"}'))).toBe('unread/nodir: permission denied');
    expect(errorText(json('{"message_type":"error","error":{"Op":"open","Path":"unread/secret","Err":13},"item":"/backup/unread/secret"}'))).toBe('/backup/unread/secret');
  });

  it('cuts streams into lines wherever the chunks end', async () => {
    async function* chunks(): AsyncGenerator<Buffer> {
      await Promise.resolve();
      for (const byte of Buffer.from('eins\nzwölf\n\nend')) yield Buffer.from([byte]);
    }
    const lines: string[] = [];
    for await (const some of linesOf(chunks())) lines.push(...some);
    expect(lines).toEqual(['eins', 'zwölf', '', 'end']);
    const tooLong = async (): Promise<void> => {
      for await (const some of linesOf(chunks(), 3)) lines.push(...some);
    };
    await expect(tooLong()).rejects.toThrow(/too long/);
  });
});

describe('failures of restic', () => {
  const lockText = 'unable to create lock in backend: repository is already locked by PID 17800 on vm by root (UID 0, GID 0)\nlock was created at 2026-11-23 14:48:30 (3.001274339s ago)\nstorage ID 1b5ac709\nthe `unlock` command can be used to remove stale locks';
  it.each([
    ['0.14', 1, 'Fatal: unable to open config file: stat /b/config: no such file or directory\nIs there a repository at the following location?\n/b', 'repository_missing'],
    ['0.14', 1, 'Fatal: wrong password or no key found', 'repository_wrong_password'],
    ['0.14', 1, lockText, 'repository_locked'],
    ['0.19', 10, '{"message_type":"exit_error","code":10,"message":"Fatal: repository does not exist: unable to open config file"}', 'repository_missing'],
    ['0.19', 12, '{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}', 'repository_wrong_password'],
    ['0.19', 11, JSON.stringify({ message_type: 'exit_error', code: 11, message: lockText }), 'repository_locked'],
    ['any', 1, 'Fatal: unable to save snapshot: write /r/data/b2/x-tmp-123: no space left on device', 'disk_full'],
    ['any', 1, 'Load(<data/77e8aa>, 0, 0) failed: ciphertext verification failed', 'repository_damaged'],
    ['any', 1, 'something new', 'restic_failed'],
    ['any', null, '', 'restic_failed'],
  ])('of %s, code %s: %s', (_version, exitCode, stderr, code) => {
    expect(resticFailure(exitCode, stderr, '/r').code).toBe(code);
  });

  // Said by Swift 2.30 and its S3 API, rclone 1.60 and restic itself.
  it.each([
    ['denied', 'Fatal: create repository at s3:https://localhost:8443/b/r failed: client.BucketExists: The request signature we calculated does not match the signature you provided. Check your key and signing method.'],
    ['denied', 'Fatal: create repository at swift:c:/r failed: Fatal: unable to open repository at swift:c:/r: conn.Authenticate: Authorization Failed\n'],
    ['denied', 'client.BucketExists: The AWS Access Key Id you provided does not exist in our records.'],
    ['not_found', 'Fatal: create repository at s3:https://localhost:8443/No_Bucket/r failed: client.BucketExists: The specified bucket is not valid.'],
    ['not_found', `rclone: 2026/11/26 23:46:22 Failed to create file system for "nope:/r": didn't find section in config file\nFatal: create repository at rclone:nope:/r failed: error talking HTTP to rclone: exit status 1`],
    ['no_program', 'Fatal: unable to open repository at rclone:a:b: exec: "rclone": executable file not found in $PATH'],
    ['no_backend', 'Fatal: parsing repository location failed: invalid backend\nIf the repository is in a local directory, you need to add a `local:` prefix'],
    ['denied', 'Fatal: unable to open repository at s3:localhost:1/b: s3.getCredentials: no credentials found. Use `-o s3.unsafe-anonymous-auth=true` for anonymous authentication'],
    ['network', 'Fatal: unable to open repository at rest:http://127.0.0.1:1/: dial tcp 127.0.0.1:1: connect: connection refused'],
  ])('that did not get to the repository are %s: %s', (reason, stderr) => {
    expect(resticFailure(1, stderr, '/r')).toMatchObject({ code: 'repository_unreachable', data: { reason } });
  });

  it('says who holds a lock, and bounds what it repeats', () => {
    expect(resticFailure(11, lockText, '/r').data).toEqual({ holder: 'root@vm (process 17800), since 2026-11-23 14:48:30' });
    const { data } = resticFailure(1, `x\u001b]0;t\u0007${'y'.repeat(100_000)}`, '/r');
    expect((data as { output: string }).output.length).toBeLessThanOrEqual(2000);
    expect(plainStderr('{"message_type":"error","error":{},"item":"a"}\nFatal: b')).toBe('Fatal: b');
  });
});

describe('locks', () => {
  const here = { hostname: 'vm', username: 'root', isAlive: (pid: number) => pid === 5 || pid === 6, isOwnChild: (pid: number) => pid === 6 };
  const lock = { hostname: 'vm', username: 'root', pid: 17_800, time: '2026-11-23T14:48:30Z', exclusive: false };
  it('are ours and dead only when everything says so', () => {
    expect(parseLock('reading repository password from stdin\n{\n  "time": "2026-11-23T14:48:30Z",\n  "exclusive": false,\n  "hostname": "vm",\n  "username": "root",\n  "pid": 17800\n}\n')).toEqual(lock);
    expect(parseLock('nothing')).toBeNull();
    expect(isDeadAndOurs(lock, here)).toBe(true);
    for (const other of [{ hostname: 'nas' }, { username: 'ana' }, { pid: 5 }, { pid: 1 }, { pid: 0 }]) expect(isDeadAndOurs({ ...lock, ...other }, here)).toBe(false);
  });

  it('of ours are also left behind when they were not refreshed for half an hour, whoever has their number now', () => {
    const [old, fresh] = [Date.parse(lock.time) + staleAfter + 1, Date.parse(lock.time) + staleAfter - 1];
    for (const pid of [5, 1, 17_800]) expect(isLeftByUs({ ...lock, pid }, here, old)).toBe(true);
    expect([isLeftByUs(lock, here, fresh), isLeftByUs({ ...lock, pid: 5 }, here, fresh)]).toEqual([true, false]);
    for (const other of [{ hostname: 'nas' }, { username: 'ana' }, { pid: 6 }]) expect(isLeftByUs({ ...lock, ...other }, here, old)).toBe(false);
    expect(isLeftByUs(unreadableLock, here, old)).toBe(false);
  });
});

describe('versions', () => {
  it('decide what may be asked', () => {
    expect(parseVersion('restic 0.14.0 compiled with go1.19.8 on linux/amd64')).toBe('0.14.0');
    expect(parseVersion('restic 0.19.1-dev (compiled manually)')).toBe('0.19.1');
    expect(parseVersion('rustic 0.9.0')).toBeNull();
    expect(capsOf('0.13.1').supported).toBe(false);
    expect(capsOf('0.14.0')).toMatchObject({ supported: true, advised: false, noScan: false, retryLock: false, restoreJson: false, saysReadingPassword: true });
    expect([capsOf('0.15.2').retryLock, capsOf('0.16.0').retryLock]).toEqual([false, true]);
    expect(capsOf('0.17.1')).toMatchObject({ advised: true, noScan: true, restoreJson: true });
    expect(capsOf('1.0.0')).toMatchObject({ supported: true, advised: true, saysReadingPassword: false });
  });
});
