// `npm run screenshots [-- --out FOLDER] [--every [NAME,...]]`: runs the demo headless, does a small job in it, and writes README's pictures to docs/screenshots;
// with `--every`, each screen in light and dark, wide and narrow, English and Portuguese, to test-results/screens.
import './tools/node-version.mjs';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { at, main, root, ScriptError, tell } from './tools/project.mjs';
import { findRestic } from './tools/restic.mjs';
import { screens, wordsOf } from './tools/screens.mjs';
import { setUp } from './setup.mjs';

const size = { width: 1280, height: 800 };
const narrow = { width: 420, height: 860 };
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
  // By a name that says nothing of where this project lies: settings show it.
  const named = path.join(folder, 'restic');
  await symlink(restic.file, named);
  const env = { ...process.env, DUMONT_RESTIC: named };
  const child = spawn(process.execPath, [at('dist/main/headless.js'), '--demo', '--port', '0', '--data-dir', path.join(folder, 'data')], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
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

/** Rents, keeps, plans and pauses, so that no screen is empty; gives the id of a snapshot. */
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
  const { id: snapshot } = await call('POST', '/snapshots', { instance_id: rendering, tags: ['scene'] });
  await call('POST', '/schedules', { instance_id: training, timing: { type: 'every', minutes: 360 }, time_zone: 'America/Sao_Paulo' });
  await call('POST', '/schedules', { kind: 'check', timing: { type: 'cron', pattern: '30 4 * * 0' }, time_zone: 'America/Sao_Paulo' });
  await call('POST', `/instances/${rendering}/pause`);
  await until('the pause', async () => (await call('GET', `/instances/${rendering}`)).state === 'stopped');
  return snapshot;
};

const shoot = async (page, file) => {
  // Nothing is hovered, so that no hint covers anything.
  await page.mouse.move(0, 0);
  await page.waitForFunction(() => document.querySelector('.mantine-Skeleton-root') === null && document.getAnimations().every((animation) => animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity));
  await page.screenshot({ path: file });
  tell(path.basename(file));
};

/** Every pairing of scheme, width and language a person can meet. */
const pairings = ['light', 'dark'].flatMap((scheme) => [size, narrow].flatMap((viewport) => ['en', 'pt-BR'].map((language) => ({ scheme, viewport, language }))));

/** Opens the screens that `wanted` picks in one pairing and keeps a picture of each; a screen that cannot be reached is named and counted. */
const take = async (browser, demo, { call, session, snapshot }, { scheme, viewport, language }, wanted, keep) => {
  await call('PUT', '/settings', { settings: { language } });
  const context = await browser.newContext({ viewport, colorScheme: scheme, locale: language === 'en' ? 'en-US' : language, reducedMotion: 'reduce' });
  context.setDefaultTimeout(patience / 4);
  const word = wordsOf(language);
  let failed = 0;
  for (const screen of screens.filter(wanted)) {
    const page = await context.newPage();
    if (screen.door !== true) await page.addInitScript((kept) => sessionStorage.setItem('dumont.session', kept), JSON.stringify(session));
    const go = async (hash, ready) => {
      await page.goto(`${demo.url}/${hash}`);
      await ready.waitFor();
    };
    try {
      await screen.open({ page, go, word, snapshot });
    } catch (error) {
      failed += 1;
      tell(`${screen.name}: ${String(error.message).split('\n')[0]}`);
    }
    await shoot(page, keep(screen));
    await page.close();
  }
  await context.close();
  return failed;
};

/** README's pictures: light, wide and English; two of them dark as well. */
const takeForReadme = async (browser, demo, api, out) =>
  (await take(browser, demo, api, { scheme: 'light', viewport: size, language: 'en' }, (screen) => screen.readme === true, (screen) => path.join(out, `${screen.name}.png`))) +
  (await take(browser, demo, api, { scheme: 'dark', viewport: size, language: 'en' }, (screen) => screen.name === 'offers' || screen.name === 'instances', (screen) => path.join(out, `${screen.name}-dark.png`)));

const takeEvery = async (browser, demo, api, out, only) => {
  let failed = 0;
  for (const pairing of pairings) {
    const end = `${pairing.scheme}-${pairing.viewport.width}-${pairing.language}`;
    failed += await take(browser, demo, api, pairing, (screen) => only === undefined || only.includes(screen.name), (screen) => path.join(out, `${screen.name}-${end}.png`));
  }
  return failed;
};

const valueOf = (argv, flag) => {
  const value = argv[argv.indexOf(flag) + 1];
  return argv.includes(flag) && value !== undefined && !value.startsWith('--') ? value : undefined;
};

await main(async (argv) => {
  const every = argv.includes('--every');
  const out = path.resolve(valueOf(argv, '--out') ?? at(every ? 'test-results/screens' : 'docs/screenshots'));
  await setUp();
  const { chromium } = await import('playwright');
  const folder = await mkdtemp(path.join(tmpdir(), 'dumont-screenshots-'));
  const demo = await startDemo(folder);
  let browser;
  try {
    const opened = await openApi(demo);
    const api = { ...opened, snapshot: await prepare(opened) };
    await mkdir(out, { recursive: true });
    browser = await chromium.launch({ executablePath: browserFile(), args: ['--no-sandbox', '--disable-background-networking'] });
    const failed = every ? await takeEvery(browser, demo, api, out, valueOf(argv, '--every')?.split(',')) : await takeForReadme(browser, demo, api, out);
    if (failed > 0) throw new ScriptError(`${failed} screens could not be reached`);
  } finally {
    await browser?.close();
    await demo.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
