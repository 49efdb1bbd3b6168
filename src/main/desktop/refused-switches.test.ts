// SEC-16: switches that a package refuses, in a build for users and in the one that specs drive.
import { describe, expect, it } from 'vitest';
import { refusedOf, refusedSwitches } from './refused-switches';

describe('refused switches', () => {
  it.each(refusedSwitches)('refuses --%s', (name) => expect(refusedOf((asked) => asked === name, false)).toEqual([name]));
  it('leaves others alone', () => expect(refusedOf((name) => ['no-sandbox', 'lang', 'ozone-platform'].includes(name), false)).toEqual([]));
  it('lets a debugger in only where the inspector runs, and nothing else', () => {
    expect(refusedOf((name) => ['inspect', 'remote-debugging-port', 'remote-debugging-pipe'].includes(name), true)).toEqual([]);
    expect(refusedOf((name) => ['inspect', 'load-extension', 'proxy-server'].includes(name), true)).toEqual(['load-extension', 'proxy-server']);
  });
});
