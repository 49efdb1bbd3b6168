// The window's walls on a real Electron: preload surface, process flags, CSP, permissions, navigation, windows, files, IPC senders.
import { statSync, writeFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import type { DesktopApp } from '../support/electron-app';
import { enterDemo, launchDemo } from './desk';

let desktop: DesktopApp;
test.beforeAll(async () => {
  desktop = await launchDemo();
  await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
});
test.afterAll(() => desktop.stop());

const log = async (): Promise<string> => {
  const folder = path.join(desktop.dataDir, 'demo', 'logs');
  const files = await readdir(folder);
  return (await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')))).join('');
};

/** What the window shows, asked in main: a navigation that was refused leaves Playwright's own page waiting for its end. */
const shown = (): Promise<{ readonly url: string; readonly text: string }> =>
  desktop.app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    const text = contents === undefined || contents.isLoadingMainFrame() ? '' : ((await contents.executeJavaScript('document.body.innerText')) as string);
    return { url: contents?.getURL() ?? '', text };
  });

test('SEC-15 the preload script is small, takes text and bytes up to 1 MiB, and main keeps answering', async () => {
  expect(statSync(path.resolve('dist/preload/preload.cjs')).size).toBeLessThan(30_000);
  const said = await desktop.page.evaluate(async () => {
    const bridge = (window as unknown as { dumont: { post(data: unknown): void; subscribe(listener: (data: unknown) => void): () => void } }).dumont;
    const mebibyte = 1024 * 1024;
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const given: Record<string, unknown> = {
      proxy: new Proxy({ i: '1' }, {}),
      'proxy of bytes': new Proxy(new Uint8Array(8), {}),
      cyclic,
      'function': () => undefined,
      '10 MB of text': 'x'.repeat(10_000_000),
      'text above the limit': 'x'.repeat(mebibyte + 1),
      'bytes above the limit': new Uint8Array(mebibyte + 1),
      'a buffer above the limit': new ArrayBuffer(mebibyte + 1),
      'text at the limit': 'x'.repeat(mebibyte),
      'bytes at the limit': new Uint8Array(mebibyte),
    };
    const post = (data: unknown): string => {
      try {
        bridge.post(data);
        return 'sent';
      } catch (error) {
        // Electron makes plain errors of them, and refuses by itself what cannot be cloned.
        return /body_too_large|a string or bytes|could not be cloned/.exec(String(error))?.[0] ?? String(error);
      }
    };
    const results = Object.fromEntries(Object.entries(given).map(([name, data]) => [name, post(data)]));
    const answered = await new Promise<boolean>((resolve) => {
      bridge.subscribe((data) => {
        if (String(data).includes('"i":"after"')) resolve(true);
      });
      bridge.post(JSON.stringify({ i: 'after', p: { u: '/system/welcome' } }));
      setTimeout(() => resolve(false), 5000);
    });
    return { results, answered };
  });
  expect(said).toEqual({
    results: {
      proxy: 'could not be cloned', 'proxy of bytes': 'could not be cloned', cyclic: 'a string or bytes', 'function': 'a string or bytes',
      '10 MB of text': 'body_too_large', 'text above the limit': 'body_too_large', 'bytes above the limit': 'body_too_large', 'a buffer above the limit': 'body_too_large', 'text at the limit': 'sent', 'bytes at the limit': 'sent',
    },
    answered: true,
  });
});

test('SEC-15 the preload script gives three frozen things and no Node', async () => {
  const surface = await desktop.page.evaluate(() => {
    const bridge = (window as unknown as { dumont: Record<string, unknown> }).dumont;
    const refused = [() => undefined, { a: 1 }, null, 7].filter((data) => {
      try {
        (bridge['post'] as (data: unknown) => void)(data);
        return false;
      } catch {
        return true;
      }
    });
    const node = ['require', 'process', 'Buffer', 'module', 'global', 'electron'].filter((name) => name in window);
    return { keys: Object.keys(bridge).sort(), kinds: Object.values(bridge).map((value) => typeof value).sort(), frozen: Object.isFrozen(bridge), refused: refused.length, node };
  });
  expect(surface).toEqual({ keys: ['desktop', 'post', 'subscribe'], kinds: ['boolean', 'function', 'function'], frozen: true, refused: 4, node: [] });
});

test('SEC-02 the page runs sandboxed and isolated, on our own scheme', async () => {
  expect(desktop.page.url()).toMatch(/^dumont:\/\/app\//);
  const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences();
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag };
  });
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false });
});

