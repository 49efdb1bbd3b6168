// Round trips of the contract, over HTTP on loopback and over IPC in a real Electron, against a bare echo of the same size.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'undici';
import { launchDesktop } from '../support/electron-app';
import { startHeadless } from '../support/run-app';
import { makeTempDir } from '../support/temp-dir';
import { withDisplay } from './display';
import { median, milliseconds, quantile, ratio, timed, type Result } from './measure';
import { pageScript } from './page-script';

const calls = 1500;

const echoServer = `require('node:http').createServer((request, response) => { response.setHeader('Content-Type', 'application/json'); response.end('{"status":"ok","name":"Dumont Cloud","version":"0.1.0","uptime_s":1}'); }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

async function httpRounds(client: Client, url: string): Promise<number[]> {
  const taken: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    taken.push(
      await timed(async () => {
        const { body } = await client.request({ method: 'GET', path: url });
        await body.text();
      }),
    );
  }
  return taken;
}

/** `GET /health` of the headless app against a bare node:http server that answers the same bytes, each a process of its own. */
export async function benchHttp(): Promise<readonly Result[]> {
  const app = await startHeadless({ demo: true });
  const echo = spawn(process.execPath, ['-e', echoServer], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(echo.stdout, 'data')) as [Buffer];
    const bare = new Client(`http://127.0.0.1:${line.toString().trim()}`);
    const ours = new Client(app.url);
    await httpRounds(bare, '/');
    await httpRounds(ours, '/health');
    const reference = await httpRounds(bare, '/');
    const taken = await httpRounds(ours, '/health');
    await Promise.all([bare.close(), ours.close()]);
    return [
      ratio('http-round-trip', 'GET /health through guards, contract and validation, against a bare node:http answer (medians)', median(taken), median(reference), 4),
      milliseconds('http-p50', 'the same, p50', median(taken)),
      milliseconds('http-p99', 'the same, p99', quantile(taken, 0.99)),
      milliseconds('http-echo-p50', 'the bare answer, p50', median(reference)),
    ];
  } finally {
    echo.kill();
    await app.stop();
  }
}

const echoPreload = `const { contextBridge, ipcRenderer } = require('electron');
contextBridge.exposeInMainWorld('echo', { post: (data) => ipcRenderer.send('bench:echo', data), subscribe: (receive) => { ipcRenderer.on('bench:echo', (_event, data) => receive(data)); } });`;

/** `system.health` from the window against a raw echo over ipcRenderer and ipcMain, in the same Electron. */
export async function benchIpc(): Promise<readonly Result[]> {
  const folder = makeTempDir('dumont-bench');
  const preload = path.join(folder.path, 'echo-preload.cjs');
  writeFileSync(preload, echoPreload);
  return withDisplay(async () => {
    const desktop = await launchDesktop({ demo: true });
    try {
      const script = await pageScript();
      const opened = desktop.app.waitForEvent('window');
      await desktop.app.evaluate(({ BrowserWindow, ipcMain }, file) => {
        ipcMain.on('bench:echo', (event, data: unknown) => event.sender.send('bench:echo', data));
        void new BrowserWindow({ show: false, webPreferences: { preload: file, sandbox: true, contextIsolation: true } }).loadURL('about:blank');
      }, preload);
      const blank = await opened;
      await blank.waitForLoadState();
      await desktop.page.evaluate(script);
      await blank.evaluate(script);
      const echo = async (): Promise<number[]> => (await blank.evaluate((count) => window.pageBench?.bareEchoes(count), calls)) ?? [];
      const call = async (): Promise<number[]> => (await desktop.page.evaluate((count) => window.pageBench?.contractCalls(count), calls)) ?? [];
      await echo();
      await call();
      const reference = await echo();
      const taken = await call();
      return [
        ratio('ipc-round-trip', `system.health from the window on Electron ${desktop.electronVersion}, against a raw ipcRenderer/ipcMain echo (medians)`, median(taken), median(reference), 3),
        milliseconds('ipc-p50', 'the same, p50', median(taken)),
        milliseconds('ipc-p99', 'the same, p99', quantile(taken, 0.99)),
        milliseconds('ipc-echo-p50', 'the raw echo, p50', median(reference)),
      ];
    } finally {
      await desktop.stop();
      folder.remove();
    }
  });
}
