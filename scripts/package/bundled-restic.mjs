// The restic that packages carry: its official release at a pinned version, checked against its SHA-256, for each platform.
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ScriptError, tell, toolsDir } from '../tools/project.mjs';
import { unpackedRestics } from '../tools/restic.mjs';
import { run } from '../tools/run.mjs';
import { unzip } from '../tools/zip.mjs';

/** The release. A new one changes the version and all hashes, which its signed SHA256SUMS gives. */
export const resticVersion = '0.19.1';

/**
 * Archives by target in Node's words, with their SHA-256. There is none for Windows on ARM, which runs the x64 program.
 */
export const resticArchives = Object.freeze({
  'linux-x64': { file: `restic_${resticVersion}_linux_amd64.bz2`, sha256: 'f415415624dcc452f2a02b8c33641791a8c6d6d3b65bbb3543fcf9a25151585c' },
  'linux-arm64': { file: `restic_${resticVersion}_linux_arm64.bz2`, sha256: 'a5f64aaab53d51e311fa3829124c5b703f2d14cf187d8640b6be3b2b49376465' },
  'darwin-x64': { file: `restic_${resticVersion}_darwin_amd64.bz2`, sha256: 'c38d579622cf602f665234c5a8c315030b6cf70656028fe6dc29a786b60e5f35' },
  'darwin-arm64': { file: `restic_${resticVersion}_darwin_arm64.bz2`, sha256: '7be0a144ccc377880f294204aa271d76e4b79554b42a751151d425ce6ebac143' },
  'win32-x64': { file: `restic_${resticVersion}_windows_amd64.zip`, sha256: 'da948ad707ed690426473aaba2046cd61f8f90f6f0e7dab6be0d5796531de67d' },
  'win32-arm64': { file: `restic_${resticVersion}_windows_amd64.zip`, sha256: 'da948ad707ed690426473aaba2046cd61f8f90f6f0e7dab6be0d5796531de67d' },
});

const releaseAddress = `https://github.com/restic/restic/releases/download/v${resticVersion}`;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * The archive of a release, from the tools folder or fetched into it.
 * @param {{ file: string, sha256: string }} archive
 * @param {{ from?: string, cache?: string }} [options] Where it is fetched from and kept.
 * @returns {Promise<string>} Its path. Throws `ScriptError` when it cannot be had or is not the pinned one; such bytes are not kept.
 */
export const fetchArchive = async (archive, { from = releaseAddress, cache = path.join(toolsDir, 'restic-release') } = {}) => {
  const target = path.join(cache, archive.file);
  if (existsSync(target) && sha256(readFileSync(target)) === archive.sha256) return target;
  let bytes;
  try {
    const answer = await fetch(`${from}/${archive.file}`, { signal: AbortSignal.timeout(180_000) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    bytes = Buffer.from(await answer.arrayBuffer());
  } catch (error) {
    throw new ScriptError(`${archive.file} could not be fetched (${error.cause?.code ?? error.message})`);
  }
  const got = sha256(bytes);
  if (got !== archive.sha256) throw new ScriptError(`${archive.file} is not the pinned release: its SHA-256 is ${got}, not ${archive.sha256}. Nothing of it was used.`);
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${target}.new`, bytes);
  renameSync(`${target}.new`, target);
  return target;
};

/** The one program in an archive, written to `target`. */
const unpack = async (archive, target) => {
  if (archive.endsWith('.bz2')) {
    copyFileSync(archive, `${target}.bz2`);
    const done = await run('bzip2', ['-d', '-f', `${target}.bz2`], { limitMs: 120_000 });
    if (done.failure !== undefined) throw new ScriptError(`${path.basename(archive)} could not be unpacked (bzip2: ${done.failure})`);
    return;
  }
  const work = mkdtempSync(`${target}-`);
  try {
    await unzip(archive, work, (name) => (name.endsWith('.exe') ? path.basename(name) : undefined));
    renameSync(path.join(work, readdirSync(work)[0]), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

/**
 * Lays restic where the packed app looks for it: `<folder>/<platform>-<arch>/restic`.
 * @param {string} folder
 * @param {{ platform: string, arch: string }} target
 * @param {{ testOnly: boolean }} how `testOnly` takes Debian's build where it is unpacked here, so that a test package needs no network.
 * @returns {Promise<{ version: string, sha256: string, source: 'release' | 'debian' }>} `sha256` is that of the program.
 */
export const layRestic = async (folder, { platform, arch }, { testOnly }) => {
  const target = path.join(folder, `${platform}-${arch}`, platform === 'win32' ? 'restic.exe' : 'restic');
  mkdirSync(path.dirname(target), { recursive: true });
  const debian = testOnly && platform === 'linux' && arch === process.arch ? unpackedRestics().at(-1) : undefined;
  if (debian !== undefined) {
    copyFileSync(debian.file, target);
    tell(`restic ${debian.version} of Debian, for a test package only: packages for users carry the official ${resticVersion}`);
  } else await unpack(await fetchArchive(resticArchives[`${platform}-${arch}`]), target);
  chmodSync(target, 0o755);
  return { version: debian?.version ?? resticVersion, sha256: sha256(readFileSync(target)), source: debian === undefined ? 'release' : 'debian' };
};