test('SEC-05 the content security policy stops what a page could be made to load', async () => {
  const result = await desktop.page.evaluate(async () => {
    const violated: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective));
    const ran: string[] = [];
    Object.assign(window, { ran: (name: string) => ran.push(name) });
    const script = document.createElement('script');
    script.textContent = "window.ran('inline script')";
    document.body.append(script);
    const holder = document.createElement('div');
    holder.innerHTML = '<img src="x:" onerror="window.ran(\'handler\')"><img src="https://example.com/x.png"><iframe src="https://example.com/"></iframe><form action="https://example.com/"><button></button></form>';
    document.body.append(holder);
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = 'https://example.com/x.css';
    document.head.append(style);
    const fetched = await fetch('https://example.com/').then(() => 'fetched', () => 'refused');
    holder.querySelector('form')?.requestSubmit();
    await new Promise((resolve) => setTimeout(resolve, 300));
    holder.remove();
    style.remove();
    return { ran, fetched, violated: [...new Set(violated)].sort() };
  });
  expect(result.ran).toEqual([]);
  expect(result.fetched).toBe('refused');
  expect(result.violated).toEqual(expect.arrayContaining(['connect-src', 'form-action', 'frame-src', 'img-src', 'script-src-attr', 'script-src-elem', 'style-src-elem']));
});

test('SEC-05 eval is refused to the page itself', async () => {
  // Through a timer's text, because evaluate() itself is exempt from the policy.
  const result = await desktop.page.evaluate(async () => {
    const violated = new Promise<string>((resolve) => document.addEventListener('securitypolicyviolation', (event) => resolve(event.blockedURI), { once: true }));
    setTimeout('window.evaluated = true' as unknown as () => void, 0);
    const uri = await Promise.race([violated, new Promise<string>((resolve) => setTimeout(() => resolve('nothing was refused'), 2000))]);
    return { uri, evaluated: (window as unknown as { evaluated?: boolean }).evaluated ?? false };
  });
  expect(result).toEqual({ uri: 'eval', evaluated: false });
});

test('SEC-03 permissions are denied, whatever is asked', async () => {
  const result = await desktop.page.evaluate(async () => {
    const place = await new Promise<string>((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), (error) => resolve(error.code === 1 ? 'denied' : `code ${String(error.code)}`)));
    const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true }).then(() => 'granted', (error: Error) => error.name);
    const screen = await navigator.mediaDevices.getDisplayMedia({ video: true }).then(() => 'granted', (error: Error) => error.name);
    const midi = await navigator.permissions.query({ name: 'midi' }).then((status) => status.state, () => 'denied');
    return { place, camera, screen: screen === 'granted', midi };
  });
  expect(result.place).toBe('denied');
  expect(['NotAllowedError', 'NotFoundError']).toContain(result.camera);
  expect(result.screen).toBe(false);
  expect(result.midi).toBe('denied');
});

test('SEC-07 the window cannot be led to another page', async () => {
  const before = desktop.page.url();
  const blob = await desktop.page.evaluate(() => URL.createObjectURL(new Blob(['<h1>x</h1>'], { type: 'text/html' })));
  const elsewhere = [
    'http://example.com/', 'https://example.com/', 'HTTPS://EXAMPLE.COM/', 'https://example.com./', 'file:///etc/passwd', 'FILE:///etc/passwd', 'data:text/html,<h1>x</h1>', blob, 'javascript:document.body.remove()',
    'dumont://evil/', 'dumont://app.evil/', 'dumont://app@evil/', 'dumont://app./', '\\\\evil\\share', 'file://evil/share', 'ms-msdt:/id', 'about:blank',
    // Ours, but a part of the page and no page.
    'dumont://app/index.html', 'dumont://app/assets/x.js',
  ];
  for (const target of elsewhere) {
    // After this call has answered, since where it leads somewhere it would end with the page.
    await desktop.page.evaluate((url) => {
      setTimeout(() => {
        window.location.href = url;
      }, 0);
    }, target);
    await desktop.page.waitForTimeout(200);
    // Chromium asks nobody before about:blank; the window then returns by itself.
    await expect.poll(shown, { message: target }).toEqual({ url: before, text: expect.stringContaining('Enter the demo') as unknown });
  }
});

