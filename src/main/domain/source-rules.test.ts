import { describe, expect, it } from 'vitest';
import { sourceOptions } from '../../contract/sources';
import type { ManifestEntry } from './snapshot-manifest';
import { EntryFilter, ignoreLimits, readIgnoreFile, SourceRules } from './source-rules';

const entry = (path: string, type = 'f', size = 1): ManifestEntry => ({
  path, type, mode: 0o644, uid: 0, gid: 0, size, blocks: 8, mtime: '1', ctime: '1', inode: '1', links: 1, device: '1', target: '', nudge: 0, sha256: '',
});

const tree = [
  entry('', 'd'), entry('a.py'), entry('a.tmp', 'f', 5), entry('app', 'd'), entry('app/__pycache__', 'd'), entry('app/__pycache__/a.pyc', 'f', 7), entry('app/run.sock', 's'), entry('.cache', 'd'), entry('.cache/pip', 'd'),
  entry('.cache/pip/wheel', 'f', 100), entry('.hf_home', 'd'), entry('.hf_home/token'), entry('.hf_home/hub', 'd'), entry('.hf_home/hub/blob', 'f', 1000), entry('miniconda3', 'd'), entry('miniconda3/pkgs', 'd'),
  entry('miniconda3/pkgs/x'), entry('web', 'd'), entry('web/node_modules', 'd'), entry('web/node_modules/keep', 'f', 3), entry('web/.git', 'd'), entry('web/.git/objects', 'd'), entry('web/.git/objects/ab', 'f', 9), entry('big', 'f', 1e6),
];
const filtered = async (options: object, ignore = '') => {
  const all = sourceOptions.parse(options);
  const rules = new SourceRules(all, readIgnoreFile(ignore).patterns);
  const filter = new EntryFilter(rules, all);
  const entries = tree.filter((entry) => filter.keeps(entry));
  return { rules, entries, leftOut: filter.leftOut(), large: filter.large };
};
const paths = (entries: readonly ManifestEntry[]): string[] => entries.map((one) => one.path);

describe('the presets', () => {
  it('leave out what is cached elsewhere, but not tokens and not .git/objects', async () => {
    const { entries, leftOut } = await filtered({});
    expect(paths(entries)).toEqual(['', 'a.py', 'a.tmp', 'app', '.cache', '.hf_home', '.hf_home/token', 'miniconda3', 'web', 'web/.git', 'web/.git/objects', 'web/.git/objects/ab', 'big']);
    expect(leftOut).toEqual([
      { reason: 'pycache', files: 1, directories: 1, bytes: 7 }, { reason: 'sockets', files: 1, directories: 0, bytes: 0 }, { reason: 'pip', files: 1, directories: 1, bytes: 100 },
      { reason: 'huggingface', files: 1, directories: 1, bytes: 1000 }, { reason: 'conda', files: 1, directories: 1, bytes: 1 }, { reason: 'node_modules', files: 1, directories: 1, bytes: 3 },
    ]);
  });

  it('can each be switched', async () => {
    const off = Object.fromEntries(['pip', 'conda', 'huggingface', 'pycache', 'node_modules', 'sockets', 'git_objects'].map((name) => [name, false]));
    expect((await filtered({ presets: off })).entries).toHaveLength(tree.length);
    expect(paths((await filtered({ presets: { ...off, git_objects: true } })).entries)).not.toContain('web/.git/objects/ab');
  });
});

describe('own patterns, .dumontignore and the size limit', () => {
  it('come after the presets, own ones last, and may bring back', async () => {
    const { entries, leftOut, large } = await filtered({ exclude: ['!web/node_modules/', '!a.tmp'], max_file_bytes: 1000 }, '*.tmp\r\nbig\n# comment\n/app/\n');
    expect(paths(entries)).toContain('web/node_modules/keep');
    expect(paths(entries)).toContain('a.tmp');
    expect(paths(entries)).not.toContain('app');
    expect(leftOut.find(({ reason }) => reason === 'patterns')).toMatchObject({ files: 1, directories: 1 });
    expect(large).toEqual([]);
    expect((await filtered({ max_file_bytes: 999 })).large).toEqual(['big']);
    expect(paths((await filtered({ ignore_file: false }, 'big')).entries)).toContain('big');
  });

  it('cannot bring back what lies in a directory that is left out, as git cannot', async () => {
    expect(paths((await filtered({ exclude: ['!web/node_modules/keep'] })).entries)).not.toContain('web/node_modules/keep');
  });
});

describe('what the host need not enter', () => {
  it('is what is plain', () => {
    const rules = (options: object): SourceRules => new SourceRules(sourceOptions.parse(options));
    const presetsOff = { pip: false, conda: false, huggingface: false, pycache: false, node_modules: false };
    expect(rules({ presets: { ...presetsOff, pycache: true, pip: true } }).prune()).toEqual([{ kind: 'tail', text: '.cache/pip' }, { kind: 'tail', text: '.cache/uv' }, { kind: 'name', text: '__pycache__' }]);
    expect(rules({ presets: presetsOff, exclude: ['data/', '/out/x/', '*.log', 'é', 'a*/'] }).prune()).toEqual([{ kind: 'name', text: 'data' }, { kind: 'path', text: 'out/x' }]);
    expect(rules({ exclude: ['data/', '!x/data/'] }).prune()).toEqual([]);
  });
});

describe('.dumontignore of a stranger', () => {
  it('is taken within limits', () => {
    expect(readIgnoreFile(`\u00ef\u00bb\u00bfa\n\n${'x'.repeat(501)}\nb`)).toMatchObject({ ignored: 1, patterns: [{}, {}] });
    expect(readIgnoreFile(Array.from({ length: 1500 }, (_, index) => `n${index}`).join('\n'))).toMatchObject({ ignored: 500, patterns: { length: ignoreLimits.patterns } });
    expect(readIgnoreFile(Array.from({ length: 500 }, (_, index) => `*n${100 + index}*`).join('\n'))).toMatchObject({ ignored: 167 });
  });

  it('that asks for too much work ends the capture', () => {
    const hard = readIgnoreFile(Array.from({ length: 4 }, () => `${'*a'.repeat(240)}b`).join('\n')).patterns;
    const rules = new SourceRules(sourceOptions.parse({}), hard, 20e6);
    const judge = (): void => {
      for (let index = 0; index < 100; index += 1) rules.judge(entry('a'.repeat(250)));
    };
    expect(judge).toThrow(expect.objectContaining({ code: 'source_too_large' }) as Error);
  });
});
