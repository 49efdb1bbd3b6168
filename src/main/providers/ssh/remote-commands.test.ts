import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, lstatSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManifestReader, type ManifestEntry } from '../../domain/snapshot-manifest';
import { deltaCommand, listingEnd, manifestCommand, probeCommand, restCommand, restoreCommand, statCommand, surveyCommand } from './remote-commands';
import { SurveyText } from './remote-probe';

describe('remote commands', () => {
  let folder = '';
  let odd = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dumont-remote-'));
    odd = path.join(folder, "it's $(id) odd");
    mkdirSync(odd);
    writeFileSync(path.join(odd, '-n "x"'), 'hello');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('open with a statement that names them and quotes each argument', () => {
    const quoted = `'/it'\\''s'`;
    expect(probeCommand("/it's")).toMatch(/^: dumont-v1 probe '\/it'\\''s'; /);
    expect(manifestCommand("/it's").startsWith(`: dumont-v1 manifest ${quoted}; cd -- ${quoted} && { set -- find . -maxdepth 129 -xdev -printf '`)).toBe(true);
    expect(deltaCommand('/w', false)).toBe(": dumont-v1 delta '/w'; cd -- '/w' && { export LC_ALL=C; set -- tar --format=gnu --hard-dereference --null --no-recursion -cf - -T -; exec \"$@\"; }");
    expect(restoreCommand('/w')).toBe(": dumont-v1 restore '/w'; mkdir -p -- '/w' && cd -- '/w' && LC_ALL=C exec tar --numeric-owner -xpf -");
  });

  for (const shell of ['sh', 'bash']) {
    it(`do what they say in ${shell}`, () => {
      const probe = execFileSync(shell, ['-c', probeCommand(odd)], { encoding: 'utf8' });
      expect(probe).toMatch(/^uname=Linux\ntar=gnu\nfind=gnu\nxargs=yes\nstat=no\ndig=yes\ndir=yes\nnow=\d+\nhome=/);
      const entries: ManifestEntry[] = [];
      const manifest = new ManifestReader((entry) => void entries.push(entry));
      manifest.push(execFileSync(shell, ['-c', manifestCommand(odd)]));
      manifest.end();
      expect(entries.map((entry) => [entry.type, entry.path, entry.size > 0])).toEqual([['d', '', true], ['f', '-n "x"', true]]);
      const found: ManifestEntry[] = [];
      const stat = new ManifestReader((entry) => void found.push(entry), { dotted: true });
      const asked = spawnSync(shell, ['-c', statCommand(odd)], { input: './-n "x"\0./gone\0' });
      stat.push(asked.stdout);
      stat.end();
      expect(asked.status).toBe(123);
      expect(found).toEqual([entries[1]]);
      const tar = execFileSync(shell, ['-c', deltaCommand(odd, true)], { input: './-n "x"\0' });
      const target = path.join(folder, `to ${shell}`);
      execFileSync(shell, ['-c', restoreCommand(target)], { input: tar });
      expect(execFileSync('cat', ['--', path.join(target, '-n "x"')], { encoding: 'utf8' })).toBe('hello');
    });
  }

  it.each(['sh', 'bash'])('the rest of a file comes from a block on in %s, and nothing of a link or of what is not there', (shell) => {
    const content = Buffer.from(Array.from({ length: 2_200_000 }, (_, at) => at % 251));
    const place = path.join(folder, 'rest');
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    writeFileSync(path.join(place, "-it's\n$(id)"), content);
    symlinkSync("-it's\n$(id)", path.join(place, 'link'));
    const rest = (name: string, blocks: number): { status: number | null; stdout: Buffer } => spawnSync(shell, ['-c', restCommand(place, blocks, true)], { input: `./${name}\0`, maxBuffer: 1e7 });
    expect(restCommand('/w', 5, false)).toMatch(/^: dumont-v1 rest '\/w' '5'; cd -- '\/w' && /);
    for (const blocks of [0, 1, 2]) expect(rest("-it's\n$(id)", blocks).stdout.equals(content.subarray(blocks * 1_048_576))).toBe(true);
    expect(rest("-it's\n$(id)", 3).stdout).toHaveLength(0);
    for (const name of ['link', 'gone', '.']) expect(rest(name, 0)).toMatchObject({ status: 123, stdout: Buffer.alloc(0) });
  });

  it('are polite to what else runs there where that is asked for and can be', () => {
    const bin = path.join(folder, 'polite');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'tar'), '#!/bin/sh\nPATH=/usr/bin:/bin\nnice\n', { mode: 0o755 });
    const niceness = (lowPriority: boolean, search: string): number => Number(spawnSync('/bin/sh', ['-c', deltaCommand(odd, lowPriority)], { env: { PATH: search }, encoding: 'utf8' }).stdout);
    const own = Number(execFileSync('nice', { encoding: 'utf8' }));
    expect([niceness(true, `${bin}:/usr/bin:/bin`), niceness(false, `${bin}:/usr/bin:/bin`), niceness(true, bin)]).toEqual([Math.min(19, own + 10), own, own]);
  });

  it('the rest of a file that becomes a pipe or a link once it was looked at: nothing, and nobody waits', () => {
    const place = path.join(folder, 'turning');
    const bin = path.join(folder, 'bin');
    for (const one of [place, bin]) mkdirSync(one);
    writeFileSync(path.join(folder, 'other'), 'not of this name');
    for (const turn of ['mkfifo file', 'ln -s ../other file']) {
      rmSync(path.join(place, 'file'), { force: true });
      writeFileSync(path.join(place, 'file'), 'content');
      // It is looked at right before dd is started.
      writeFileSync(path.join(bin, 'dd'), `#!/bin/sh\nPATH=/usr/bin:/bin\ncase "$*" in *if=*) rm -f file; ${turn};; esac\nexec dd "$@"\n`, { mode: 0o755 });
      const said = spawnSync('sh', ['-c', restCommand(place, 0, false)], { input: './file\0', env: { PATH: `${bin}:/usr/bin:/bin` }, timeout: 20_000 });
      // One that waits after all is let go.
      if (said.error !== undefined) closeSync(openSync(path.join(place, 'file'), constants.O_WRONLY | constants.O_NONBLOCK));
      expect([turn, said.error, said.stdout.toString()]).toEqual([turn, undefined, '']);
      expect(lstatSync(path.join(place, 'file')).isFile()).toBe(false);
    }
  });

  const surveyed = (directory: string, names = '', shell = 'sh'): { text: string; listing: Buffer; inPieces: string } => {
    const { stdout: said } = spawnSync(shell, ['-c', surveyCommand(directory, [], true)], { input: names });
    const parts: Buffer[] = [];
    const whole = new SurveyText(1000, (chunk) => void parts.push(chunk));
    whole.push(said);
    const pieces = new SurveyText(1000, (chunk) => void parts.push(chunk));
    for (const byte of said) pieces.push(Buffer.from([byte]));
    expect(Buffer.concat(parts.slice(1)).equals(parts[0] ?? Buffer.alloc(0))).toBe(true);
    return { text: whole.text, listing: parts[0] ?? Buffer.alloc(0), inPieces: pieces.text };
  };

  it.each(['sh', 'bash'])('a survey is a probe, the listing and a fetch in one, in whatever pieces it comes, in %s', (shell) => {
    const { text, listing, inPieces } = surveyed(odd, './-n "x"\0', shell);
    expect(text.replace(/now=\d+/, '')).toBe(execFileSync('sh', ['-c', probeCommand(odd)], { encoding: 'utf8' }).replace(/now=\d+/, ''));
    expect(inPieces).toBe(text);
    const manifest = execFileSync('sh', ['-c', manifestCommand(odd)]);
    const end = manifest.length + `${listingEnd}\0\0\0`.length;
    expect(listing.subarray(0, end).equals(Buffer.concat([manifest, Buffer.from(`${listingEnd}\0\0\0`)]))).toBe(true);
    expect(listing.subarray(end).equals(execFileSync('sh', ['-c', deltaCommand(odd, true)], { input: './-n "x"\0' }))).toBe(true);
  });

  it('a survey ends with its listing, and the code of find, where find could not look everywhere, or where there is no GNU tar', () => {
    const bin = path.join(folder, 'troubled');
    mkdirSync(bin);
    const program = (name: string, text: string): void => writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const run = (): { status: number | null; stdout: Buffer } => spawnSync('sh', ['-c', surveyCommand(odd, [], true)], { input: './-n "x"\0', env: { ...process.env, PATH: `${bin}:${process.env.PATH ?? ''}` } });
    const manifest = execFileSync('sh', ['-c', manifestCommand(odd)]);
    program('find', '/usr/bin/find "$@"; exit 1');
    const troubled = run();
    expect([troubled.status, troubled.stdout.subarray(-manifest.length).equals(manifest)]).toEqual([1, true]);
    rmSync(path.join(bin, 'find'));
    program('tar', 'echo other');
    const without = run();
    expect([without.status, without.stdout.subarray(-manifest.length).equals(manifest)]).toEqual([0, true]);
  });

  it('a survey lists nothing where a .dumontignore comes first, whatever that says, or where there is no folder', () => {
    const own = path.join(folder, 'own');
    mkdirSync(own);
    writeFileSync(path.join(own, '.dumontignore'), 'a\nlisting:\nb\n');
    expect(surveyed(own)).toMatchObject({ text: expect.stringMatching(/\nignore:\na\nlisting:\nb\n$/) as string, listing: Buffer.alloc(0) });
    expect(surveyed('/no/such')).toMatchObject({ text: expect.stringMatching(/\ndir=no\n/) as string, listing: Buffer.alloc(0) });
  });

  it('a survey that never comes to its listing is ended', () => {
    const answer = new SurveyText(1000, () => undefined);
    expect(() => {
      for (let at = 0; at < 200; at += 1) answer.push(Buffer.from('uname=Linux\n'));
    }).toThrow(expect.objectContaining({ code: 'remote_untrusted' }) as Error);
  });

  it('a folder that is not there gives no entry and a failure', () => {
    const result = spawnSync('sh', ['-c', manifestCommand('/no/such')]);
    expect(result.stdout).toHaveLength(0);
    expect(result.status).not.toBe(0);
  });
});
