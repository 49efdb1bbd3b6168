// Reads the address of Debian's archive from this machine's own apt sources, in both of their formats.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { which } from './run.mjs';

const aptDir = '/etc/apt';

const readText = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** Rows of a one-line-format file: `deb [options] URI SUITE COMPONENT...`. */
const readOneLine = (text) =>
  text.split('\n').flatMap((line) => {
    const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.replace(/#.*/, '').trim());
    if (match === null) return [];
    return [{ uris: [match[2]], suites: [match[3]], components: match[4].split(/\s+/), signedBy: /(?:^|\s)signed-by=(\S+)/.exec(match[1] ?? '')?.[1] }];
  });

/** Stanzas of a deb822 file. */
const readStanzas = (text) =>
  text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map();
    for (const line of stanza.split('\n').filter((one) => !one.startsWith('#'))) {
      const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (match !== null) fields.set(match[1].toLowerCase(), match[2].trim());
    }
    const words = (name) => (fields.get(name) ?? '').split(/\s+/).filter((one) => one !== '');
    if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') return [];
    const signedBy = fields.get('signed-by');
    return [{ uris: words('uris'), suites: words('suites'), components: words('components'), signedBy: signedBy?.startsWith('/') ? signedBy : undefined }];
  });

const readSources = () => {
  const parts = path.join(aptDir, 'sources.list.d');
  const files = existsSync(parts) ? readdirSync(parts).map((name) => path.join(parts, name)) : [];
  const oneLine = [path.join(aptDir, 'sources.list'), ...files.filter((name) => name.endsWith('.list'))];
  return [...oneLine.flatMap((file) => readOneLine(readText(file))), ...files.filter((name) => name.endsWith('.sources')).flatMap((file) => readStanzas(readText(file)))];
};

/** Fields of os-release. */
export const osRelease = () => Object.fromEntries(readText('/etc/os-release').split('\n').flatMap((line) => {
  const match = /^([A-Z_]+)=["']?(.*?)["']?$/.exec(line);
  return match === null ? [] : [[match[1], match[2]]];
}));

/**
 * Where this Debian gets its packages from.
 * @returns {{ uri: string, codename: string, signedBy: string | undefined } | undefined} undefined on other systems.
 */
export const archiveSource = () => {
  const { ID, VERSION_CODENAME = 'sid' } = osRelease();
  if (ID !== 'debian' || which('apt-get') === undefined || which('dpkg-deb') === undefined) return undefined;
  const rows = readSources().filter((row) => row.components.includes('main') && row.suites.some((suite) => [VERSION_CODENAME, 'stable', 'testing', 'unstable', 'sid'].includes(suite)));
  const row = rows.find((one) => /\/debian\/?$/.test(one.uris[0] ?? '')) ?? rows[0];
  return row?.uris[0] === undefined ? undefined : { uri: row.uris[0], codename: VERSION_CODENAME, signedBy: row.signedBy };
};
