// SEC-14, SEC-16: the packed app as files, as users start it, and driven in a copy that differs in one fuse.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { listPackage } from '@electron/asar';
import { getCurrentFuseWire } from '@electron/fuses';
import { expect, test } from '@playwright/test';
import { enterDemo, launchDemo, rentOne, restOf } from '../electron/desk';
import { electronFolder, launchDesktop } from '../support/electron-app';
import { startKeyring } from '../support/keyring';
import { drivenCopy, filesBelow, packedAsar, packedFolder, packedProgram } from '../support/packed-app';
import { startProgram, stopCleanly } from '../support/processes';
import { cleanEnv, startSimulator } from '../support/run-app';
import { makeTempDir, type TempDir } from '../support/temp-dir';
import { startFeed, type UpdateFeed } from '../support/update-feed';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const resources = path.join(packedFolder, 'resources');
/** Chromium's sandbox does not run for root. */
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

let temp: TempDir;
let feed: UpdateFeed;
/** The program of the copy that Playwright can drive. */
let driven: string;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  temp = makeTempDir('dumont-packed');
  feed = await startFeed();
  const env = { ...process.env, DUMONT_UPDATE_URL: feed.url, DUMONT_UPDATE_PUBLIC_KEY: feed.publicKey };
  await run(process.execPath, [path.join(root, 'scripts', 'package.mjs'), '--linux', 'dir', '--test'], { cwd: root, env });
  driven = await drivenCopy();
});
test.afterAll(() => {
  feed.stop();
  temp.remove();
});

test('the folder holds Electron and ours, and nothing of a development Electron', () => {
  const left = new Set(['version', 'resources/default_app.asar', 'electron']);
  const electron = filesBelow(electronFolder().folder).filter((name) => !left.has(name));
  const ours = ['dumont-cloud', 'resources/LICENSE.txt', 'resources/THIRD-PARTY-NOTICES.txt', 'resources/app-update.yml', 'resources/app.asar', `resources/restic/linux-${process.arch}/restic`, 'resources/sbom.cdx.json'];
  const unpacked = filesBelow(path.join(resources, 'app.asar.unpacked')).map((name) => `resources/app.asar.unpacked/${name}`);
  expect(filesBelow(packedFolder)).toEqual([...electron, ...ours, ...unpacked].sort());
  expect(unpacked.map((name) => path.basename(name))).toEqual([`argon2.linux-${process.arch}-gnu.node`, '@photostructure+sqlite.glibc.node', 'keytar.node']);
});

