import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeLeftKeyFiles, withKeyFile } from './key-file';

describe('a password in a file', () => {
  let folder = '';
  const before = process.env['TMPDIR'];
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-key-files-'));
    process.env['TMPDIR'] = folder;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true });
  });

  it('is private, and gone after the call, also after one that fails', async () => {
    let seen = '';
    await withKeyFile('s3cret', (file) => {
      seen = file;
      expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual(['s3cret', 0o600, 0o700]);
      return Promise.resolve();
    });
    expect(existsSync(seen)).toBe(false);
    await expect(withKeyFile('s3cret', () => Promise.reject(new Error('restic failed')))).rejects.toThrow('restic failed');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a process that was killed is removed at the next start; one in use and what is not ours stay', async () => {
    const gone = path.join(folder, 'dumont-key-99999999-abc');
    mkdirSync(gone);
    writeFileSync(path.join(gone, 'key'), 's3cret');
    mkdirSync(path.join(folder, 'dumont-key-mine'));
    await withKeyFile('s3cret', async (file) => {
      await removeLeftKeyFiles();
      expect(readdirSync(folder).sort()).toEqual([path.basename(path.dirname(file)), 'dumont-key-mine'].sort());
    });
  });
});
