// The provider's small parts: text, addresses, waiting times and the turns of one endpoint.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hour, SettableClock } from '../../../../test/fakes/schedule-rig';
import { VirtualClock } from '../../../../test/fakes/virtual-clock';
import { cleanText, redact } from './clean-text';
import { endpoints } from './endpoints';
import { failureOf } from './failures';
import { logUrl } from './logs';
import { Pacer } from './pacing';
import { fullJitter, longestHoldS, retryAfterSeconds } from './retry';
import { sshAddress, validHost, validPort } from './ssh-address';
import { countryCode } from './wire-fields';

describe('text of strangers', () => {
  test.each([
    ['a\r\n\tb', 'a b'],
    ['\u202Egnp.exe', '\uFFFDgnp.exe'],
    ['a\u0000\u001bb', 'a\uFFFD\uFFFDb'],
    ['\ud800x', '\uFFFDx'],
    ['  x  ', 'x'],
    ['👩‍🚀 RTX®', '👩‍🚀 RTX®'],
  ])('%j is shown as %j', (text, shown) => {
    expect(cleanText(text)).toBe(shown);
  });

  test('whatever it is, it is short, whole and harmless', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const shown = cleanText(text);
        expect(shown.length).toBeLessThanOrEqual(512);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });

  test('keys are hidden', () => {
    expect(redact(`key abcd1234 and ${'0f'.repeat(32)}`, ['abcd1234'])).toBe('key [hidden] and [hidden]');
  });

  test.each([
    ['Texas, US', 'US'],
    [', CA', 'CA'],
    ['California, United States', 'US'],
    ['Nowhere', null],
    ['constructor', null],
    ['', null],
    [null, null],
  ])('the country of %j is %j', (place, code) => {
    expect(countryCode(place)).toBe(code);
  });
});

