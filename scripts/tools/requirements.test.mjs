// The workflow installs what the tests demand of a system, and the specs of the desktop leave nothing out on Linux.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { at } from './project.mjs';
import { needs } from './requirements.mjs';

const workflow = readFileSync(at('.github', 'workflows', 'test.yml'), 'utf8');
/** What `apt-get install` gets there, over its lines. */
const installed = (/apt-get install -y --no-install-recommends((?:[^\n]*\\\n)*[^\n]*)/.exec(workflow)?.[1] ?? '').split(/[\s\\]+/).filter((word) => word !== '');

/** Ubuntu's standard system has the static one, which the other would push out. */
const ubuntuName = { busybox: 'busybox-static' };

it('the workflow installs each package that the tests demand, and little more', () => {
  const demanded = needs.filter(({ name }) => name !== 'chromium').flatMap(({ debian }) => debian.split(' ')).map((name) => ubuntuName[name] ?? name);
  // Set-up takes the system's restic for a version it cannot fetch; packing unpacks bzip2.
  expect(new Set(installed)).toEqual(new Set([...demanded, 'restic', 'bzip2']));
});

it('the workflow names the browser that its runner has', () => {
  expect(workflow).toMatch(/^ +CHROMIUM: \/usr\/bin\/google-chrome$/m);
});

it('no spec of the desktop is skipped on Linux, and none starts Electron by a name of its own', () => {
  const specs = readdirSync(at('test', 'electron')).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(at('test', 'electron', name), 'utf8'));
  const skips = specs.flatMap((text) => [...text.matchAll(/\b(?:test|it)(?:\.describe)?\.(?:skip|fixme)\b(.{0,60})/g)].map(([, rest]) => rest));
  expect(skips.length).toBeGreaterThan(0);
  expect(skips.filter((rest) => !/^\(process\.platform (?:!== 'linux'|=== 'win32'), ['’]/.test(rest))).toEqual([]);
  expect(specs.filter((text) => /join\([^)]*'electron'\)/.test(text))).toEqual([]);
});
