// Tar bytes that an honest host never sends: building blocks, and the corpus of attacks that suites run against the reader.
import { blockSize, paddingOf, tarEnd, tarHeader, type TarEntry } from '../../src/main/domain/snapshot-tar';

/** What every attack is sent in answer to: these names and sizes were asked for. */
export const asked: readonly { readonly path: string; readonly size: number }[] = [
  { path: 'a', size: 5 },
  { path: 'sub/b', size: 700 },
  { path: `sub/${'long'.repeat(50)}`, size: 3 },
];

/** Whole seconds of every entry. */
export const mtime = 1_700_000_000;

const base: TarEntry = { name: './a', type: '0', mode: 0o644, uid: 0, gid: 0, size: 0, mtime: String(mtime) };

/** Sets the check sum of a header block to what its bytes say. */
export const sealed = (block: Buffer): Buffer => {
  block.fill(0x20, 148, 156);
  const sum = block.subarray(0, blockSize).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
};

/** One header block; every field may lie. `size` as text fills the field as it is. */
export const header = (fields: { readonly name?: string; readonly type?: string; readonly size?: number | string; readonly linkName?: string; readonly mode?: number; readonly prefix?: string } = {}): Buffer => {
  const block = tarHeader({ ...base, mode: fields.mode ?? base.mode, size: typeof fields.size === 'number' ? fields.size : 0 });
  block.fill(0, 0, 100).write((fields.name ?? './a').slice(0, 100), 0, 'latin1');
  block.write(fields.type ?? '0', 156, 'latin1');
  if (fields.linkName !== undefined) block.write(fields.linkName.slice(0, 100), 157, 'latin1');
  if (typeof fields.size === 'string') block.fill(0, 124, 136).write(fields.size, 124, 'latin1');
  if (fields.prefix !== undefined) {
    block.write('ustar\x0000', 257, 'latin1');
    block.write(fields.prefix, 345, 'latin1');
  }
  return sealed(block);
};

/** Content filled up to whole blocks. */
export const padded = (content: Buffer): Buffer => Buffer.concat([content, Buffer.alloc(paddingOf(content.length))]);

/** A regular file as GNU tar sends it. */
export const file = (name: string, content: Buffer | string, more: Partial<TarEntry> = {}): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([tarHeader({ ...base, name, size: bytes.length, ...more }), padded(bytes)]);
};

/** An extended header of any type; `size` may lie. */
export const extended = (type: string, content: Buffer, size = content.length): Buffer => Buffer.concat([header({ name: '././@LongLink', type, size }), padded(content)]);

/** GNU's long name before an entry. */
export const longName = (name: string, type = 'L'): Buffer => extended(type, Buffer.from(`${name}\0`, 'latin1'));

/** Pax records with right lengths. */
export const pax = (records: Readonly<Record<string, string>>, type = 'x'): Buffer => {
  const lines = Object.entries(records).map(([key, value]) => {
    const body = ` ${key}=${value}\n`;
    let length = body.length;
    while (String(length).length + body.length !== length) length = String(length).length + body.length;
    return `${length}${body}`;
  });
  return extended(type, Buffer.from(lines.join(''), 'latin1'));
};

/** What an honest host answers. */
export const honest = (): Buffer => Buffer.concat(asked.map((one) => file(`./${one.path}`, 'x'.repeat(one.size))));

/** An archive with its end. */
export const ended = (body: Buffer): Buffer => Buffer.concat([body, tarEnd(body.length)]);

/** Names that lead out of a folder, or to where writing does harm. */
export const escapes: readonly string[] = [
  '../x', './../x', './a/../../x', './sub/../../canary/x', '..', '.', './', './.', './..', '/etc/passwd', '//etc/passwd', '/', './/etc/passwd', './/a', './a/', './/a', './sub//b', './sub/./b', './sub/../a', 'a', 'sub/b', '~/.ssh/authorized_keys',
  './link/x', './a/x', 'C:\\x', './..\\..\\x', './a\\..\\x', '\\\\host\\share\\x', './x.txt:ads', './CON', './trailing.', './space ', './A', './SUB/b', './sub/b\u0301', './-rf', '--checkpoint-action=exec=sh', './\u001b]0;owned\u0007', './\u202egpj.sh', './\n', '', ' ', './a ',
];

