// What the app does while nobody looks: processor, requests to Vast.ai, and updates that pile up before somebody looks again. Without Playwright, which keeps pages awake.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { demoClient, type DemoClient } from '../support/demo-client';
import { electronFolder } from '../support/electron-app';
import { startInspected, type InspectedApp } from '../support/inspected-app';
import { descendants } from '../support/processes';
import { helpers, settling, shell, signIn, watched } from './demo-window';
import { withDisplay } from './display';
import { inTurns, median, milliseconds, ratio, timed, type Result } from './measure';

const updates = 100_000;

/** Processor time that these have used, seconds; the kernel counts hundredths. */
const processorOf = (pids: readonly number[]): number =>
  pids.reduce((sum, one) => {
    try {
      const fields = readFileSync(`/proc/${String(one)}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return sum + (Number(fields[11]) + Number(fields[12])) / 100;
    } catch {
      return sum;
    }
  }, 0);

/** What of one core is used, and requests a minute to Vast.ai; without the demo's simulator, which stands for it. */
const benchIdle = async (app: InspectedApp): Promise<readonly Result[]> => {
  await app.evaluate(`${shell}.hide()`);
  await delay(settling);
  const simulated = await helpers(app, 'simulator');
  if (simulated.length !== 1) throw new Error('The simulator of the demo was not found');
  await app.evaluate(`void (globalThis.asked = 0, process.getBuiltinModule('diagnostics_channel').subscribe('undici:request:create', () => { globalThis.asked += 1; }))`);
  const pids = [app.pid, ...descendants(app.pid)].filter((pid) => !simulated.includes(pid));
  const before = processorOf(pids);
  await delay(watched);
  const share = (processorOf(pids) - before) / (watched / 1000);
  const asked = (Number(await app.evaluate('globalThis.asked')) * 60_000) / watched;
  return [
    ratio('idle-hidden', `of one core over two minutes, window hidden and a user signed in: ${(share * 100).toFixed(2)} %`, share, 1, 0.005),
    { id: 'idle-requests', what: 'requests a minute to Vast.ai meanwhile', value: asked, unit: '/min', limit: 4, holds: asked <= 4 },
  ];
};

/** From showing the hidden window to the view that was asked for by the first click, milliseconds. */
const firstClick = async (app: InspectedApp, section: 'instances' | 'snapshots'): Promise<number> =>
  Number(
    await app.evaluate(`(async () => {
      const began = performance.now();
      ${shell}.show();
      await ${shell}.webContents.executeJavaScript(${JSON.stringify(`(async () => {
        document.querySelector('nav a[href="#/${section}"]').click();
        while (document.querySelector('main h1')?.textContent.toLowerCase() !== '${section}') await new Promise((done) => setTimeout(done));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      })()`)});
      return performance.now() - began;
    })()`),
  );

/** Changes a setting so many times through the app's own API, eight at once; each change is an update for the page. */
const change = async (rest: DemoClient, times: number): Promise<void> => {
  let left = times;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await rest.send('PUT', '/api/v1/settings', { settings: { default_disk_size: 50 + (left % 2) } });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
};

/** The first click after so many updates came while the window was hidden, against the first click after none. */
const benchUpdates = async (app: InspectedApp, rounds: number): Promise<readonly Result[]> => {
  const rest = await demoClient(app.address);
  let turn = 0;
  /** Both sides stay hidden equally long: Chromium sends a page further back the longer it is not seen. */
  let hiddenMs = 0;
  const click = async (times: number): Promise<number> => {
    turn += 1;
    await app.evaluate(`${shell}.hide()`);
    await delay(1_000);
    const taken = await timed(() => change(rest, times));
    hiddenMs = Math.max(hiddenMs, taken);
    await delay(hiddenMs - taken);
    return firstClick(app, turn % 2 === 0 ? 'snapshots' : 'instances');
  };
  await click(updates);
  const taken = await inTurns(rounds, () => click(updates), () => click(0));
  return [
    ratio('hidden-updates', `first click after ${updates.toLocaleString('en')} updates while hidden, against the first click after none`, median(taken.ours), median(taken.reference), 1.5),
    milliseconds('hidden-updates-ms', 'the same', median(taken.ours)),
  ];
};

/** The demo in the tray, on a real Electron. */
export const benchHidden = async (rounds: number): Promise<readonly Result[]> => {
  if (process.platform !== 'linux') return [];
  return withDisplay(async () => {
    const app = await startInspected(['--demo', '--port', '0'], { LANGUAGE: 'en' });
    process.stdout.write(`hidden on Electron ${electronFolder().version}\n`);
    try {
      await signIn(app);
      return [...(await benchIdle(app)), ...(await benchUpdates(app, rounds))];
    } finally {
      await app.stop();
    }
  });
};
