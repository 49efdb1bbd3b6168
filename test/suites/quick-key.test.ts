// Keys that open without work, with every restic: made for random passwords only, opened and removed by the program itself.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RepositoryAccess } from '../../src/main/domain/snapshot-ports';
import { keyHint, quickenKey } from '../../src/main/providers/restic/quick-key';
import { ResticCli } from '../../src/main/providers/restic/restic-cli';
import { ResticKeys } from '../../src/main/providers/restic/restic-keys';
import { ResticPrograms } from '../../src/main/providers/restic/restic-program';
import { ResticRunner } from '../../src/main/providers/restic/restic-run';
import { findOnPath } from '../../src/main/providers/ssh/open-ssh';
import { restics } from '../support/restics';
import { makeTempDir, type TempDir } from '../support/temp-dir';

/** scrypt's N of each key, by id. */
const work = (location: string): ReadonlyMap<string, number> =>
  new Map(readdirSync(path.join(location, 'keys')).map((id) => [id, (JSON.parse(readFileSync(path.join(location, 'keys', id), 'utf8')) as { N: number }).N]));

describe.each(restics())('restic $version', ({ file }) => {
  let folder: TempDir;
  let restic: ResticCli;
  let keys: ResticKeys;
  const said = (): string => readFileSync(folder.at('arguments'), 'utf8');
  const access = (name: string, password: string): RepositoryAccess => ({ id: name, location: folder.at(name), local: true, env: {}, options: [], password, resticPath: null });
  const byHand = (location: string, password: string, ...args: readonly string[]): string =>
    execFileSync(file, ['--no-cache', '-r', location, ...args], { env: { ...process.env, RESTIC_PASSWORD: password }, encoding: 'utf8', stdio: 'pipe' });

  beforeAll(() => {
    folder = makeTempDir('dumont-quick-key');
    const program = folder.at('restic');
    writeFileSync(program, `#!/bin/sh\necho "$@" >> '${folder.at('arguments')}'\nexec '${file}' "$@"\n`, { mode: 0o755 });
    const programs = new ResticPrograms({ program, find: findOnPath });
    const runner = new ResticRunner(programs);
    restic = new ResticCli(programs, runner);
    keys = new ResticKeys(runner);
  });
  afterAll(() => folder.remove());

  it('a random password has a key without work, which every restic opens; the repository is as sound as any', async () => {
    const at = access('random', 'a'.repeat(43));
    await restic.init(at, { generated: true });
    expect([...work(at.location).values()]).toEqual([1024]);
    for (const other of restics()) execFileSync(other.file, ['--no-cache', '-r', at.location, 'cat', 'config'], { env: { ...process.env, RESTIC_PASSWORD: at.password }, stdio: 'pipe' });
    writeFileSync(folder.at('file'), 'kept');
    byHand(at.location, at.password, 'backup', folder.at('file'));
    byHand(at.location, at.password, 'check', '--read-data');
    expect(byHand(at.location, at.password, 'dump', 'latest', folder.at('file'))).toContain('kept');
    expect(() => byHand(at.location, `${at.password}b`, 'cat', 'config')).toThrow(/wrong password/);
  });

  it('a chosen password keeps the work of restic', async () => {
    const at = access('chosen', 'correct horse battery');
    await restic.init(at);
    expect([...work(at.location).values()][0]).toBeGreaterThanOrEqual(1 << 13);
    expect(await keyHint(at.location)).toBeNull();
    expect(await quickenKey(at.location, 'another')).toBeNull();
    expect(work(at.location).size).toBe(1);
  });

  it('of several keys the quick one is tried first; restic lists and removes it', async () => {
    const at = access('several', 'correct horse battery');
    await restic.init(at);
    const [slow = ''] = work(at.location).keys();
    const added = await keys.add(at, 'b'.repeat(43), { generated: true });
    const [quick = ''] = [...work(at.location)].flatMap(([id, n]) => (n === 1024 ? [id] : []));
    expect(work(at.location).size).toBe(2);
    expect(quick).toMatch(new RegExp(`^${added}`));
    expect(await keyHint(at.location)).toBe(quick);
    await restic.snapshots({ ...at, password: 'b'.repeat(43) });
    expect(said().trim().split('\n').at(-1)).toContain(`--key-hint=${quick}`);
    // The other password is found all the same.
    expect(await restic.snapshots(at)).toEqual([]);
    await keys.remove(at, added);
    expect([...work(at.location).keys()]).toEqual([slow]);
  });
});
