// Tests of the table of flags: every form of a value, which source wins, and each one-line refusal.
import { describe, expect, it } from 'vitest';
import { flagTable, helpText, parseFlags } from './flags.mjs';

const none = { demo: false, headless: false, hidden: false, electron: undefined, port: undefined, dataDir: undefined, vastUrl: undefined, restic: undefined, beforeSnapshot: undefined, afterSnapshot: undefined, help: false };

describe('parseFlags', () => {
  it('gives plain defaults when nothing is asked for', () => {
    expect(parseFlags([], {})).toEqual({ ok: true, flags: none });
  });

  it('reads every flag with a space and with an equals sign', () => {
    const spaced = ['--demo', '--headless', '--electron', 'registry', '--port', '0', '--data-dir', 'x y', '--vast-url', 'http://127.0.0.1:9/', '--restic', '/r', '--help'];
    const joined = ['--demo', '--headless', '--electron=registry', '--port=0', '--data-dir=x y', '--vast-url=http://127.0.0.1:9/', '--restic=/r', '--help'];
    const flags = { ...none, demo: true, headless: true, electron: 'registry', port: 0, dataDir: 'x y', vastUrl: 'http://127.0.0.1:9', restic: '/r', help: true };
    expect(parseFlags(spaced, {})).toEqual({ ok: true, flags });
    expect(parseFlags(joined, {})).toEqual({ ok: true, flags });
  });

  it('reads every variable', () => {
    const env = { DUMONT_DEMO: '1', DUMONT_HEADLESS: 'true', DUMONT_ELECTRON: 'registry', DUMONT_PORT: '8767', DUMONT_DATA_DIR: '/d', DUMONT_VAST_URL: 'https://host/api', DUMONT_RESTIC: '/r' };
    expect(parseFlags([], env)).toEqual({
      ok: true,
      flags: { ...none, demo: true, headless: true, electron: 'registry', port: 8767, dataDir: '/d', vastUrl: 'https://host/api', restic: '/r' },
    });
  });

  it('lets a flag beat its variable and counts an empty variable as not set', () => {
    expect(parseFlags(['--port', '1'], { DUMONT_PORT: '2', DUMONT_DEMO: '', DUMONT_DATA_DIR: '' })).toEqual({ ok: true, flags: { ...none, port: 1 } });
    expect(parseFlags([], { DUMONT_DEMO: '0' })).toEqual({ ok: true, flags: none });
  });

  it.each([
    [['--nope'], 'Unknown flag --nope'],
    [['--nope=3'], 'Unknown flag --nope'],
    [['-x'], 'Unknown flag -x'],
    [['stray'], 'Unexpected argument "stray"'],
    [['--demo=1'], '--demo takes no value'],
    [['--port'], '--port needs a value'],
    [['--port', '--demo'], '--port needs a value'],
    [['--port='], '--port needs a value'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535'],
    [['--port', '-1'], '--port must be a whole number'],
    [['--port', '1e3'], '--port must be a whole number'],
    [['--electron', '45'], '--electron can only be "registry"'],
    [['--vast-url', 'host'], '--vast-url must be an address'],
    [['--vast-url', 'file:///x'], '--vast-url must be an address'],
    [['--vast-url', 'https://u:p@host'], '--vast-url must not carry'],
    [['--vast-url', 'http://example.com'], '--vast-url must be https unless'],
    [['--vast-url', 'http://127.0.0.1.example.com'], '--vast-url must be https unless'],
    [['--no-sandbox'], 'Unknown flag --no-sandbox'],
  ])('refuses %j in one line', (argv, message) => {
    const result = parseFlags(argv, {});
    expect(result).toEqual({ ok: false, message: expect.stringContaining(message) as unknown });
    expect(JSON.stringify(result)).not.toContain('\\n');
  });

  it('names the variable that is wrong', () => {
    expect(parseFlags([], { DUMONT_PORT: 'x' })).toEqual({ ok: false, message: expect.stringMatching(/^DUMONT_PORT must be/) as unknown });
    expect(parseFlags([], { DUMONT_DEMO: 'maybe' })).toEqual({ ok: false, message: expect.stringMatching(/^DUMONT_DEMO must be/) as unknown });
  });

  it('lets switches of Electron and Chromium pass in Electron, and still refuses others', () => {
    const argv = ['--no-sandbox', '--inspect=0', '--remote-debugging-port=0', '--demo', '--ozone-platform-hint=auto', '--disable-gpu', 'dumont://instance/7', '/tmp/a b.dumont-schedule', 'file:///tmp/x.Dumont-Schedule'];
    expect(parseFlags(argv, {}, { electron: true })).toEqual({ ok: true, flags: { ...none, demo: true } });
    expect(parseFlags(['--demmo'], {}, { electron: true }).ok).toBe(false);
    for (const word of ['stray', 'x.dumont-schedule.txt', '--x.dumont-schedule']) expect(parseFlags([word], {}, { electron: true }).ok).toBe(false);
    expect(parseFlags(['x.dumont-schedule'], {}).ok).toBe(false);
  });
});

describe('helpText', () => {
  it('names every flag and its variable', () => {
    const text = helpText('npm start --');
    for (const row of flagTable) expect(text).toContain(row.name);
    for (const row of flagTable.filter((one) => one.env !== undefined)) expect(text).toContain(`[${row.env}]`);
  });
});
