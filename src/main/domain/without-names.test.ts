// Names of people, machines and places in every shape that a log line may have.
import { describe, expect, it } from 'vitest';
import { logLineWithoutNames, withoutNames } from './without-names';

describe('texts without names', () => {
  it.each([
    ['mail of ada.l+x@example.co.uk came', 'mail of [email] came'],
    ['ssh -p 40022 root@ssh4.vast.ai:22', 'ssh -p 40022 [email]:22'],
    ['connect ECONNREFUSED 203.0.113.7:22', 'connect ECONNREFUSED [address]'],
    ['at 2001:db8:0:1::7 now', 'at [address] now'],
    ['GET https://console.vast.ai/api/v0/instances?owner=me failed', 'GET [address] failed'],
    ['repository sftp:ada@nas.local:/srv/restic', 'repository [address]'],
    ['lookup nas.local: no such host', 'lookup [host]: no such host'],
    ['key SHA256:abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG is new', 'key [fingerprint] is new'],
    ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0', '[key]'],
    ['open /home/ada/.local/share/x', 'open ~/.local/share/x'],
    ['open C:\\Users\\Ada\\AppData', 'open ~\\AppData'],
    [`snapshot ${'a1'.repeat(32)} left`, 'snapshot [id] left'],
  ])('%s', (text, clean) => expect(withoutNames(text)).toBe(clean));

  it('leaves times, versions and ordinary words', () => {
    for (const text of ['Electron 33.2.1, restic 0.19.1', 'ended at 12:30:45', 'operation.failed', 'app.started 3 of 5']) expect(withoutNames(text)).toBe(text);
  });
  it('leaves fields out by their names, at any depth, and keeps the time', () => {
    const line = JSON.stringify({ at: '2026-11-26T01:22:18.000Z', event: 'x', email: 'a@b.co', error: { message: 'lost 10.0.0.1', host: 'h', path: '/x' }, label: 'my secret project', count: 3 });
    expect(JSON.parse(logLineWithoutNames(line))).toEqual({ at: '2026-11-26T01:22:18.000Z', event: 'x', email: '[left out]', error: { message: 'lost [address]', host: '[left out]', path: '[left out]' }, label: '[left out]', count: 3 });
  });
  it('cleans a line that is no JSON as text', () => expect(logLineWithoutNames('{"cut": 10.0.0.1')).toBe('{"cut": [address]'));
  it('is the same when done twice', () => {
    const once = withoutNames('a@b.com at https://x.y/z, 1.2.3.4 and /home/me/x');
    expect(withoutNames(once)).toBe(once);
  });
});
