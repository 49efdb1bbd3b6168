import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runRemote } from './remote-commands';
import { parseRemote } from './remote-parse';
import { padding, tarEnd, tarHeader, type TarEntry } from './tar-write';

let root: string;
let workspace: string;
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'sim-remote-')), 'root');
  workspace = join(root, 'workspace');
  mkdirSync(join(workspace, 'sub', 'skip'), { recursive: true });
  writeFileSync(join(workspace, 'a b.txt'), 'hello');
  writeFileSync(join(workspace, 'sub', 'c'), Buffer.alloc(300_000, 5));
  writeFileSync(join(workspace, 'sub', 'skip', 'd'), 'skipped');
  linkSync(join(workspace, 'sub', 'c'), join(workspace, 'same'));
  symlinkSync('/usr/bin/python3', join(workspace, 'python'));
  execFileSync('mkfifo', [join(workspace, 'pipe')]);
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: Buffer;
  readonly err: string;
}

const run = async (line: string, input: readonly Buffer[] = [], onWrite: (total: number) => void = () => {}): Promise<Ran> => {
  const out: Buffer[] = [];
  let err = '';
  async function* stdin(): AsyncGenerator<Buffer> {
    yield* input;
  }
  const code = await runRemote(root, line, {
    stdin: stdin(),
    stdout: async (part) => {
      out.push(Buffer.from(part));
      onWrite(out.reduce((sum, item) => sum + item.length, 0));
    },
    stderr: (text) => {
      err += text;
    },
  });
  return { code, out: Buffer.concat(out), err };
};

const names = (...list: readonly string[]): readonly Buffer[] => [Buffer.from(list.map((name) => `${name}\0`).join(''))];

const printf = '%y\\t%m\\t0\\t0\\t%s\\t%b\\t%T@\\t%C@\\t%i\\t%n\\t%D\\0%l\\0%P\\0';
const records = (bytes: Buffer): readonly string[] => {
  const parts = bytes.toString('latin1').split('\0');
  expect(parts.pop()).toBe('');
  return Array.from({ length: parts.length / 3 }, (_, index) => parts.slice(index * 3, index * 3 + 3).join('|')).toSorted();
};

describe('parsing', () => {
  test.each([
    [": dumont-v1 probe '/workspace'; uname", { name: 'probe', args: ['/workspace'] }],
    [": dumont-v1 manifest '/a b' 'it'\\''s; ok' 'x'; cd", { name: 'manifest', args: ['/a b', "it's; ok", 'x'] }],
    [": dumont-v1 stat ''; x", { name: 'stat', args: [''] }],
  ])('%s', (line, command) => {
    expect(parseRemote(line)).toEqual(command);
  });
  test.each(['ls', '', ': dumont-v1', ": dumont-v2 probe '/x';", ": dumont-v1 probe '/x", ": dumont-v1 probe $HOME; x", ": dumont-v1 probe `id`; x", ": dumont-v1 probe '/x' && id; x"])('%s is none of ours', (line) => {
    expect(parseRemote(line)).toBeNull();
  });
});