test('the archive holds the bundles and the few modules beside them: no source, map or test, no path of the machine that packed it', () => {
  const entries = listPackage(packedAsar, { isPack: false }).filter((name) => /\.[A-Za-z0-9]+$/.test(name));
  const known = [
    /^\/(package|resources\/update)\.json$/,
    /^\/dist\/main\/(main|capture-worker|file-writer|compare-worker|index-worker|keychain-helper|chunks\/[\w-]+)\.js$/,
    /^\/dist\/preload\/preload\.cjs$/,
    /^\/dist\/renderer\/(index\.html|logo\.svg|assets\/[\w.-]+\.(js|css|svg|png|woff2))$/,
    /^\/dist\/simulator\/(simulator|chunks\/[\w-]+)\.js$/,
    /^\/resources\/(icons|tray)\/[\w@.-]+\.(png|ico)$/,
    /^\/node_modules\/(keytar|@photostructure\/sqlite|node-gyp-build|@node-rs\/argon2(-linux-\w+-gnu)?|ssh2|asn1|safer-buffer|bcrypt-pbkdf|tweetnacl|swagger-ui-dist)\/[\w@+./-]+\.(js|mjs|cjs|json|node|css|png|md)$/,
  ];
  expect(entries.filter((name) => !known.some((pattern) => pattern.test(name)))).toEqual([]);
  expect(entries.filter((name) => /\.(map|ts|tsx|mts|cts|cpp|h|sh)$|\/(test|tests|src|examples)\//.test(name))).toEqual([]);
  expect(entries).toContain('/dist/main/main.js');
  const bytes = readFileSync(packedAsar);
  expect(bytes.length).toBeLessThanOrEqual(15 * 1024 * 1024);
  expect(bytes.includes(root)).toBe(false);
});

test('nobody but the owner may write to it, and nothing runs as someone else', () => {
  const wrong = filesBelow(packedFolder).filter((name) => (lstatSync(path.join(packedFolder, name)).mode & 0o7022) !== 0);
  expect(wrong).toEqual([]);
  for (const name of ['dumont-cloud', `resources/restic/linux-${process.arch}/restic`]) expect(statSync(path.join(packedFolder, name)).mode & 0o777, name).toBe(0o755);
  expect(statSync(packedAsar).mode & 0o111).toBe(0);
});

test('SEC-14 every fuse is set as decided', async () => {
  const { version, ...wire } = await getCurrentFuseWire(packedProgram);
  expect(version).toBe('1');
  // The bytes of the wire: 0 and 1 as characters.
  const states = Object.values(wire).map((state) => (Number(state) === 0x31 ? 'on' : Number(state) === 0x30 ? 'off' : 'other'));
  // runAsNode, cookieEncryption, nodeOptions, nodeCliInspect, asarIntegrity, onlyLoadAppFromAsar, browser snapshot, file privileges.
  expect(states.slice(0, 8)).toEqual(['off', 'off', 'off', 'off', 'on', 'on', 'off', 'off']);
});

test('each part has its licence beside the app and its line in the SBOM', () => {
  const sbom = JSON.parse(readFileSync(path.join(resources, 'sbom.cdx.json'), 'utf8')) as { components: readonly { name: string; version: string; licenses?: readonly { expression: string }[]; hashes?: readonly { content: string }[] }[] };
  const notices = readFileSync(path.join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  const names = sbom.components.map((one) => one.name);
  expect(names).toEqual(expect.arrayContaining(['electron', 'restic', 'react', 'undici', '@github/keytar', 'ssh2', 'zod', '@mantine/core']));
  expect(names.filter((name) => ['typescript', 'vite', 'vitest', 'electron-builder'].includes(name))).toEqual([]);
  for (const { name, version } of sbom.components.filter((one) => one.name !== 'electron')) expect(notices, name).toContain(`${name} ${version} (`);
  const licences = new Set(sbom.components.map((one) => one.licenses?.[0]?.expression));
  expect([...licences].filter((one) => one === undefined || /GPL|UNLICENSED|SSPL/.test(one))).toEqual([]);
  const restic = createHash('sha256').update(readFileSync(path.join(resources, 'restic', `linux-${process.arch}`, 'restic'))).digest('hex');
  expect(sbom.components.find((one) => one.name === 'restic')?.hashes?.[0]?.content).toBe(restic);
});

const refusal = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
  try {
    const { stdout, stderr } = await run(packedProgram, [...asRoot, ...args, '--data-dir', temp.at('refused')], { env: cleanEnv({ HOME: temp.path, ...env }), timeout: 20_000 });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
};

const refusedStarts = ['--inspect=0', '--inspect-brk=0', '--remote-debugging-port=0', '--remote-debugging-pipe', '--proxy-server=127.0.0.1:9', '--load-extension=.', '--js-flags=--expose-gc', '--host-resolver-rules=MAP * 127.0.0.1'];

test('SEC-16 does not start with a switch that would open it to another program', async () => {
  const answers = await Promise.all(refusedStarts.map((name) => refusal([name])));
  expect(answers.map(({ code, err }) => [code, /^dumont-cloud: .*$/m.exec(err)?.[0]])).toEqual(refusedStarts.map((name) => [2, `dumont-cloud: this build does not start with ${name.split('=')[0] ?? ''}`]));
  expect(answers.map(({ err }) => err).join('')).not.toMatch(/Debugger listening|DevTools listening/);
  expect(existsSync(temp.at('refused'))).toBe(false);
});

test('SEC-16 is no Node, and loads nothing that the environment names', async () => {
  const loaded = temp.at('loaded');
  const hook = temp.at('hook.cjs');
  writeFileSync(hook, `require('node:fs').writeFileSync(${JSON.stringify(loaded)}, 'x');`);
  const asNode = await refusal(['--help'], { ELECTRON_RUN_AS_NODE: '1' });
  expect(asNode.out).toContain('--data-dir');
  expect(asNode.out).not.toContain('--eval');
  const withOptions = await refusal(['--help'], { NODE_OPTIONS: `--require=${hook}` });
  expect(withOptions.code).toBe(0);
  expect(withOptions.out).toContain('--data-dir');
  expect(existsSync(loaded)).toBe(false);
});

test('as users start it: ready in its window, one instance, gone within 5 s', async () => {
  const env = cleanEnv({ HOME: temp.path, XDG_CONFIG_HOME: temp.at('config'), XDG_RUNTIME_DIR: temp.path });
  const args = [...asRoot, '--demo', '--data-dir', temp.at('shipped')];
  const program = startProgram(packedProgram, args, { env });
  await program.line(/^Dumont Cloud is ready in its window$/);
  const second = await run(packedProgram, args, { env, timeout: 20_000 });
  expect(second.stderr).toContain('running already');
  await stopCleanly(program);
});

test('driven: the demo, with keychain, database and passwords from their native modules, and a snapshot by the restic it brought', async () => {
  test.setTimeout(120_000);
  mkdirSync(temp.at('bin'));
  for (const name of ['ssh', 'ssh-keygen', 'sh']) symlinkSync(`/usr/bin/${name}`, temp.at('bin', name));
  const program = driven;
  const keyring = await startKeyring('unlocked');
  const desktop = await launchDemo({ program, port: true, dataDir: temp.at('driven'), env: { ...keyring.env, PATH: temp.at('bin'), DUMONT_RESTIC: '' } });
  try {
    await enterDemo(desktop.page);
    expect(await desktop.app.evaluate(({ app }) => app.isPackaged)).toBe(true);
    expect(await desktop.app.evaluate(() => Object.keys(globalThis).includes('dumontTest'))).toBe(false);
    const notices = await desktop.app.evaluate(({ Menu, shell }) => {
      let opened = '';
      shell.openPath = (file) => {
        opened = file;
        return Promise.resolve('');
      };
      Menu.getApplicationMenu()?.getMenuItemById('licences')?.click();
      return opened;
    });
    expect(readFileSync(notices, 'utf8')).toContain('restic');
    const rest = await restOf(desktop);
    expect(await rest.get('/api/v1/settings')).toMatchObject({ demo: true, secret_store: { backend: 'keychain', status: 'ready' } });
    const id = await rentOne(rest, 'from a package');
    expect(await rest.send('POST', '/api/v1/snapshots', { instance_id: id })).toMatchObject({ result: 'ok', file_count: 17 });
    const { restic } = await rest.get<{ restic: { path: string; from: string } }>('/api/v1/snapshots/repository');
    expect(restic).toMatchObject({ from: 'bundled', path: path.join(path.dirname(program), 'resources', 'restic', `linux-${process.arch}`, 'restic') });
  } finally {
    await desktop.stop();
    await keyring.stop();
  }
  const open = filesBelow(temp.at('driven')).filter((name) => (lstatSync(temp.at('driven', name)).mode & 0o077) !== 0 && !lstatSync(temp.at('driven', name)).isSymbolicLink());
  expect(open).toEqual([]);
});

test('driven: an update is taken only as it was signed: not an older one, not a changed description, not a changed file', async () => {
  test.setTimeout(120_000);
  const simulator = await startSimulator();
  writeFileSync(temp.at('app.AppImage'), 'this version');
  const desktop = await launchDesktop({ program: driven, vastUrl: simulator.url, dataDir: temp.at('updating'), env: { APPIMAGE: temp.at('app.AppImage'), LANGUAGE: 'en', LANG: 'en_US.UTF-8' } });
  try {
    const { page } = desktop;
    await page.getByLabel('Email').fill('ada@example.com');
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('button', { name: 'Later' }).last().click();
    await page.evaluate(() => void (window.location.hash = '#/settings'));
    const look = page.getByRole('button', { name: 'Look now' });
    feed.offer({ version: '0.0.1' });
    await look.click();
    await expect(page.getByText('Nothing newer is known.')).toBeVisible();
    feed.offer({ version: '99.0.0', changed: 'description' });
    await look.click();
    await expect(page.getByText(/not signed by us/)).toBeVisible();
    feed.offer({ version: '99.0.0', notes: '<img src=x onerror=alert(1)> faster', changed: 'file' });
    await look.click();
    await expect(page.getByText('<img src=x onerror=alert(1)> faster')).toBeVisible();
    await page.getByRole('button', { name: 'Fetch' }).click();
    await expect(page.getByText(/not the one that was signed/)).toBeVisible();
    feed.offer({ version: '99.0.0' });
    await look.click();
    await page.getByRole('button', { name: 'Fetch' }).click();
    await expect(page.getByText(/99\.0\.0 is fetched and checked/)).toBeVisible();
    expect(readFileSync(temp.at('app.AppImage'), 'utf8')).toBe('this version');
    expect(feed.headers().filter((headers) => (headers['x-user-staging-id'] ?? '') !== '')).toEqual([]);
  } finally {
    await desktop.stop();
    await simulator.stop();
  }
});