/** One attack: its bytes, and what the reader must say. */
export interface Attack {
  readonly name: string;
  readonly bytes: Buffer;
  readonly code: 'remote_untrusted' | 'connection_cut';
}

const attack = (name: string, body: Buffer, code: Attack['code'] = 'remote_untrusted', whole = true): Attack => ({ name, bytes: whole ? ended(body) : body, code });

const linkTypes = { hardlink: '1', 'symbolic link': '2', 'character device': '3', 'block device': '4', directory: '5', FIFO: '6', 'contiguous file': '7', 'GNU sparse file': 'S', 'GNU dump directory': 'D', 'GNU multi-volume rest': 'M', 'GNU volume name': 'V', 'GNU long link': 'K', 'global pax header': 'g', 'Solaris pax header': 'X', 'vendor entry': 'Z' };

const named = (): Attack[] => escapes.flatMap((name) => [
  attack(`the name ${JSON.stringify(name)} in a header`, file(name, 'owned')),
  ...(name === '' ? [] : [attack(`the name ${JSON.stringify(name)} as a GNU long name`, Buffer.concat([longName(name), file('./a', 'owned')])), attack(`the name ${JSON.stringify(name)} in a pax record`, Buffer.concat([pax({ path: name }), file('./a', 'owned')]))]),
]);

/** What a file may have become since it was listed: only a file under the same name after it is an attack. */
const ordinary = new Set(['2', '3', '4', '5', '6']);

const typed = (): Attack[] => Object.entries(linkTypes).flatMap(([what, type]) => [
  attack(`a ${what} under a name that was asked for`, ordinary.has(type) ? Buffer.concat([header({ type, linkName: '/etc/passwd' }), file('./a', 'hello')]) : header({ type, linkName: '/etc/passwd' })),
  attack(`a ${what} to the outside, then a file through it`, Buffer.concat([header({ name: './sub', type, linkName: '../../canary' }), file('./sub/b', 'x'.repeat(700))])),
]);

const sizes = (): Attack[] => [
  attack('a size of 100 GB', Buffer.concat([header({ size: 100_000_000_000 }), Buffer.alloc(blockSize, 1)])),
  attack('a size of 100 GB in a pax record', Buffer.concat([pax({ size: '100000000000' }), file('./a', 'hello')])),
  attack('a negative size', header({ size: '-0000000001' })),
  attack('a negative size in base 256', header({ size: Buffer.alloc(12, 0xff).toString('latin1') })),
  attack('a size beyond any number', header({ size: `\u0080${'\u007f'.repeat(11)}` })),
  attack('a size that is no number', header({ size: 'NaN' })),
  attack('a pax size that is no number', Buffer.concat([pax({ size: '5e3' }), file('./a', 'hello')])),
  attack('a negative pax size', Buffer.concat([pax({ size: '-5' }), file('./a', 'hello')])),
  attack('an empty pax size', Buffer.concat([pax({ size: '' }), file('./a', 'hello')])),
  attack('a size smaller than its content', Buffer.concat([header({ size: 1 }), padded(Buffer.from('x'.repeat(600)))])),
  attack('a size larger than what comes', Buffer.concat([header({ size: 5_000_000 }), padded(Buffer.from('hello'))]), 'connection_cut'),
  attack('a sparse file by pax records', Buffer.concat([pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '10995116277760', 'GNU.sparse.name': './a', path: './GNUSparseFile.0/a' }), file('./a', 'hello')])),
];