test('SEC-08 no second window, by script or by link', async () => {
  const opened = await desktop.page.evaluate(() => {
    const link = document.createElement('a');
    link.href = 'https://example.com/';
    link.target = '_blank';
    document.body.append(link);
    link.click();
    link.dispatchEvent(new MouseEvent('auxclick', { button: 1, bubbles: true, cancelable: true }));
    link.remove();
    return [window.open('https://example.com/'), window.open('dumont://app/'), window.open('')].filter((each) => each !== null).length;
  });
  expect(opened).toBe(0);
  expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('SEC-06 a webview tag becomes no page', async () => {
  const guests = await desktop.app.evaluate(async ({ BrowserWindow, webContents }) => {
    const window = BrowserWindow.getAllWindows()[0];
    await window?.webContents.executeJavaScript("document.body.appendChild(Object.assign(document.createElement('webview'), { src: 'https://example.com/', id: 'guest' })); undefined");
    await new Promise((resolve) => setTimeout(resolve, 300));
    await window?.webContents.executeJavaScript("document.getElementById('guest').remove()");
    return webContents.getAllWebContents().filter((contents) => contents.getType() === 'webview').length;
  });
  expect(guests).toBe(0);
});

test('SEC-11 a frame gets no bridge, and a message from a page that is not ours reaches no handler', async () => {
  const inFrame = await desktop.page.evaluate(() => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    const bridge = typeof (frame.contentWindow as unknown as { dumont?: unknown } | null)?.dumont;
    frame.remove();
    return bridge;
  });
  expect(inFrame).toBe('undefined');
  const preload = path.resolve('dist/preload/preload.cjs');
  const strange = path.join(desktop.dataDir, 'strange.html');
  writeFileSync(strange, '<!doctype html><title>strange</title>');
  /** Posts a question, and gives how many answers came. */
  const ask = `new Promise((resolve) => {
    let heard = 0;
    const stop = window.dumont.subscribe((data) => { if (String(data).includes('"i":"stranger"')) heard += 1; });
    window.dumont.post(JSON.stringify({ i: 'stranger', p: { u: '/system/welcome' } }));
    setTimeout(() => { stop(); resolve(heard); }, 700);
  })`;
  const [ours, heard] = await desktop.app.evaluate(
    async ({ BrowserWindow }, given) => {
      const own = (await BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(given.ask)) as number;
      const window = new BrowserWindow({ show: false, webPreferences: { preload: given.preload, sandbox: true, contextIsolation: true } });
      await window.loadFile(given.strange);
      const answers = (await window.webContents.executeJavaScript(given.ask)) as number;
      window.destroy();
      return [own, answers] as const;
    },
    { ask, preload, strange },
  );
  expect(ours).toBe(1);
  expect(heard).toBe(0);
  await expect.poll(log).toContain('ipc.refused');
});

test('SEC-11 messages that cannot be read do not harm main', async () => {
  await desktop.page.evaluate(() => {
    const bridge = (window as unknown as { dumont: { post: (data: unknown) => void } }).dumont;
    for (const data of ['', 'not json', '{"i":1}', '[]', 'null', '{"i":"1","t":99,"p":{}}', 'x'.repeat(1_000_000)]) bridge.post(data);
    bridge.post(new Uint8Array(64));
  });
  await expect.poll(log).toContain('ipc.malformed');
  await desktop.page.reload();
  await expect(desktop.page.getByRole('button', { name: 'Enter the demo' })).toBeVisible();
  expect(desktop.app.process().exitCode).toBeNull();
});

test('SEC-09 no address leads out of the app but the pages of the list', async () => {
  const { app, page } = desktop;
  await app.evaluate(({ shell }) => {
    const kept: string[] = [];
    Object.assign(shell, { opened: kept, openExternal: (url: string) => Promise.resolve(void kept.push(url)) });
  });
  const opened = (): Promise<readonly string[]> => app.evaluate(({ shell }) => (shell as unknown as { readonly opened: readonly string[] }).opened);
  await enterDemo(page);
  /** Asks main as the signed-in page does; gives the status of the answer. */
  const ask = (url: string): Promise<number> =>
    page.evaluate(async (asked) => {
      const { token } = JSON.parse(sessionStorage.getItem('dumont.session') ?? '{}') as { token: string };
      const bridge = (window as unknown as { dumont: { post(data: unknown): void; subscribe(listener: (data: unknown) => void): () => void } }).dumont;
      const i = `links-${String(Math.trunc(Math.random() * 1e9))}`;
      const answer = new Promise<number>((resolve) => {
        const stop = bridge.subscribe((data) => {
          const message = typeof data === 'string' ? (JSON.parse(data) as { i?: string; p?: { s?: number } }) : {};
          if (message.i !== i) return;
          stop();
          resolve(message.p?.s ?? 200);
        });
      });
      bridge.post(JSON.stringify({ i, p: { u: '/shell/openExternal', h: { authorization: `Bearer ${token}` }, b: { json: { url: asked } } } }));
      return answer;
    }, url);
  const refused = [
    'http://vast.ai/', 'file:///etc/passwd', 'smb://vast.ai/x', '\\\\vast.ai\\x', 'search-ms:query=x', 'vscode://vast.ai/', 'mailto:a@vast.ai?attach=/etc/passwd', 'data:text/html,x', 'javascript:alert(1)', 'dumont://app/',
    'https://vast.ai@evil.example/', 'https://user:pw@vast.ai/', 'https://vast.ai.evil.example/', 'https://v\u0430st.ai/', 'https://vast.ai:8443/', 'https://vast.ai/\r\nx', 'https://vast.ai./', `https://vast.ai/${'a'.repeat(2100)}`, '',
  ];
  for (const url of refused) expect(await ask(url), url).toBeGreaterThanOrEqual(400);
  expect(await opened()).toEqual([]);
  expect(await ask('https://cloud.vast.ai/manage-keys/')).toBe(200);
  expect(await opened()).toEqual(['https://cloud.vast.ai/manage-keys/']);
});
