import { expect, test } from 'vitest';
import { BadFlag, readFlags } from './flags';

test('every flag is understood', () => {
  const read = readFlags(['--port', '0', '--seed', 's', '--state', '/tmp/x', '--api-key', 'abcdefgh12', '--boot-seconds', '1.5', '--credit', '3', '--exit-with-parent']);
  expect(read).toEqual({ options: { port: 0, seed: 's', state: '/tmp/x', apiKey: 'abcdefgh12', bootSeconds: 1.5, credit: 3 }, exitWithParent: true });
});

test('a real sshd needs all three of its flags', () => {
  const read = readFlags(['--ssh-host', '127.0.0.1', '--ssh-port', '2222', '--authorized-keys', '/k']);
  expect(read.options.sshd).toEqual({ host: '127.0.0.1', port: 2222, authorizedKeys: '/k' });
  expect(() => readFlags(['--ssh-host', '127.0.0.1'])).toThrow(BadFlag);
});

test.each([[['--nope']], [['extra']], [['--port', 'x']], [['--port', '70000']], [['--port', '1.5']], [['--credit', '']], [['--api-key', 'a b']]])('%j is refused in one line', (args) => {
  expect(() => readFlags(args)).toThrow(BadFlag);
  expect(() => readFlags(args)).toThrow(/^[^\n]+$/);
});
