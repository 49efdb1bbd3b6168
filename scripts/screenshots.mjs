// `npm run screenshots [-- --out FOLDER]`: runs the demo headless, does a small job in it, and writes a picture of each screen to docs/screenshots.
import './tools/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { at, main, root, ScriptError, tell } from './tools/project.mjs';
import { findRestic } from './tools/restic.mjs';
import { setUp } from './setup.mjs';

const size = { width: 1280, height: 800 };
/** Milliseconds for anything slow: a boot, a capture. */
const patience = 120_000;

const browserFile = () => {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = known.find((file) => file !== undefined && existsSync(file));
  if (found === undefined) throw new ScriptError('No Chromium was found: install it, or say where it is in CHROMIUM');
  return found;
};

/** Starts the demo and gives its address, its account and a way to end it. */
const startDemo = async (folder) => {
  const restic = await findRestic();
  if (restic.problem !== undefined) throw new ScriptError(`No restic (${restic.problem}): the pictures need one`);
  const env = { ...process.env, DUMONT_RESTIC: restic.file };
  const child = spawn(process.execPath, [at('dist/main/headless.js'), '--demo', '--port', '0', '--data-dir', folder], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  let url;
  for await (const line of createInterface(child.stdout)) {
    url ??= /^Dumont Cloud is ready at (\S+)$/.exec(line)?.[1];
    const account = /^Demo account: (\S+) (\S+)$/.exec(line);
    if (url !== undefined && account !== null) {
      child.stdout.resume();
      return { url, email: account[1], password: account[2], stop };
    }
  }
  throw new ScriptError('The demo ended before it was ready');
};

/** The app's REST API as the demo user. */
const openApi = async ({ url, email, password }) => {
  let token;
  const call = async (method, name, body) => {
    const answer = await fetch(`${url}/api/v1${name}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = await answer.json();
    if (!answer.ok) throw new ScriptError(`${method} ${name}: ${json.error}`);
    return json;
  };
  const session = await call('POST', '/auth/login', { username: email, password });
  token = session.token;
  return { session: { token, user: session.user }, call };
};

const until = async (what, test) => {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const value = await test();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new ScriptError(`Waited in vain for ${what}`);
};

/** Rents, keeps and pauses, so that no screen is empty. */
const prepare = async ({ call }) => {
  await call('PUT', '/settings', { settings: { first_steps_done: true, language: 'en', theme: 'system' } });
  const ready = (id) => until(`instance ${id}`, async () => {
    const instance = await call('GET', `/instances/${id}`);
    return instance.state === 'running' && instance.operation_id === null;
  });
  const rent = async (gpu, label, disk_size) => {
    const { offers } = await call('GET', `/instances/offers?gpu_name=${encodeURIComponent(gpu)}&min_reliability=0.98&limit=3`);
    const { id } = await call('POST', '/instances', { offer_id: offers[0].id, label, disk_size });
    await ready(id);
    return id;
  };
  const training = await rent('RTX 4090', 'llama-finetune', 80);
  const rendering = await rent('RTX 3090', 'blender-night', 40);
  await call('POST', '/snapshots', { instance_id: training, tags: ['before-training'] });
  // The work grows by itself, a little later; until then a snapshot is the one before.
  await until('something new to keep', async () => !(await call('POST', '/snapshots', { instance_id: training, tags: ['epoch-3'] })).unchanged);
  await call('POST', '/snapshots', { instance_id: rendering, tags: ['scene'] });
  await call('POST', `/instances/${rendering}/pause`);
  await until('the pause', async () => (await call('GET', `/instances/${rendering}`)).state === 'stopped');
};

const shoot = async (page, out, name) => {
  // Nothing is hovered, so that no hint covers anything.
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null && document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity));
  await page.screenshot({ path: path.join(out, `${name}.png`) });
  tell(`${name}.png`);
};

/** Every screen once, two of them dark as well. */
const takeAll = async (browser, demo, session, out) => {
  const context = await browser.newContext({ viewport: size, colorScheme: 'light', locale: 'en-US', reducedMotion: 'reduce' });
  context.setDefaultTimeout(patience);
  const door = await context.newPage();
  await door.goto(demo.url);
  await door.getByRole('button', { name: 'Enter the demo' }).waitFor();
  await shoot(door, out, 'sign-in');
  await door.close();
  const page = await context.newPage();
  await page.addInitScript((kept) => sessionStorage.setItem('dumont.session', kept), JSON.stringify(session));
  const go = async (hash, ready) => {
    await page.goto(`${demo.url}/${hash}`);
    await ready().first().waitFor();
  };
  const row = () => page.getByRole('grid').locator('[aria-rowindex="2"]');
  await go('#/offers?gpu=RTX+4090,RTX+5090&max_price=1.2', row);
  await page.getByTestId('offers-count').filter({ hasNotText: 'loaded' }).waitFor();
  await shoot(page, out, 'offers');
  await row().click();
  await page.getByRole('dialog').getByText('Memory bandwidth').waitFor();
  await shoot(page, out, 'offer-details');
  await page.getByRole('button', { name: 'Rent', exact: true }).click();
  await page.getByLabel('Label').fill('llama-finetune-2');
  await shoot(page, out, 'rent');
  await page.keyboard.press('Escape');
  await go('#/instances', () => page.getByRole('article').nth(1));
  await page.getByRole('progressbar').first().waitFor();
  await shoot(page, out, 'instances');
  await go('#/snapshots', () => page.getByRole('region', { name: 'Repository' }));
  await page.getByRole('listitem').nth(2).waitFor();
  await shoot(page, out, 'snapshots');
  await go('#/operations', () => page.getByRole('main').getByText('llama-finetune'));
  await shoot(page, out, 'operations');
  await go('#/settings', () => page.getByRole('main').getByRole('heading'));
  await shoot(page, out, 'settings');
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await go('#/offers?gpu=RTX+4090,RTX+5090&max_price=1.2', row);
  await shoot(page, out, 'offers-dark');
  await go('#/instances', () => page.getByRole('article').nth(1));
  await shoot(page, out, 'instances-dark');
};

await main(async (argv) => {
  const out = argv[0] === '--out' && argv[1] !== undefined ? path.resolve(argv[1]) : at('docs/screenshots');
  await setUp();
  const { chromium } = await import('playwright');
  const folder = await mkdtemp(path.join(tmpdir(), 'dumont-screenshots-'));
  const demo = await startDemo(folder);
  let browser;
  try {
    const api = await openApi(demo);
    await prepare(api);
    await mkdir(out, { recursive: true });
    browser = await chromium.launch({ executablePath: browserFile(), args: ['--no-sandbox', '--disable-background-networking'] });
    await takeAll(browser, demo, api.session, out);
  } finally {
    await browser?.close();
    await demo.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
