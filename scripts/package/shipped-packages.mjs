// Which npm packages a package of the app carries: the closure of the dependencies for notices and the SBOM, and the few that stand in its node_modules.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { at, readJson, ScriptError } from '../tools/project.mjs';
import { npm, run } from '../tools/run.mjs';

const lock = () => readJson(at('package-lock.json')).packages;

/** Where a package that `from` asks for is resolved to: the nearest node_modules above it. */
const resolveIn = (packages, from, name) => {
  for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const key = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[key] !== undefined) return key;
    if (folder === '') return undefined;
  }
};

/** A lock entry's own name: an alias such as keytar stands under another one. */
const nameOf = (key, entry) => entry.name ?? key.replace(/^.*node_modules\//, '');

const fits = (entry, { platform, arch }) => (entry.os?.includes(platform) ?? true) && (entry.cpu?.includes(arch) ?? true) && (entry.libc?.includes('glibc') ?? true);

/**
 * Every package that the app's dependencies bring, as the lock file resolves them for a target. Most are bundled into a script.
 * @param {{ platform: string, arch: string }} target In Node's words.
 * @returns {readonly { key: string, name: string, version: string, license: string | undefined, integrity: string | undefined }[]} By name.
 */
export const shippedPackages = (target) => {
  const packages = lock();
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    if (key !== '') seen.add(key);
    const { dependencies = {}, optionalDependencies = {} } = packages[key];
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = resolveIn(packages, key, name);
      if (found !== undefined && !neverShipped.has(name) && fits(packages[found], target)) visit(found);
    }
  };
  visit('');
  return [...seen]
    .map((key) => ({ key, name: nameOf(key, packages[key]), version: packages[key].version, license: packages[key].license, integrity: packages[key].integrity }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'));
};

/** Build helpers of native packages, and what only an install script uses. */
const neverShipped = new Set(['cpu-features', 'nan', 'node-addon-api', '@scarf/scarf']);

/** What of a package is laid into the app's node_modules: paths below it, folders whole. */
const unbundled = ({ platform, arch }) => {
  const native = `${platform}-${arch}`;
  const libc = platform === 'linux' ? '.glibc' : '';
  const argon2 = { 'linux-x64': 'linux-x64-gnu', 'linux-arm64': 'linux-arm64-gnu', 'win32-x64': 'win32-x64-msvc', 'win32-arm64': 'win32-arm64-msvc' }[native] ?? native;
  return {
    keytar: ['package.json', 'LICENSE.md', 'lib/keytar.js', `prebuilds/${native}/keytar.node`],
    '@photostructure/sqlite': ['package.json', 'LICENSE', 'dist/index.cjs', 'dist/index.mjs', `prebuilds/${native}/@photostructure+sqlite${libc}.node`],
    'node-gyp-build': ['package.json', 'LICENSE', 'index.js', 'node-gyp-build.js'],
    '@node-rs/argon2': ['package.json', 'LICENSE', 'index.js'],
    [`@node-rs/argon2-${argon2}`]: ['package.json', `argon2.${argon2}.node`],
    ssh2: ['package.json', 'LICENSE', 'lib'],
    asn1: ['package.json', 'LICENSE', 'lib'],
    'safer-buffer': ['package.json', 'LICENSE', 'safer.js'],
    'bcrypt-pbkdf': ['package.json', 'LICENSE', 'index.js'],
    tweetnacl: ['package.json', 'LICENSE', 'nacl-fast.js'],
    'swagger-ui-dist': ['package.json', 'LICENSE', 'NOTICE', 'swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'],
  };
};

const sha512 = (file) => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

/** A package of another platform is not installed here: it is fetched at the lock file's version and checked against its hash. */
const fetchPackage = async (name, folder) => {
  const entry = lock()[`node_modules/${name}`];
  if (entry === undefined) throw new ScriptError(`${name} is not in package-lock.json`);
  mkdirSync(folder, { recursive: true });
  const packed = await npm(['pack', `${name}@${entry.version}`, '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: folder, limitMs: 300_000 });
  const archive = readdirSync(folder).find((one) => one.endsWith('.tgz'));
  if (packed.failure !== undefined || archive === undefined) throw new ScriptError(`${name} could not be fetched (${packed.failure ?? 'no archive'}):\n${packed.output.trim()}`);
  if (sha512(path.join(folder, archive)) !== entry.integrity) throw new ScriptError(`${name}: the fetched archive is not the one of package-lock.json. Nothing of it was used.`);
  const untar = await run('tar', ['-xzf', path.join(folder, archive), '-C', folder], { limitMs: 120_000 });
  if (untar.failure !== undefined) throw new ScriptError(`${name} could not be unpacked (${untar.failure})`);
  return path.join(folder, 'package');
};

/**
 * Lays the packages that stay outside the bundles into a folder.
 * @param {string} folder The node_modules to fill.
 * @param {{ platform: string, arch: string }} target
 * @param {string} work A folder for what must be fetched.
 */
export const layModules = async (folder, target, work) => {
  for (const [name, parts] of Object.entries(unbundled(target))) {
    const here = at('node_modules', name);
    const source = existsSync(here) ? here : await fetchPackage(name, path.join(work, name.replaceAll('/', '+')));
    for (const part of parts) {
      if (!existsSync(path.join(source, part))) throw new ScriptError(`${name} has no ${part}: scripts/package/shipped-packages.mjs no longer fits it`);
      cpSync(path.join(source, part), path.join(folder, name, part), { recursive: true, dereference: true });
    }
  }
  // Sources of ssh2's optional native part, which is not built.
  rmSync(path.join(folder, 'ssh2/lib/protocol/crypto/src'), { recursive: true, force: true });
  rmSync(path.join(folder, 'ssh2/lib/protocol/crypto/binding.gyp'), { force: true });
};
