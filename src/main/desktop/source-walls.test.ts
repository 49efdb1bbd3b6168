// Walls that hold because a thing stands in one place only. SEC-01, SEC-02, SEC-04, SEC-05, SEC-12.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const sources = ['src/main', 'src/preload', 'src/renderer']
  .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true }).map((name) => `${folder}/${String(name).replaceAll(path.sep, '/')}`))
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }));
const holding = (pattern: RegExp): readonly string[] => sources.filter(({ text }) => pattern.test(text)).map(({ name }) => name).sort();

describe('in one place only', () => {
  it.each([
    ['messages from pages', /\bipcMain\b/, ['src/main/desktop/ipc-channel.ts']],
    ['windows', /new BrowserWindow\(/, ['src/main/desktop/window.ts']],
    ['the bridge into the page', /contextBridge\./, ['src/preload/preload.ts']],
    ['the content security policy', /default-src/, ['src/main/transports/security-headers.ts']],
    ['pages in the browser, behind the list of hosts', /from 'electron'[\s\S]*\bshell\.openExternal\(/, ['src/main/desktop/electron-shell.ts', 'src/main/desktop/menu.ts']],
  ])('%s', (_what, pattern, places) => expect(holding(pattern)).toEqual(places));
  it('serves the window and the browser with the same headers', () => {
    expect(holding(/\bappHeaders\b/)).toEqual(expect.arrayContaining(['src/main/desktop/app-protocol.ts', 'src/main/transports/http-files.ts']));
  });
});

describe('nowhere', () => {
  it.each([
    ['a weakened page', /webSecurity: false|contextIsolation: false|sandbox: false|nodeIntegration\w*: true|allowRunningInsecureContent: true|experimentalFeatures|enableBlinkFeatures|webviewTag: true|bypassCSP/],
    ['a policy that allows eval', /unsafe-eval|wasm-unsafe-eval/],
    ['the remote module or a child of Electron as Node', /@electron\/remote|ELECTRON_RUN_AS_NODE/],
    ['HTML made of texts', /dangerouslySetInnerHTML|\.innerHTML\s*=/],
  ])('%s', (_what, pattern) => expect(holding(pattern)).toEqual([]));
  it('a page that loads from elsewhere', () => {
    const loads = /(?:src|href)=["']https?:|fetch\(['"`]https?:|@import ['"]?https?:|url\(['"]?https?:/;
    expect(sources.filter(({ name, text }) => name.startsWith('src/renderer/') && loads.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

it('the preload script refuses exactly what main would drop for its size', () => {
  const limit = /const maxMessageSize = ([^;]+);/;
  const written = ['src/preload/preload.ts', 'src/main/transports/ipc-message.ts'].map((place) => limit.exec(sources.find(({ name }) => name === place)?.text ?? '')?.[1]);
  expect(written).toEqual(['1024 * 1024', '1024 * 1024']);
});

describe('preferences of every page', () => {
  it('are written out and frozen', () => {
    const text = sources.find(({ name }) => name === 'src/main/desktop/window.ts')?.text ?? '';
    const written = /secureWebPreferences = Object\.freeze\(\{([^}]+)\}\)/.exec(text)?.[1] ?? '';
    const flags = Object.fromEntries([...written.matchAll(/(\w+): (true|false)/g)].map((match) => [match[1], match[2] === 'true']));
    expect(flags).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false, webSecurity: true, allowRunningInsecureContent: false, webviewTag: false, navigateOnDragDrop: false });
  });
});