describe('manifest and stat', () => {
  test('print exactly what the real find prints', async () => {
    const { code, out } = await run(": dumont-v1 manifest '/workspace'; cd");
    const real = execFileSync('find', ['.', '-xdev', '-printf', printf], { cwd: workspace, env: { ...process.env, LC_ALL: 'C' } });
    expect(code).toBe(0);
    expect(records(out)).toEqual(records(real));
  });

  test('pruned directories are shown without what is in them, as the real find does it', async () => {
    const { out } = await run(": dumont-v1 manifest '/workspace' 'path:sub/skip' 'name:nothing' 'tail:b/skip'; cd");
    const real = execFileSync('find', ['.', '-xdev', '-type', 'd', '-path', './sub/skip', '-prune', '-printf', printf, '-o', '-printf', printf], { cwd: workspace, env: { ...process.env, LC_ALL: 'C' } });
    expect(records(out)).toEqual(records(real));
    expect(records(out).some((record) => record.endsWith('|sub/skip'))).toBe(true);
  });

  test('the probe ends with the beginning of .dumontignore', async () => {
    writeFileSync(join(workspace, '.dumontignore'), Buffer.concat([Buffer.from([0xff, 0x0a]), Buffer.alloc(70_000, 0x78)]));
    const { out } = await run(": dumont-v1 probe '/workspace'; x");
    expect(out.toString('latin1')).toContain('\nhome=/root\nignore:\n\u00ff\nxxx');
    expect(out.length).toBeLessThan(66_000);
  });

  test('what holds a connection says that it is there, and ends with its stdin', async () => {
    expect(await run(': dumont-v1 hold; echo; cat > /dev/null', [Buffer.from('nobody reads this')])).toEqual({ code: 0, out: Buffer.from('\n'), err: '' });
  });

  test('a survey is the probe and the listing, unless a .dumontignore comes first', async () => {
    const withoutClock = (out: Buffer): string => out.toString('latin1').replace(/now=\d+/, '');
    const probe = await run(": dumont-v1 probe '/workspace/sub'; x");
    const listing = await run(": dumont-v1 manifest '/workspace/sub' 'name:x'; x");
    expect(withoutClock((await run(": dumont-v1 survey '/workspace/sub' 'name:x'; x")).out)).toBe(`${withoutClock(probe.out)}listing:\n${listing.out.toString('latin1')}`);
    writeFileSync(join(workspace, '.dumontignore'), 'sub\n');
    expect(withoutClock((await run(": dumont-v1 survey '/workspace'; x")).out)).toBe(withoutClock((await run(": dumont-v1 probe '/workspace'; x")).out));
    expect(withoutClock((await run(": dumont-v1 survey '/nope'; x")).out)).toBe(withoutClock((await run(": dumont-v1 probe '/nope'; x")).out));
  });

  test('a missing directory is exit code 1 and a line', async () => {
    expect(await run(": dumont-v1 manifest '/nope'; cd")).toMatchObject({ code: 1, err: "sh: 1: cd: can't cd to /nope\n" });
  });

  test('stat lists the named ones and complains of missing ones', async () => {
    const { code, out, err } = await run(": dumont-v1 stat '/workspace'; cd", names('./a b.txt', './nope', './sub'));
    const real = execFileSync('find', ['.', '-xdev', '-printf', printf], { cwd: workspace });
    expect(code).toBe(123);
    expect(err).toContain('nope');
    expect(records(out)).toEqual(records(real).filter((record) => /\|(?:a b\.txt|sub)$/.test(record)));
  });

  test('probe tells whether the directory is there', async () => {
    expect((await run(": dumont-v1 probe '/workspace'; x")).out.toString().replace(/now=\d+/, 'now=0')).toBe('uname=Linux\ntar=gnu\nfind=gnu\nnice=yes\nionice=yes\nxargs=yes\nstat=no\ndig=yes\ndir=yes\nnow=0\nhome=/root\n');
    expect((await run(": dumont-v1 probe '/other'; x")).out.toString()).toContain('dir=no');
    expect((await run(": dumont-v1 probe '/workspace/a b.txt'; x")).out.toString()).toContain('dir=no');
  });
});

