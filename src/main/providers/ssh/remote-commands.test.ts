import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManifestReader, type ManifestEntry } from '../../domain/snapshot-manifest';
import { deltaCommand, manifestCommand, probeCommand, restoreCommand, statCommand } from './remote-commands';

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
    expect(manifestCommand("/it's").startsWith(`: dumont-v1 manifest ${quoted}; cd -- ${quoted} && LC_ALL=C exec find . -xdev -printf '`)).toBe(true);
    expect(deltaCommand('/w', { nice: true, ionice: true })).toBe(": dumont-v1 delta '/w'; cd -- '/w' && export LC_ALL=C && exec ionice -c3 nice -n 10 tar --format=gnu --null --no-recursion -cf - -T -");
    expect(restoreCommand('/w')).toBe(": dumont-v1 restore '/w'; mkdir -p -- '/w' && cd -- '/w' && LC_ALL=C exec tar --numeric-owner -xpf -");
  });

  for (const shell of ['sh', 'bash']) {
    it(`do what they say in ${shell}`, () => {
      const probe = execFileSync(shell, ['-c', probeCommand(odd)], { encoding: 'utf8' });
      expect(probe).toMatch(/^uname=Linux\ntar=gnu\nfind=gnu\nnice=yes\nionice=yes\nxargs=yes\nstat=no\ndig=yes\ndir=yes\nnow=\d+\nhome=/);
      const entries: ManifestEntry[] = [];
      const manifest = new ManifestReader((entry) => void entries.push(entry));
      manifest.push(execFileSync(shell, ['-c', manifestCommand(odd)]));
      manifest.end();
      expect(entries.map((entry) => [entry.type, entry.path, entry.size > 0])).toEqual([['d', '', true], ['f', '-n "x"', true]]);
      const found: ManifestEntry[] = [];
      const stat = new ManifestReader((entry) => void found.push(entry), true);
      const asked = spawnSync(shell, ['-c', statCommand(odd)], { input: './-n "x"\0./gone\0' });
      stat.push(asked.stdout);
      stat.end();
      expect(asked.status).toBe(123);
      expect(found).toEqual([entries[1]]);
      const tar = execFileSync(shell, ['-c', deltaCommand(odd, { nice: false, ionice: false })], { input: './-n "x"\0' });
      const target = path.join(folder, `to ${shell}`);
      execFileSync(shell, ['-c', restoreCommand(target)], { input: tar });
      expect(execFileSync('cat', ['--', path.join(target, '-n "x"')], { encoding: 'utf8' })).toBe('hello');
    });
  }

  it('a folder that is not there gives no entry and a failure', () => {
    const result = spawnSync('sh', ['-c', manifestCommand('/no/such')]);
    expect(result.stdout).toHaveLength(0);
    expect(result.status).not.toBe(0);
  });
});
