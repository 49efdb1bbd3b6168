// What a start reads of its surroundings: folders per system, the demo's own world, ports, and what is refused.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultDataFolder, defaultPort, readConfig, vastUrl, type AppConfig, type Surroundings } from './config';

const here: Surroundings = { argv: [], env: {}, platform: 'linux', home: '/home/ana', workingFolder: '/somewhere', desktop: false };

function config(change: Partial<Surroundings>): AppConfig {
  const read = readConfig({ ...here, ...change });
  if (read.kind !== 'config') throw new Error(JSON.stringify(read));
  return read.config;
}

describe('the data folder', () => {
  test.each([
    ['linux', {}, '/home/ana', '/home/ana/.local/share/dumont-cloud'],
    ['linux', { XDG_DATA_HOME: '/data' }, '/home/ana', '/data/dumont-cloud'],
    ['linux', { XDG_DATA_HOME: 'not/absolute' }, '/home/ana', '/home/ana/.local/share/dumont-cloud'],
    ['darwin', {}, '/Users/ana', '/Users/ana/Library/Application Support/Dumont Cloud'],
    ['win32', { LOCALAPPDATA: 'C:\\Users\\ana\\AppData\\Local' }, 'C:\\Users\\ana', 'C:\\Users\\ana\\AppData\\Local\\Dumont Cloud'],
    ['win32', {}, 'C:\\Users\\ana', 'C:\\Users\\ana\\AppData\\Local\\Dumont Cloud'],
  ] as const)('%s %j', (platform, env, home, folder) => {
    expect(defaultDataFolder({ platform, env, home })).toBe(folder);
  });

  test('asked for, it is relative to where the command was given', () => {
    expect(config({ argv: ['--data-dir', 'here'] }).dataFolder).toBe('/somewhere/here');
    expect(config({ env: { DUMONT_DATA_DIR: '/there' } }).dataFolder).toBe('/there');
  });

  test.each([[[]], [['--data-dir', '/there']]])('of the demo is never that of real data: %j', (argv) => {
    const [real, demo] = [config({ argv }), config({ argv: [...argv, '--demo'] })];
    expect(demo.dataFolder).not.toBe(real.dataFolder);
    expect([real.vastUrl, demo.vastUrl]).toEqual([vastUrl, null]);
  });
});

test('headless always listens, the desktop when asked', () => {
  expect([config({}).port, config({ argv: ['--port', '0'] }).port]).toEqual([defaultPort, 0]);
  expect([config({ desktop: true }).port, config({ desktop: true, argv: ['--port', '9000'] }).port]).toEqual([null, 9000]);
});

test('the files of the app are found from wherever this runs', () => {
  const { files, version } = config({});
  expect(existsSync(path.join(path.dirname(path.dirname(files.renderer)), 'package.json'))).toBe(true);
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
});

test('what cannot be is one line', () => {
  expect(readConfig({ ...here, argv: ['--nonsense'] })).toEqual({ kind: 'wrong', message: expect.stringMatching(/^[^\n]*--nonsense[^\n]*$/) as string });
  expect(readConfig({ ...here, argv: ['--demo', '--vast-url', 'http://127.0.0.1:1'] })).toMatchObject({ kind: 'wrong' });
  expect(readConfig({ ...here, argv: ['--help'] })).toMatchObject({ kind: 'help' });
});

test('the check of a rehearsal is taken as it is', () => {
  expect([config({ argv: ['--rehearsal-command', 'python3 check.py'] }).rehearsalCommand, config({}).rehearsalCommand]).toEqual(['python3 check.py', null]);
});

test('the restic of a flag is absolute', () => {
  expect([config({ argv: ['--restic', 'bin/restic'] }).resticPath, config({}).resticPath]).toEqual(['/somewhere/bin/restic', null]);
});