describe('delta', () => {
  test('sends what the real tar sends, byte by byte but for owners', async () => {
    const list = ['./a b.txt', './sub/c', './same', './python', './sub'];
    const { code, out, err } = await run(": dumont-v1 delta '/workspace'; cd", names(...list));
    const real = execFileSync('tar', ['--format=gnu', '--owner=root:0', '--group=root:0', '--null', '--no-recursion', '-cf', '-', '-T', '-'], {
      cwd: workspace, input: names(...list)[0], maxBuffer: 1e8,
    });
    expect([code, err]).toEqual([0, '']);
    expect(out.equals(real)).toBe(true);
  });

  test('missing files are told and the rest is sent, exit code 2', async () => {
    const { code, out, err } = await run(": dumont-v1 delta '/workspace'; cd", names('./nope', './a b.txt/x', './a b.txt'));
    expect(code).toBe(2);
    expect(err).toContain('tar: ./nope: Cannot stat: No such file or directory\n');
    expect(execFileSync('tar', ['-tf', '-'], { input: out }).toString()).toBe('./a b.txt\n');
  });

  test('a file that shrinks while it is read keeps its announced size, exit code 1', async () => {
    const { code, out, err } = await run(": dumont-v1 delta '/workspace'; cd", names('./sub/c'), (total) => {
      if (total > 0) truncateSync(join(workspace, 'sub', 'c'), 100);
    });
    expect(code).toBe(1);
    expect(err).toMatch(/tar: \.\/sub\/c: File shrank by \d+ bytes; padding with zeros/);
    expect(execFileSync('tar', ['-tvf', '-'], { input: out }).toString()).toContain('300000');
  });

  test('names that climb or start at the top are refused, and links in the middle stay inside', async () => {
    symlinkSync('/', join(workspace, 'top'));
    const { code, out } = await run(": dumont-v1 delta '/workspace'; cd", names('../../etc/passwd', '/etc/passwd', './top/etc/passwd'));
    expect(code).toBe(2);
    expect(out.every((byte) => byte === 0)).toBe(true);
  });
});

describe('rest', () => {
  test('sends a file from a block on, and nothing of what is no file of the tree', async () => {
    const content = Buffer.from(Array.from({ length: 2_200_000 }, (_, at) => at % 251));
    writeFileSync(join(workspace, 'large'), content);
    symlinkSync('large', join(workspace, 'link'));
    const { code, out } = await run(": dumont-v1 rest '/workspace' '2'; cd", names('./large'));
    expect([code, out.equals(content.subarray(2_097_152))]).toEqual([0, true]);
    expect(await run(": dumont-v1 rest '/workspace' '3'; cd", names('./large'))).toMatchObject({ code: 0, out: Buffer.alloc(0) });
    for (const name of ['./link', './nope', '../../etc/passwd']) expect(await run(": dumont-v1 rest '/workspace' '0'; cd", names(name))).toMatchObject({ code: 123, out: Buffer.alloc(0) });
  });
});

