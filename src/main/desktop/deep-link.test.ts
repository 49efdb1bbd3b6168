// Links from outside: the four forms lead to a page, everything else nowhere.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { operationId, snapshotId } from '../../../test/fakes/samples';
import { routeOfArguments, routeOfLink } from './deep-link';

const good: readonly (readonly [string, string])[] = [
  ['dumont://offer/123', '#/offers/123'],
  ['dumont://instance/12', '#/instances/12'],
  ['dumont://instance/12/', '#/instances/12'],
  [`dumont://snapshot/${snapshotId}`, `#/snapshots/${snapshotId}`],
  [`dumont://operation/${operationId}`, `#/operations/${operationId}`],
];

const hostile = [
  '', 'dumont:', 'dumont://', 'dumont:///', 'dumont://offer', 'dumont://offer/', 'dumont:offer/1', 'dumont:/offer/1', 'dumont:\\\\offer\\1',
  // the window's own pages, and hosts that nobody knows
  'dumont://app/', 'dumont://app/#/settings', 'dumont://app/index.html', 'dumont://settings/', 'dumont://rent/1', 'dumont://offer.evil/1', 'dumont://xoffer/1', 'dumont://OFFER/1', 'DUMONT://offer/1',
  // credentials and ports
  'dumont://user@offer/1', 'dumont://user:pass@offer/1', 'dumont://offer:80/1', 'dumont://offer@evil/1', 'dumont://evil/1@offer/1',
  // traversal, encoded and not
  'dumont://offer/../instance/1', 'dumont://offer/..%2f1', 'dumont://offer/%2e%2e/1', 'dumont://offer//1', 'dumont://offer/1//', 'dumont://offer/1/2', 'dumont://offer/1%2f2', 'dumont://offer\\1', 'dumont://offer/%31',
  // queries and fragments that carry commands
  'dumont://instance/12?destroy=1', 'dumont://instance/12?', 'dumont://instance/12#/settings', 'dumont://instance/12#', 'dumont://instance/12;destroy', 'dumont://instance/12&pause', 'dumont://snapshots/?take=1',
  // not ids
  'dumont://offer/0', 'dumont://offer/-1', 'dumont://offer/1.5', 'dumont://offer/1e3', 'dumont://offer/0x10', 'dumont://offer/9999999999999999', 'dumont://offer/abc', 'dumont://offer/١٢', 'dumont://offer/１２',
  'dumont://snapshot/latest', 'dumont://snapshot/abcdef12', `dumont://snapshot/${snapshotId.toUpperCase()}`, `dumont://snapshot/${snapshotId}0`, `dumont://operation/${operationId}0`, 'dumont://operation/12',
  // control characters, spaces, direction marks, homoglyphs, options behind the link
  'dumont://offer/1\n', 'dumont://offer/1\0', ' dumont://offer/1', 'dumont://offer/1 --restic=/tmp/x', 'dumont://offer/1" --restic "/tmp/x', 'dumont://оffer/1', 'dumont://offer/1\u202E', 'dumont://offer\u200B/1', 'dumont://offer/1\r\nHost: x',
  // other schemes, and size
  'javascript:alert(1)', 'https://offer/1', 'file:///etc/passwd', 'dumont2://offer/1', 'xdumont://offer/1', `dumont://offer/${'1'.repeat(1_000_000)}`, `dumont://${'a/'.repeat(100_000)}`,
];

test.each(good)('%s leads to %s', (link, route) => expect(routeOfLink(link)).toBe(route));

test.each(hostile.map((link) => [link.slice(0, 80), link] as const))('nowhere: %j', (_name, link) => expect(routeOfLink(link)).toBeNull());

test('whatever comes, the answer is nothing or a route of four sections without a query', () => {
  const words = fc.string({ unit: fc.constantFrom('dumont://', 'offer', 'instance', 'snapshot', 'operation', 'app', '/', '..', '%2f', '?', '#', '@', ':', '1', '42', 'a', '-', '\n', '\u202E'), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(words, fc.string(), fc.webUrl().map((url) => url.replace(/^https?/, 'dumont'))), (link) => {
      const route = routeOfLink(link);
      expect(route === null || /^#\/(?:offers|instances|snapshots|operations)\/[0-9a-f-]{1,64}$/.test(route)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('the arguments of a start', () => {
  it('may hold a link among flags and switches of the system', () => {
    expect(routeOfArguments(['/opt/app', '--demo', '--no-sandbox', 'dumont://instance/12'])).toBe('#/instances/12');
    expect(routeOfArguments(['/opt/app', '--demo'])).toBeNull();
  });

  it('with two links, or a bad one, lead nowhere', () => {
    expect(routeOfArguments(['dumont://instance/12', 'dumont://instance/13'])).toBeNull();
    expect(routeOfArguments(['dumont://instance/12', 'DUMONT://x'])).toBeNull();
    expect(routeOfArguments(['dumont://app/#/settings'])).toBeNull();
  });
});
