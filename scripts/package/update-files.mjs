// Gathers the packages of a release: files as they are, one description for each system of what electron-builder wrote (latest*.yml), and its signature.
import { createPrivateKey, sign } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, isEntry, main, ScriptError, tell } from '../tools/project.mjs';

/** What electron-builder wrote for each processor, as the one description that the app reads; it picks its file by the processor in the name. */
export const describe = (written, releaseNotes) => {
  const versions = new Set(written.map((one) => one.version));
  if (versions.size !== 1) throw new ScriptError(`The packages are of different versions: ${[...versions].join(', ')}`);
  const files = written.flatMap((one) => one.files).map(({ url, sha512, size }) => ({ url, sha512, size }));
  if (new Set(files.map((one) => one.url)).size !== files.length) throw new ScriptError('Two packages have the same name');
  return { version: written[0].version, files, releaseDate: written[0].releaseDate, releaseNotes };
};

/** What the changelog says of a version, without its heading. */
export const notesOf = (changelog, version) => {
  const [, section] = changelog.split(new RegExp(`^## ${version.replaceAll('.', '\\.')}.*$`, 'm'));
  const notes = section?.split(/^## /m)[0].trim();
  if (!notes) throw new ScriptError(`CHANGELOG.md says nothing of ${version}`);
  return notes;
};

/** Ed25519 over the very bytes of a description, in base64. Who holds the release page alone cannot make one. */
export const signatureOf = (bytes, key) => sign(null, bytes, createPrivateKey(key)).toString('base64');

/** `latest.yml` of two processors, and `latest-linux-arm64.yml`, are one description each system. */
const descriptionName = (name) => name.replace(/(-arm64)?\.yml$/, '.json');

/** Throws `ScriptError`; see docs/releasing.md. */
export const gather = async (target, folders, { key, changelog }) => {
  const { load } = await import('js-yaml');
  mkdirSync(target, { recursive: true });
  const written = new Map();
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      if (/^latest.*\.yml$/.test(name)) written.set(descriptionName(name), [...(written.get(descriptionName(name)) ?? []), load(readFileSync(file, 'utf8'))]);
      else copyFileSync(file, path.join(target, name));
    }
  }
  for (const [name, found] of written) {
    const bytes = Buffer.from(JSON.stringify(describe(found, notesOf(changelog, found[0].version)), null, 2));
    writeFileSync(path.join(target, name), bytes);
    writeFileSync(path.join(target, `${name}.sig`), `${signatureOf(bytes, key)}\n`);
  }
  return [...written.keys()];
};

if (isEntry(import.meta.url)) {
  await main(async ([target, ...folders]) => {
    const key = process.env.DUMONT_UPDATE_KEY;
    if (target === undefined || folders.length === 0) throw new ScriptError('update-files.mjs TARGET FOLDER...', 2);
    if (!key) throw new ScriptError('DUMONT_UPDATE_KEY is not set: without a signature no installed app takes the update', 2);
    tell(`Described and signed: ${(await gather(target, folders, { key, changelog: readFileSync(at('CHANGELOG.md'), 'utf8') })).join(', ')}`);
  });
}
