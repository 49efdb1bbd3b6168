// A small zip reader for one known archive: stored and deflated entries, no zip64, no encryption.
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, open, symlink } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw, inflateRawSync } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;

const readAt = async (file, position, length) => {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead !== length) throw new Error('The zip archive ends too early');
  return buffer;
};

/** Entries of the central directory: name, method, sizes in bytes, unix mode, offset. */
const readEntries = async (file) => {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - 65_557), Math.min(size, 65_557));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end -= 1;
  if (end < 0) throw new Error('No zip archive');
  const count = tail.readUInt16LE(end + 10);
  const start = tail.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff) throw new Error('A zip64 archive, which this reader does not know');
  const directory = await readAt(file, start, tail.readUInt32LE(end + 12));
  const entries = [];
  for (let position = 0; entries.length < count; ) {
    if (directory.readUInt32LE(position) !== entrySignature) throw new Error('The zip directory is damaged');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => directory.readUInt16LE(position + offset));
    entries.push({
      name: directory.toString('utf8', position + 46, position + 46 + nameLength),
      method: directory.readUInt16LE(position + 10),
      packed: directory.readUInt32LE(position + 20),
      size: directory.readUInt32LE(position + 24),
      mode: directory.readUInt32LE(position + 38) >>> 16,
      offset: directory.readUInt32LE(position + 42),
    });
    position += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
};

const writeEntry = async (zip, file, entry, target) => {
  const local = await readAt(file, entry.offset, 30);
  const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (entry.method !== 0 && entry.method !== 8) throw new Error(`${entry.name}: packed in a way this reader does not know`);
  if ((entry.mode & 0o170000) === 0o120000) {
    const data = await readAt(file, start, entry.packed);
    await symlink((entry.method === 8 ? inflateRawSync(data) : data).toString(), target);
    return;
  }
  const out = createWriteStream(target, { flags: 'wx' });
  const source = entry.packed === 0 ? [] : createReadStream(zip, { start, end: start + entry.packed - 1 });
  await (entry.method === 8 ? pipeline(source, createInflateRaw(), out) : pipeline(source, out));
  if (out.bytesWritten !== entry.size) throw new Error(`${entry.name}: ${out.bytesWritten} bytes instead of ${entry.size}`);
  await chmod(target, (entry.mode & 0o777) || 0o644);
};

/**
 * Unpacks some entries of a zip archive.
 * @param {string} zip Path of the archive.
 * @param {string} folder Where to; must exist.
 * @param {(name: string) => string | undefined} place Gives an entry's path below `folder`, or undefined to leave it out.
 * @returns {Promise<number>} How many files were written.
 */
export const unzip = async (zip, folder, place) => {
  const file = await open(zip);
  let written = 0;
  try {
    for (const entry of await readEntries(file)) {
      const name = place(entry.name);
      if (name === undefined || name === '') continue;
      const target = path.resolve(folder, name);
      if (!target.startsWith(path.resolve(folder) + path.sep)) throw new Error(`${entry.name} points outside`);
      if (entry.name.endsWith('/')) {
        await mkdir(target, { recursive: true });
        continue;
      }
      await mkdir(path.dirname(target), { recursive: true });
      await writeEntry(zip, file, entry, target);
      written += 1;
    }
  } finally {
    await file.close();
  }
  return written;
};