describe('addresses', () => {
  test.each(['-oProxyCommand=x', 'a b', 'host\nx', '', '.', 'a..b', 'host;id', '$(x)', 'x'.repeat(400), '-', 'a@b', '[::1]', 'ex_ample', null, 5, {}])('%j is no host', (host) => {
    expect(validHost(host)).toBeNull();
  });

  test.each(['203.0.113.57', 'ssh5.vast.ai', '::1', '2001:db8::1', ' 192.0.2.140\n'])('%j is one', (host) => {
    expect(validHost(host)).toBe(host.trim());
  });

  test.each([0, 65_536, -1, 1.5, '22;id', '0', '65536', ' 22', '0x16', '', null, [22], Number.NaN])('%j is no port', (port) => {
    expect(validPort(port)).toBeNull();
  });

  const ports = { '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '41000' }] };

  test('direct where port 22 is mapped, else the proxy, one higher for jupyter, none for args', () => {
    const proxy = { sshHost: 'ssh5.vast.ai', sshPort: 12_944 };
    expect(sshAddress({ ...proxy, publicIp: '203.0.113.57\n', ports, runtype: 'ssh_direc ssh_proxy' })).toEqual({ host: '203.0.113.57', port: 41_000, user: 'root', command: 'ssh -p 41000 root@203.0.113.57' });
    expect(sshAddress({ ...proxy, publicIp: '203.0.113.57', ports: {}, runtype: 'ssh_proxy' })).toMatchObject({ host: 'ssh5.vast.ai', port: 12_944 });
    expect(sshAddress({ ...proxy, publicIp: null, ports: null, runtype: 'jupyter_direc ssh_direc ssh_proxy' })).toMatchObject({ port: 12_945 });
    expect(sshAddress({ ...proxy, publicIp: '203.0.113.57', ports, runtype: 'args' })).toBeNull();
    expect(sshAddress({ sshHost: null, sshPort: null, publicIp: '203.0.113.57', ports: { '22/tcp': [] }, runtype: null })).toBeNull();
  });

  test('a log is fetched over https, or from this computer when the API is there too', () => {
    expect(logUrl('https://s3.amazonaws.com/vast.ai/x.log', 'https://console.vast.ai')?.hostname).toBe('s3.amazonaws.com');
    expect(logUrl('http://127.0.0.1:5/x', 'http://127.0.0.1:9')?.port).toBe('5');
    for (const url of ['http://s3.amazonaws.com/x', 'http://127.0.0.1:5/x', 'https://127.0.0.1/x', 'https://localhost/x', 'file:///etc/passwd', 'https://u:p@x.org/', 'x', null]) {
      expect(logUrl(url, 'https://console.vast.ai')).toBeNull();
    }
  });
});

describe('waiting', () => {
  test('full jitter lies between nothing and a ceiling that doubles up to 30 s', () => {
    expect([0, 1, 2, 3, 9].map((n) => fullJitter(n, () => 1))).toEqual([500, 1000, 2000, 4000, 30_000]);
    expect(fullJitter(5, () => 0)).toBe(0);
  });

  test('Retry-After in both its forms', () => {
    expect(retryAfterSeconds('7', 0)).toBe(7);
    expect(retryAfterSeconds(new Date(90_000).toUTCString(), 60_000)).toBe(30);
    expect(retryAfterSeconds('100', 0)).toBe(100);
    expect(retryAfterSeconds('soon', 0)).toBeNull();
    expect(retryAfterSeconds(null, 0)).toBeNull();
  });
});

test.each(['86400', '99999999999', new Date(86_400_000).toUTCString()])('a Retry-After of %j keeps nobody away longer than two minutes', (header) => {
  expect(retryAfterSeconds(header, 0)).toBe(longestHoldS);
  const context = { now: 0, key: null, attempts: 1, retryAfterS: 1 };
  expect(failureOf({ status: 429, body: 'slow', retryAfter: header }, context)).toMatchObject({ code: 'vast_rate_limited', data: { retry_after_s: 120 } });
  expect(failureOf({ status: 429, body: 'too frequent: endpoint threshold=86400', retryAfter: null }, context)).toMatchObject({ data: { retry_after_s: 120 } });
});

describe('turns', () => {
  const at = (clock: VirtualClock, starts: number[], zero: number) => () => {
    starts.push(clock.now() - zero);
    return Promise.resolve();
  };

  test('one at a time per endpoint and key, an interval apart; others do not wait for it', async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    const zero = clock.now();
    const [mine, theirs, shows]: number[][] = [[], [], []];
    for (let call = 0; call < 3; call += 1) void pacer.turn('me', endpoints.list, undefined, at(clock, mine ?? [], zero));
    void pacer.turn('you', endpoints.list, undefined, at(clock, theirs ?? [], zero));
    void pacer.turn('me', endpoints.show, undefined, at(clock, shows ?? [], zero));
    await clock.pass(5000);
    expect(mine).toEqual([0, 1050, 2100]);
    expect([theirs, shows]).toEqual([[0], [0]]);
  });

  test('searches: ten in any minute, at once if need be', async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    const starts: number[] = [];
    const zero = clock.now();
    for (let call = 0; call < 12; call += 1) void pacer.turn('me', endpoints.search, undefined, at(clock, starts, zero));
    await clock.pass(70_000);
    expect(starts).toEqual([...Array.from({ length: 10 }, () => 0), 60_050, 60_050]);
  });

  test('a clock that is set back holds nothing longer than an interval, a minute of searches or a penalty', async () => {
    const clock = new SettableClock(Date.parse('2026-11-23T12:00:00Z'));
    const pacer = new Pacer(clock);
    let [lists, searches, rents] = [0, 0, 0];
    const list = (): void => void pacer.turn('me', endpoints.list, undefined, () => Promise.resolve(void (lists += 1)));
    const search = (): void => void pacer.turn('me', endpoints.search, undefined, () => Promise.resolve(void (searches += 1)));
    list();
    for (let call = 0; call < 10; call += 1) search();
    pacer.penalise('me', endpoints.rent, 12_000);
    await clock.pass(1000);
    clock.set(-3 * hour);
    list();
    search();
    void pacer.turn('me', endpoints.rent, undefined, () => Promise.resolve(void (rents += 1)));
    await clock.pass(1050);
    expect([lists, searches, rents]).toEqual([2, 10, 0]);
    await clock.pass(11_000);
    expect(rents).toBe(1);
    await clock.pass(48_000);
    expect(searches).toBe(11);
  });

  test('a penalty holds the lane, and one who leaves the queue lets the next in', async () => {
    const clock = new VirtualClock();
    const pacer = new Pacer(clock);
    const starts: number[] = [];
    const zero = clock.now();
    pacer.penalise('me', endpoints.rent, 12_000);
    const leaving = new AbortController();
    const left = pacer.turn('me', endpoints.rent, leaving.signal, at(clock, starts, zero));
    void pacer.turn('me', endpoints.rent, undefined, at(clock, starts, zero));
    const reason = left.catch((error: unknown) => error);
    await clock.pass(5000);
    leaving.abort(new Error('left'));
    expect(await reason).toEqual(new Error('left'));
    await clock.pass(10_000);
    expect(starts).toEqual([12_000]);
  });
});
