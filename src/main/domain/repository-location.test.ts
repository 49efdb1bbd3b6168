import { expect, test } from 'vitest';
import { isAppError } from './app-error';
import { backendEnvironment, backendOptions, parsePlace, sftpTarget } from './repository-location';

const reason = (location: string, credentials: Readonly<Record<string, string>> = {}): unknown => {
  try {
    return parsePlace(location, credentials);
  } catch (error) {
    return isAppError(error, 'repository_location') ? (error.data as { reason: string }).reason : error;
  }
};

test('each backend that restic speaks is known by its beginning', () => {
  const known = ['/mnt/disk/backup', 'sftp:me@nas:/backup', 'rest:https://host:8000/me/', 's3:https://s3.example.test/bucket/name', 's3:s3.amazonaws.com/bucket', 'b2:bucket:name', 'azure:box:/', 'gs:bucket:/', 'swift:box:/name', 'rclone:drive:backup'];
  expect(known.map((one) => parsePlace(one).kind)).toEqual(['local', 'sftp', 'rest', 's3', 's3', 'b2', 'azure', 'gs', 'swift', 'rclone']);
  expect(parsePlace(' /mnt/../mnt/disk/ ').location).toBe('/mnt/disk');
});

test('what names no place is refused, with the reason', () => {
  expect(['', 'a\nb', 'backup', '~/backup', 'ftp:host', 'local:/x', 'other:x', '-o:x', 'rest:ftp://x', 's3:', 's3:/x', 'b2:--x', 'rclone::local:/etc', 'rclone:--config=/x:y'].map((one) => reason(one))).toEqual([
    'form', 'form', 'relative', 'relative', 'scheme', 'scheme', 'scheme', 'relative', 'form', 'form', 'form', 'form', 'form', 'form',
  ]);
});

test('a host or a user that ssh would take for an option is refused', () => {
  expect(['sftp:-oProxyCommand=x:/b', 'sftp:me@-oProxyCommand=x:/b', 'sftp:-l@host:/b', 'sftp://-x/b', 'sftp:host', 'sftp://me@host:99999/b', 'sftp:a b:/c'].map((one) => reason(one))).toEqual(Array.from({ length: 7 }, () => 'host'));
  expect([sftpTarget('sftp:me@nas:/b'), sftpTarget('sftp://me@nas:2222//b'), sftpTarget('sftp://[::1]:22/b'), sftpTarget('sftp:nas:b')]).toEqual([
    { user: 'me', host: 'nas', port: null }, { user: 'me', host: 'nas', port: 2222 }, { user: null, host: '::1', port: 22 }, { user: null, host: 'nas', port: null },
  ]);
});

test('no secret stays in a location', () => {
  expect(parsePlace('rest:https://me:p%40ss@host/x/')).toEqual({ kind: 'rest', location: 'rest:https://host/x/', credentials: { RESTIC_REST_USERNAME: 'me', RESTIC_REST_PASSWORD: 'p@ss' } });
  expect(['sftp:me:secret@host:/b', 'sftp://me:secret@host/b', 's3:https://key:secret@host/bucket', 'b2:key@bucket'].map((one) => reason(one))).toEqual(Array.from({ length: 4 }, () => 'password_in_location'));
});

test('a backend takes its own credentials and no others', () => {
  expect(reason('b2:bucket:x', { AWS_ACCESS_KEY_ID: 'x' })).toBe('credential_name');
  expect(reason('/mnt/x', { B2_ACCOUNT_ID: 'x' })).toBe('credential_name');
  expect(reason('s3:host/bucket', { PATH: '/evil' })).toBe('credential_name');
  expect(reason('s3:host/bucket', { LD_PRELOAD: 'x' })).toBe('credential_name');
  expect(parsePlace('s3:host/bucket', { AWS_ACCESS_KEY_ID: 'a', AWS_SESSION_TOKEN: '' }).credentials).toEqual({ AWS_ACCESS_KEY_ID: 'a' });
  expect(backendEnvironment('s3', { AWS_ACCESS_KEY_ID: 'a', PATH: 'x' })).toEqual({ AWS_ACCESS_KEY_ID: 'a' });
  expect(backendEnvironment('sftp', { SSH_IDENTITY_FILE: '/k' })).toEqual({});
});

test('ssh is told all it needs, and never asks', () => {
  const place = { kind: 'sftp', location: 'sftp://me@nas:2222//b', credentials: { SSH_IDENTITY_FILE: '/my keys/id "x"' } } as const;
  const [option] = backendOptions(place, '/data dir/known');
  expect(option).toContain('BatchMode=yes');
  expect(option).toContain(`-i '/my keys/id "x"' -p 2222 -l me nas -s sftp`);
  expect(option).toContain(`-o 'UserKnownHostsFile="/data dir/known"'`);
  expect(backendOptions(place, '/100%h/known')[0]).toContain('-o "UserKnownHostsFile=/100%%h/known"');
  expect(() => backendOptions({ ...place, credentials: { SSH_IDENTITY_FILE: `a"b'c` } }, '/k')).toThrow('quotes');
  expect(backendOptions({ kind: 's3', location: 's3:x', credentials: {} }, '/k')).toEqual([]);
});
