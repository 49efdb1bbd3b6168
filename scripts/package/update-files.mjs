// Gathers the packages of a release: files as they are, what updates read (latest*.yml) as one for both processors, and its signature.
import { createPrivateKey, sign } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isEntry, main, ScriptError, tell } from '../tools/project.mjs';

/** One description for both processors: electron-updater picks the file by its name. */
export const mergeDescriptions = (descriptions) => {
  const versions = new Set(descriptions.map((one) => one.version));
  if (versions.size !== 1) throw new ScriptError(`The packages are of different versions: ${[...versions].join(', ')}`);
  const files = descriptions.flatMap((one) => one.files);
  const names = files.map((one) => one.url);
  if (new Set(names).size !== names.length) throw new ScriptError('Two packages have the same name');
  return { ...descriptions[0], files };
};

/** Ed25519 over the very bytes of a description, in base64. Who holds the release page alone cannot make one. */
export const signatureOf = (bytes, key) => sign(null, bytes, createPrivateKey(key)).toString('base64');

/** Throws `ScriptError`; see docs/releasing.md. */
export const gather = async (target, folders, { key }) => {
  const { load, dump } = await import('js-yaml');
  mkdirSync(target, { recursive: true });
  const descriptions = new Map();
  for (const folder of folders) {
    for (const name of readdirSync(folder)) {
      if (/^latest.*\.yml$/.test(name)) descriptions.set(name, [...(descriptions.get(name) ?? []), load(readFileSync(path.join(folder, name), 'utf8'))]);
      else copyFileSync(path.join(folder, name), path.join(target, name));
    }
  }
  for (const [name, found] of descriptions) {
    const bytes = Buffer.from(dump(mergeDescriptions(found), { lineWidth: -1 }));
    writeFileSync(path.join(target, name), bytes);
    writeFileSync(path.join(target, `${name}.sig`), `${signatureOf(bytes, key)}\n`);
  }
  return [...descriptions.keys()];
};

if (isEntry(import.meta.url)) {
  await main(async ([target, ...folders]) => {
    const key = process.env.DUMONT_UPDATE_KEY;
    if (target === undefined || folders.length === 0) throw new ScriptError('update-files.mjs TARGET FOLDER...', 2);
    if (!key) throw new ScriptError('DUMONT_UPDATE_KEY is not set: without a signature no installed app takes the update', 2);
    tell(`Described and signed: ${(await gather(target, folders, { key })).join(', ')}`);
  });
}
