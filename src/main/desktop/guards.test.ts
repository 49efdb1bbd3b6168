// The desktop's walls as tables: sender, origin, permissions, links, files. SEC-03, SEC-07, SEC-09, SEC-11, SEC-13.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostilePaths, pathsOfThePage } from '../../../test/fakes/hostile-paths';
import { fileFor } from './app-files';
import { externalLink } from './external-links';
import { menuLabel } from './menu-label';
import { isOurs, isPage } from './origin';
import { isAllowed } from './permissions';
import { isTrusted } from './sender';

const foreign = [
  'http://app/', 'https://app/', 'file:///app/index.html', 'data:text/html,x', 'blob:dumont://app/1', 'javascript:alert(1)', 'dumont://app.evil/', 'dumont://app@evil/',
  'dumont://evil@app/', 'dumont://app:80/', '\\\\app\\share', 'ms-msdt:/id', 'about:blank', '', 'dumont:app', 'dumont://app./',
];

describe('origin', () => {
  it.each(foreign)('is not ours: %s', (url) => expect(isOurs(url)).toBe(false));
  it.each(['dumont://app/', 'dumont://app/#/offers', 'dumont://app/index.html?x=1'])('is ours: %s', (url) => expect(isOurs(url)).toBe(true));
  it.each(['dumont://app/', 'dumont://app/#/offers', 'dumont://app/?notice=crashed#/offers'])('is the page: %s', (url) => expect(isPage(url)).toBe(true));
  it.each([...foreign, 'dumont://app/index.html', 'dumont://app/assets/index-1.js', 'dumont://app//'])('is not the page: %s', (url) => expect(isPage(url)).toBe(false));
});

describe('sender', () => {
  const good = { frameUrl: 'dumont://app/', isTopFrame: true, isOurWindow: true };
  it('is trusted only when all three facts hold', () => {
    expect(isTrusted(good)).toBe(true);
    expect(isTrusted({ ...good, isTopFrame: false })).toBe(false);
    expect(isTrusted({ ...good, isOurWindow: false })).toBe(false);
    expect(isTrusted({ ...good, frameUrl: null })).toBe(false);
    for (const url of foreign) expect(isTrusted({ ...good, frameUrl: url })).toBe(false);
  });
});

describe('permissions', () => {
  const types = readFileSync(path.join(path.dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'electron.d.ts'), 'utf8');
  const handler = /setPermissionRequestHandler\(handler: \(\(webContents: WebContents, permission: ([^,]+),/.exec(types)?.[1] ?? '';
  const check = /setPermissionCheckHandler\(handler: \(\(webContents: \(WebContents\) \| \(null\), permission: ([^,]+),/.exec(types)?.[1] ?? '';
  const names = [...new Set([...`${handler} ${check}`.matchAll(/'([\w-]+)'/g)].map((match) => match[1] ?? ''))];

  it('allows two of all the names that Electron knows, and no future one', () => {
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => isAllowed(name, 'dumont://app/', true)).sort()).toEqual(['clipboard-sanitized-write', 'notifications']);
    expect(isAllowed('a-name-of-tomorrow', 'dumont://app/', true)).toBe(false);
  });
  it('allows nothing to frames and foreign pages', () => {
    expect(names.filter((name) => isAllowed(name, 'dumont://app/', false) || isAllowed(name, 'https://vast.ai/', true))).toEqual([]);
  });
});

describe('external links', () => {
  const refused = [
    'http://vast.ai/', 'file:///etc/passwd', 'smb://vast.ai/x', '\\\\vast.ai\\x', 'search-ms:query=x', 'vscode://vast.ai/', 'mailto:a@vast.ai?attach=/etc/passwd', 'data:text/html,x',
    'javascript:alert(1)', 'https://vast.ai@evil.example/', 'https://user:pw@vast.ai/', 'https://vast.ai.evil.example/', 'https://evil.example/vast.ai', 'https://vаst.ai/', 'https://vast.ai:8443/',
    'https://vast.ai/\r\nx', 'https://vast.ai\\@evil.example', `https://vast.ai/${'a'.repeat(2100)}`, 'https://vast.ai./',
  ];
  it.each(refused)('refuses %s', (url) => expect(externalLink(url)).toBeNull());
  it('opens pages of the list', () => expect(externalLink('https://cloud.vast.ai/manage-keys/')).toBe('https://cloud.vast.ai/manage-keys/'));
  it('opens no random address', () => {
    fc.assert(fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => externalLink(url) === null), { numRuns: 10_000 });
  });
  it('opens, of addresses that are nearly on the list, only what is a page of these hosts', () => {
    const part = fc.oneof(fc.constantFrom('https:', 'http:', 'file:', '//', '/', '@', ':', '.', '\\', '#', '?', 'vast.ai', 'cloud.vast.ai', 'restic.net', 'evil.example', 'VAST.AI', '%2e', '\u202e', '\n', '443', 'user'), fc.string({ unit: 'binary', maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => {
        const opened = externalLink(parts.join(''));
        return opened === null || /^https:\/\/(?:(?:cloud\.)?vast\.ai|restic\.net)[/?#]/.test(opened);
      }),
      { numRuns: 10_000, examples: [[['https:', '//', 'vast.ai', '/']]] },
    );
  });
});

describe('files of the app', () => {
  const folder = path.join(path.sep, 'opt', 'app', 'renderer');
  it.each([...hostilePaths, ...pathsOfThePage])('serves nothing outside, for %s', (name) => {
    const file = fileFor(`dumont://app${name}`, folder);
    expect(file === null || file.startsWith(`${folder}${path.sep}`)).toBe(true);
  });
  it.each(pathsOfThePage)('serves the page for %s', (name) => expect(fileFor(`dumont://app${name}`, folder)).toBe(path.join(folder, 'index.html')));
  it('serves the page and its files', () => {
    expect(fileFor('dumont://app/', folder)).toBe(path.join(folder, 'index.html'));
    expect(fileFor('dumont://app/assets/index-1.js', folder)).toBe(path.join(folder, 'assets', 'index-1.js'));
    expect(fileFor('dumont://evil/assets/index-1.js', folder)).toBeNull();
  });
  it('never leaves the folder, whatever the address', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const file = fileFor(`dumont://app/${name}`, folder);
        return file === null || !path.relative(folder, file).startsWith('..');
      }),
      { numRuns: 5000 },
    );
  });
});

describe('menu labels', () => {
  it('shows hostile strings harmlessly', () => {
    expect(menuLabel('a & b')).toBe('a && b');
    expect(menuLabel('x\u202Eevil\ny\u0007')).toBe('x\u{FFFD}evil\u{FFFD}y\u{FFFD}');
    expect(menuLabel('z'.repeat(500))).toHaveLength(120);
  });
});
