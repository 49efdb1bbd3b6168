// What the app's own scheme serves on a real Electron: the built page and nothing else, each answer with the same headers.
import { expect, test } from '@playwright/test';
import { appHeaders } from '../../src/main/transports/security-headers';
import { hostilePaths, pathsOfThePage } from '../fakes/hostile-paths';
import type { DesktopApp } from '../support/electron-app';
import { launchDemo } from './desk';

let desktop: DesktopApp;
test.beforeAll(async () => {
  desktop = await launchDemo();
  await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
});
test.afterAll(() => desktop.stop());

test('SEC-05 every answer of the scheme carries the one set of headers', async () => {
  const answers = await desktop.page.evaluate(async () => {
    const parts = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script[src], link[rel="stylesheet"]')].map((part) => ('src' in part ? part.src : part.href));
    const asked = ['dumont://app/', ...parts, 'dumont://app/no-such-file.js', 'dumont://app/..%2fmain%2fmain.js'];
    const each = asked.map(async (url) => [url, Object.fromEntries((await fetch(url)).headers)] as const);
    const post = await fetch('dumont://app/', { method: 'POST', body: 'x' });
    return { parts: parts.length, headers: [...(await Promise.all(each)), ['a POST', Object.fromEntries(post.headers)] as const] };
  });
  expect(answers.parts).toBeGreaterThan(0);
  const wanted = Object.fromEntries(Object.entries(appHeaders).map(([name, value]) => [name.toLowerCase(), value]));
  for (const [url, headers] of answers.headers) {
    const { 'content-type': _type, ...rest } = headers;
    expect(rest, url).toEqual(wanted);
  }
});

test('SEC-13 the scheme serves the built page only', async () => {
  const answers = (paths: readonly string[]): Promise<readonly (readonly [string, number, boolean])[]> =>
    desktop.page.evaluate(
      (names) =>
        Promise.all(
          names.map(async (name) => {
            const answer = await fetch(`dumont://app${name}`);
            return [name, answer.status, (await answer.text()).includes('<div id="root">')] as const;
          }),
        ),
      paths,
    );
  expect(await answers(hostilePaths)).toEqual(hostilePaths.map((name) => [name, 404, false]));
  expect(await answers(pathsOfThePage)).toEqual(pathsOfThePage.map((name) => [name, 200, true]));
});
