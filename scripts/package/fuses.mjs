// Electron's fuses as packages have them: all set, and a fuse that is not in this table stops the packing.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { ScriptError } from '../tools/project.mjs';

/**
 * In the order of the wire. `wasmTrapHandlers` came after Electron 33; the rest are in both.
 *
 * Node's own switches and variables are shut, the app comes from its checked archive only, `file:` has no privileges, and no cookie
 * is kept, so none is encrypted (which would ask the keychain at each start).
 */
export const fuseTable = Object.freeze([
  ['runAsNode', false],
  ['cookieEncryption', false],
  ['nodeOptions', false],
  ['nodeCliInspect', false],
  ['embeddedAsarIntegrityValidation', true],
  ['onlyLoadAppFromAsar', true],
  ['loadBrowserProcessSpecificV8Snapshot', false],
  ['grantFileProtocolExtraPrivileges', false],
  ['wasmTrapHandlers', true],
]);

const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const off = 0x30;
const on = 0x31;

/** The file that holds the wire: the program itself, on macOS the framework. */
const fuseFile = (program) => (program.endsWith('.app') ? path.join(program, 'Contents/Frameworks/Electron Framework.framework/Electron Framework') : program);

/** Offsets of the sentinel: one, or two in a universal program. */
const findSentinels = async (file) => {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(16 * 1024 * 1024);
  const found = [];
  for (let start = 0; start < size; start += chunk.length - sentinel.length) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
    const text = chunk.subarray(0, bytesRead);
    for (let index = text.indexOf(sentinel); index >= 0; index = text.indexOf(sentinel, index + 1)) if (!found.includes(start + index)) found.push(start + index);
  }
  return found;
};

const eachWire = async (program, flags, body) => {
  const file = await open(fuseFile(program), flags);
  try {
    const starts = await findSentinels(file);
    if (starts.length === 0) throw new ScriptError(`${program} has no fuses`);
    for (const start of starts) {
      const head = Buffer.alloc(2);
      await file.read(head, 0, 2, start + sentinel.length);
      if (head[0] !== 1) throw new ScriptError(`${program} has fuses of version ${head[0]}, which are not known here`);
      await body(file, start + sentinel.length + 2, head[1]);
    }
  } finally {
    await file.close();
  }
};

/**
 * The fuses of a program, by name.
 * @returns {Promise<Record<string, 'on' | 'off' | 'removed'>>} Of a universal program, its first half's.
 */
export const readFuses = async (program) => {
  const read = {};
  await eachWire(program, 'r', async (file, at, length) => {
    const wire = Buffer.alloc(length);
    await file.read(wire, 0, length, at);
    for (const [index, state] of wire.entries()) read[fuseTable[index]?.[0] ?? `fuse ${index}`] ??= state === on ? 'on' : state === off ? 'off' : 'removed';
  });
  return read;
};

/**
 * Sets every fuse of a program to the table.
 * @param {string} program
 * @param {Partial<Record<string, boolean>>} [changes] For the build that specs drive: `{ nodeCliInspect: true }`.
 * Throws `ScriptError` when the program has a fuse that the table does not name.
 */
export const setFuses = (program, changes = {}) =>
  eachWire(program, 'r+', async (file, at, length) => {
    if (length > fuseTable.length) throw new ScriptError(`This Electron has ${length} fuses and scripts/package/fuses.mjs names ${fuseTable.length}: decide about the new ones there`);
    const wire = Buffer.from(fuseTable.slice(0, length).map(([name, state]) => ((changes[name] ?? state) ? on : off)));
    await file.write(wire, 0, wire.length, at);
  });
