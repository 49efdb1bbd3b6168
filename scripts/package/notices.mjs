// Writes what must accompany the app: the licences of everything in it, and a CycloneDX list of its parts.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, readJson } from '../tools/project.mjs';

const licenceFiles = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name) && !/\.(js|json)$/i.test(name))
        .sort()
        .map((name) => readFileSync(path.join(folder, name), 'utf8').trim())
    : [];

const ownerOf = (folder) => {
  const { author } = readJson(path.join(folder, 'package.json')) ?? {};
  return typeof author === 'string' ? author : author?.name;
};

const noticeOf = (one) => {
  const folder = at(one.key);
  const texts = licenceFiles(folder);
  const title = `${one.name} ${one.version} (${one.license ?? 'licence in its text'})`;
  // A package without a licence file states its licence in its manifest only.
  const said = texts.length > 0 ? texts : [`Published under ${one.license ?? 'no stated licence'}${ownerOf(folder) === undefined ? '' : ` by ${ownerOf(folder)}`}; the package carries no licence text.`];
  return [title, '-'.repeat(title.length), '', ...said, ''].join('\n');
};

const opening = `This application contains the software below. Electron's and Chromium's licences are in LICENSE.electron.txt and LICENSES.chromium.html beside it.
`;

/** One text with the licence of each package and of restic. */
export const writeNotices = (file, packages, restic) => {
  const resticTitle = `restic ${restic.version} (BSD-2-Clause)`;
  const resticText = [resticTitle, '-'.repeat(resticTitle.length), '', readFileSync(at('resources/licences/restic.txt'), 'utf8').trim(), ''].join('\n');
  writeFileSync(file, [opening, ...packages.map(noticeOf), resticText].join('\n'));
};

const hashOf = (integrity) => {
  const match = /^sha512-(.+)$/.exec(integrity ?? '');
  return match === null ? {} : { hashes: [{ alg: 'SHA-512', content: Buffer.from(match[1], 'base64').toString('hex') }] };
};

const npmComponent = ({ name, version, license, integrity }) => {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', 'bom-ref': purl, name, version, purl, ...(license === undefined ? {} : { licenses: [{ expression: license }] }), ...hashOf(integrity) };
};

/**
 * A CycloneDX 1.5 document. It holds no time and no serial number, so that the same lock file gives the same bytes.
 * @param {string} file
 * @param {ReturnType<import('./shipped-packages.mjs').shippedPackages>} packages
 * @param {{ electron: string, restic: { version: string, sha256: string } }} parts `restic.sha256` is that of the program itself.
 */
export const writeSbom = (file, packages, { electron, restic }) => {
  const { name, version, license } = readJson(at('package.json'));
  const programs = [
    { type: 'framework', 'bom-ref': `pkg:npm/electron@${electron}`, name: 'electron', version: electron, purl: `pkg:npm/electron@${electron}`, licenses: [{ expression: 'MIT' }] },
    { type: 'application', 'bom-ref': `pkg:github/restic/restic@v${restic.version}`, name: 'restic', version: restic.version, purl: `pkg:github/restic/restic@v${restic.version}`, licenses: [{ expression: 'BSD-2-Clause' }], hashes: [{ alg: 'SHA-256', content: restic.sha256 }] },
  ];
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': `pkg:npm/${name}@${version}`, name, version, licenses: [{ expression: license }] } },
    components: [...programs, ...packages.map(npmComponent)],
  };
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
};