describe('restore', () => {
  test('unpacks what the real tar packed: modes, times, links', async () => {
    const packed = execFileSync('tar', ['-cf', '-', '--exclude=pipe', '-C', workspace, '.'], { maxBuffer: 1e8 });
    const { code, err } = await run(": dumont-v1 restore '/workspace/back/here'; x", [packed]);
    expect([code, err]).toEqual([0, '']);
    const shape = (folder: string): string => execFileSync('find', ['.', '!', '-name', 'pipe', '-printf', '%P %y %m %s %n %l %Ts\n'], { cwd: folder }).toString().split('\n').toSorted().join('\n');
    const other = mkdtempSync(join(tmpdir(), 'sim-real-'));
    spawnSync('tar', ['-xpf', '-', '-C', other], { input: packed });
    expect(shape(join(workspace, 'back', 'here'))).toBe(shape(other));
    rmSync(other, { recursive: true });
    expect(readlinkSync(join(workspace, 'back', 'here', 'python'))).toBe('/usr/bin/python3');
  });

  test('files, links and folders get their times to the microsecond', async () => {
    const at = join(workspace, 'timed');
    const times = ['481840883.368', '1700000000.000001', '1700000000.999999', '1700000000.1234569', '4294967295.999999', '-1.25', '0.000001', ...Array.from({ length: 60 }, (_, index) => `17${String(index * 1_431_655).padStart(8, '0')}.${String((index * 7919) % 1_000_000).padStart(6, '0')}`)];
    mkdirSync(at);
    for (const [index, time] of times.entries()) {
      const made = join(at, String(index));
      if (index % 3 === 0) writeFileSync(made, 'x');
      else if (index % 3 === 1) symlinkSync('x', made);
      else mkdirSync(made);
      execFileSync('touch', ['-h', '-d', `@${time}`, made]);
    }
    const packed = execFileSync('tar', ['--format=pax', '-cf', '-', '-C', at, '.']);
    expect(await run(": dumont-v1 restore '/workspace/timed-again'; x", [packed])).toMatchObject({ code: 0, err: '' });
    const shown = (folder: string): readonly string[] => times.map((_, index) => String(lstatSync(join(folder, String(index)), { bigint: true }).mtimeNs / 1000n));
    expect(shown(join(workspace, 'timed-again'))).toEqual(shown(at));
  });

  const crafted = (...entries: readonly (readonly [Partial<Omit<TarEntry, 'name'>> & { name: string; link?: string }, string?])[]): Buffer => {
    const body = Buffer.concat(
      entries.flatMap(([head, text = '']) => {
        const entry = { type: '0', mode: 0o644, uid: 0, gid: 0, mtime: 1, ...head, name: Buffer.from(head.name), size: text.length, ...(head.link === undefined ? {} : { linkName: Buffer.from(head.link) }) } as TarEntry;
        return [tarHeader(entry), Buffer.from(text), padding(text.length)];
      }),
    );
    return Buffer.concat([body, tarEnd(body.length)]);
  };
  const outside = (): readonly string[] => readdirSync(join(root, '..')).toSorted();

  test.each([['../../../evil'], ['/evil'], ['./x/../../../evil']])('%s is refused', async (name) => {
    const { code, err } = await run(": dumont-v1 restore '/workspace'; x", [crafted([{ name }, 'x'])]);
    expect(code).toBe(2);
    expect(err).toContain('Only relative names');
    expect(outside()).toEqual(['root']);
  });

  test('writing through a link that was just unpacked stays inside the tree', async () => {
    const target = join(root, '..', 'victim');
    mkdirSync(target);
    const { code } = await run(": dumont-v1 restore '/workspace'; x", [crafted([{ name: './out', type: '2', link: target }], [{ name: './out/pwned' }, 'x'], [{ name: './up', type: '2', link: '../../victim' }], [{ name: './up/pwned' }, 'x'])]);
    expect(readdirSync(target)).toEqual([]);
    expect(code).toBe(0);
    expect(existsSync(join(root, target, 'pwned'))).toBe(true);
    expect(existsSync(join(root, 'victim', 'pwned'))).toBe(true);
  });

  test('a file in the place of a link replaces the link, not its target', async () => {
    const victim = join(root, '..', 'victim');
    writeFileSync(victim, 'untouched');
    symlinkSync(victim, join(workspace, 'linked'));
    const { code } = await run(": dumont-v1 restore '/workspace'; x", [crafted([{ name: './linked' }, 'new'])]);
    expect(code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('untouched');
    expect(lstatSync(join(workspace, 'linked')).isFile()).toBe(true);
  });

  test('a hard link to something outside cannot be made', async () => {
    writeFileSync(join(root, '..', 'victim'), 'x');
    const { code } = await run(": dumont-v1 restore '/workspace'; x", [crafted([{ name: './h', type: '1', link: '../../victim' }])]);
    expect(code).toBe(2);
    expect(existsSync(join(workspace, 'h'))).toBe(false);
  });

  test('a cut stream is an error', async () => {
    const { code, err } = await run(": dumont-v1 restore '/workspace'; x", [crafted([{ name: './a' }, 'x'.repeat(2000)]).subarray(0, 1000)]);
    expect(code).toBe(2);
    expect(err).toContain('Unexpected EOF in archive');
  });
});

test.each(['ls -l /', 'rm -rf /', '', ": dumont-v1 shell '/workspace'; x", ": dumont-v1 probe 'relative'; x"])('anything else (%s) finds no shell', async (line) => {
  expect(await run(line)).toMatchObject({ code: 127, err: 'this simulated host has no shell\n' });
});