const doubled = (): Attack[] => [
  attack('the same file twice', Buffer.concat([file('./a', 'hello'), file('./a', 'again')])),
  attack('the same file twice, once by a long name', Buffer.concat([file('./a', 'hello'), longName('./a'), file('./sub/b', 'again')])),
  attack('a file that was not asked for', Buffer.concat([file('./a', 'hello'), file('./authorized_keys', 'ssh-ed25519')])),
  attack('a file below a file', Buffer.concat([file('./a', 'hello'), file('./a/b', 'hello')])),
  attack('a sidecar of its own', file('./.dumont-manifest.v1.jsonl.gz', 'forged')),
];

const described = (): Attack[] => [
  attack('a long name of 100 MB', Buffer.concat([header({ name: '././@LongLink', type: 'L', size: 100_000_000 }), Buffer.alloc(blockSize, 0x61)])),
  attack('a pax header of 8 GB', Buffer.concat([header({ type: 'x', size: 0o77777777777 }), Buffer.alloc(blockSize, 0x61)])),
  attack('a long name without content', Buffer.concat([header({ type: 'L', size: 0 }), file('./a', 'hello')])),
  attack('two long names for one entry', Buffer.concat([longName('./a'), longName('./a'), file('./a', 'hello')])),
  attack('two pax headers for one entry', Buffer.concat([pax({ mtime: '1' }), pax({ mtime: '2' }), file('./a', 'hello')])),
  attack('an endless chain of long names', Buffer.concat(Array.from({ length: 1000 }, () => longName('./a')))),
  attack('pax records that end early', Buffer.concat([extended('x', Buffer.from('99 path=./a\n')), file('./a', 'hello')])),
  attack('pax records of length 0', Buffer.concat([extended('x', Buffer.from('0 path=./a\n')), file('./a', 'hello')])),
  attack('pax records of negative length', Buffer.concat([extended('x', Buffer.from('-5 path=./a\n')), file('./a', 'hello')])),
  attack('pax records without an end of line', Buffer.concat([extended('x', Buffer.from('11 path=./ab')), file('./a', 'hello')])),
  attack('a pax header before the end only', pax({ path: './a' }), 'connection_cut', false),
  attack('a long name that hides its end', Buffer.concat([longName('./a\0/../../x'), file('../x', 'owned'), file('./a', 'hello')])),
  attack('a prefix that leads out', header({ name: 'x', prefix: '..' })),
];

const broken = (): Attack[] => [
  attack('noise', Buffer.alloc(4096, 0x41)),
  attack('a page of HTML', padded(Buffer.from('<html><script>alert(1)</script></html>'.repeat(20)))),
  attack('gzip', padded(Buffer.from('1f8b0800000000000003', 'hex'))),
  attack('a forged success', padded(Buffer.from('SNAPSHOT COMPLETE id=deadbeef\n{"level":"info","src":"local"}\n'.repeat(10)))),
  attack('a wrong check sum', Buffer.concat([Buffer.from('X'), header().subarray(1)])),
  attack('an empty block inside', Buffer.concat([file('./a', 'hello'), Buffer.alloc(blockSize), file('./sub/b', 'x'.repeat(700))])),
  attack('data after the end', Buffer.concat([ended(file('./a', 'hello')), file('./sub/b', 'x'.repeat(700))])),
  attack('endless zeros after the end', Buffer.concat([ended(file('./a', 'hello')), Buffer.alloc(3 * 1024 * 1024)])),
  attack('nothing', Buffer.alloc(0), 'connection_cut', false),
  attack('half a header', header().subarray(0, 300), 'connection_cut', false),
  attack('an archive without an end', honest(), 'connection_cut', false),
  attack('an archive with half an end', Buffer.concat([honest(), Buffer.alloc(blockSize)]), 'connection_cut', false),
  ...[1, 50, 99.99].map((part) => {
    const whole = ended(honest());
    return attack(`an archive cut at ${part} %`, whole.subarray(0, Math.max(1, Math.floor(((whole.length - 2 * blockSize - 7_000) * part) / 100))), 'connection_cut', false);
  }),
];

/** Every attack on the reader (SEC-20 to SEC-22). None may end well. */
export const attacks = (): readonly Attack[] => [...named(), ...typed(), ...sizes(), ...doubled(), ...described(), ...broken()];
