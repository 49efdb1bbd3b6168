// What the diagnostic report reads of this computer: versions, the end of the log, crash dumps.
import { open, readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DiagnosticsSource } from '../../domain/diagnostics';

/** Bytes read of each log file, which hold some thousands of lines. */
const tailBytes = 512 * 1024;
/** Dumps that are named, the newest first. */
const namedDumps = 20;

async function endOf(file: string): Promise<readonly string[]> {
  try {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
      const lines = buffer.toString('utf8', 0, bytesRead).split('\n').filter((line) => line !== '');
      // The first of a part is only the end of a line.
      return start === 0 ? lines : lines.slice(1);
    } finally {
      await handle.close();
    }
  } catch {
    return [];
  }
}

async function dumpsBelow(folder: string): Promise<readonly { readonly name: string; readonly bytes: number; readonly at: string }[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name.endsWith('.dmp'))
      .map(async (name) => {
        const facts = await stat(path.join(folder, name)).catch(() => null);
        return facts === null ? [] : [{ name: path.basename(name), bytes: facts.size, at: facts.mtime.toISOString() }];
      }),
  );
  return found.flat().sort((a, b) => b.at.localeCompare(a.at)).slice(0, namedDumps);
}

/** `forms` are the numbers of the databases' forms that this version writes. */
export function diagnosticsSource(facts: { readonly version: string; readonly dataFolder: string; readonly forms: Readonly<Record<string, number>> }): DiagnosticsSource {
  const logs = path.join(facts.dataFolder, 'logs');
  const runtime = Object.entries(process.versions).filter(([name, version]) => ['electron', 'chrome', 'node', 'v8', 'sqlite', 'openssl'].includes(name) && version !== undefined) as readonly (readonly [string, string])[];
  return {
    versions: () => ({ app: facts.version, ...Object.fromEntries(runtime), system: `${os.platform()} ${os.release()} ${os.arch()}`, memory: `${String(Math.round(os.totalmem() / 1e9))} GB`, processors: String(os.cpus().length) }),
    forms: () => facts.forms,
    async logTail(lines) {
      const newest = await endOf(path.join(logs, 'dumont.log'));
      const older = newest.length < lines ? await endOf(path.join(logs, 'dumont.1.log')) : [];
      return [...older, ...newest].slice(-lines);
    },
    crashDumps: () => dumpsBelow(path.join(facts.dataFolder, 'crashes')),
  };
}
