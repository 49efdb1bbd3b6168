// Rules of this project that oxlint cannot check: who may import whom by resolved path, words that must not be committed, lengths of other files.
import path from 'node:path';

/** What each layer may import, by folder; the longest matching folder is the layer. Tests may import anything but the entries. */
const layers = [
  { folder: 'src/contract', may: ['src/contract'] },
  { folder: 'src/main/domain', may: ['src/main/domain', 'src/contract'] },
  { folder: 'src/main/providers', may: ['src/main/providers', 'src/main/domain', 'src/contract'] },
  { folder: 'src/main/handlers', may: ['src/main/handlers', 'src/main/domain', 'src/contract'] },
  { folder: 'src/main/transports', may: ['src/main/transports', 'src/main/handlers', 'src/main/domain', 'src/contract'] },
  { folder: 'src/main', may: ['src/main', 'src/contract'] },
  { folder: 'src/preload', may: ['src/preload'] },
  { folder: 'src/renderer', may: ['src/renderer', 'src/contract', 'resources'] },
  { folder: 'src/simulator', may: ['src/simulator'] },
];

const orpcPlaces = ['src/contract/', 'src/main/handlers/', 'src/main/transports/', 'src/renderer/client.ts', 'src/renderer/http-link.ts', 'test/'];
const entries = ['src/main/main', 'src/main/headless'];
const isTest = (file) => /\.(test|spec)\.tsx?$/.test(file) || file.startsWith('test/');
const isCode = (file) => /\.(ts|tsx|mjs|cjs|js)$/.test(file);
const below = (file, folder) => file === folder || file.startsWith(`${folder}/`);

/** Import specifiers of a module with their line numbers: static, re-exported and dynamic. */
export const importsOf = (text) => {
  const found = [];
  const pattern = /(?:^|\n)\s*(?:import|export)\b(?:[^'"`;()]*?\bfrom)?\s*['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;
  for (const match of text.matchAll(pattern)) {
    const specifier = match[1] ?? match[2];
    found.push({ specifier, line: text.slice(0, match.index + match[0].lastIndexOf(specifier)).split('\n').length });
  }
  return found;
};

const featureOf = (file) => /^src\/renderer\/features\/([^/]+)/.exec(file)?.[1];

/** What is wrong with one import, or undefined. `to` is the resolved path below the root, undefined for a package. */
const importProblem = (file, specifier, to) => {
  if (specifier.startsWith('@orpc/') && !isTest(file) && !orpcPlaces.some((place) => file.startsWith(place))) return '@orpc/* belongs into contract, handlers, transports, renderer/client.ts and renderer/http-link.ts';
  if (specifier === 'electron-store' && !file.startsWith('src/main/desktop/')) return 'electron-store belongs into src/main/desktop (in plain Node it downloads Electron)';
  if (to === undefined) return undefined;
  if (entries.includes(to.replace(/\.(ts|js)$/, ''))) return 'nothing imports an entry';
  if (isTest(file)) return undefined;
  const layer = layers.find((one) => below(file, one.folder));
  if (layer !== undefined && !layer.may.some((folder) => below(to, folder))) return `${layer.folder} must not import ${to}`;
  const feature = featureOf(file);
  if (feature !== undefined && featureOf(to) !== undefined && featureOf(to) !== feature) return `feature ${feature} must not import feature ${featureOf(to)}`;
  return undefined;
};

/** Written so that this file does not contain what it looks for. */
const forbidden = [
  { pattern: /\bTO[D]O\b|\bFIX[M]E\b/, says: 'unfinished work belongs into the issue, not the code' },
  // Except what never holds on Linux, where everything is run.
  { pattern: /\b(it|test|describe|suite)\.(only|skip|fixme|todo)\((?!process\.platform (?:!== 'linux'|=== 'win32'), ')/, says: 'a test that is left out proves nothing', only: isCode },
  { pattern: /\b(registry|deb|ftp\d*|mirrors?|snapshot)\.[a-z0-9-]+\.(org|com|net)\b/i, says: 'no address of a package registry or mirror in the project' },
  { pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----\n/, says: 'a private key' },
];

const wordProblems = (file, text) =>
  forbidden
    .filter(({ only }) => only === undefined || only(file))
    .flatMap(({ pattern, says }) => text.split('\n').flatMap((line, index) => (pattern.test(`${line}\n`) ? [{ line: index + 1, says: `${says}: ${line.trim().slice(0, 80)}` }] : [])));

/** oxlint counts lines of scripts; these are counted here. */
const lengthProblems = (file, text) => {
  const lines = text.split('\n').length - 1;
  return /\.(css|html|sh|yml)$/.test(file) && lines > 300 ? [{ line: 301, says: `${lines} lines; at most 300` }] : [];
};

/**
 * Checks one file.
 * @param {string} file Path below the root, with forward slashes.
 * @param {string} text Its content.
 * @returns {readonly { line: number, says: string }[]} Problems in the order of the rules.
 */
export const checkFile = (file, text) => {
  const imports = !isCode(file)
    ? []
    : importsOf(text).flatMap(({ specifier, line }) => {
        const to = specifier.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)) : undefined;
        const says = importProblem(file, specifier, to);
        return says === undefined ? [] : [{ line, says }];
      });
  return [...imports, ...wordProblems(file, text), ...lengthProblems(file, text)];
};

/** Things that may be in one file only, so that one place decides how they are made. */
const single = [
  { pattern: /\bnew BrowserWindow\(/, folder: 'src/', says: 'windows are made in one file' },
  { pattern: /\bipcMain\.(on|handle|once)\(/, folder: 'src/', says: 'IPC channels are opened in one file' },
];

/**
 * Checks rules over all files together.
 * @param {ReadonlyMap<string, string>} texts Content by path.
 * @returns {readonly string[]} Problems.
 */
export const checkTogether = (texts) =>
  single.flatMap(({ pattern, folder, says }) => {
    const found = [...texts].filter(([file, text]) => file.startsWith(folder) && isCode(file) && !isTest(file) && pattern.test(text)).map(([file]) => file);
    return found.length > 1 ? [`${says}, not in ${found.join(' and ')}`] : [];
  });
