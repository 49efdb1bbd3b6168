// What stands in for GNU find and GNU tar on hosts that have busybox: a listing by stat, and tar in parts. See [Note: Busybox hosts].
import { AppError } from '../../domain/app-error';
import type { ManifestEntry } from '../../domain/snapshot-manifest';
import type { BytePath } from '../../domain/snapshot-ports';
import type { Prune } from '../../domain/source-rules';
import { become, listedDepth, named, pruned } from './remote-commands';
import { sh } from './shell-quote';

/*
 * [Note: Busybox hosts] busybox's find knows no -printf, and its tar no list of names. The listing is made by `stat -c` with the name twice, each time followed by what no
 * path can hold (`//`), so that names with line ends stay exact; the second time a link is followed by its target, whose length the size tells. Times are
 * those of `%y`: parts of a second where stat knows them. The archive comes as one tar for each handful of names; a tar that fails ends the command, because what
 * would follow an archive cut short could not be told from its content. Where GNU tar and dd open without waiting, busybox's look at a name and then open it as a file: a named
 * pipe that takes its place in that very moment keeps them waiting, and the pace that is asked of a host ends the fetch (`remote_stalled`). Of a device no more is taken than was listed.
 */

/** `xargs -s`: below the 128 KiB that every system takes. */
const argumentBytes = 98_000;

const statFormat = '%f %u %g %s %b %i %h %d|%y|%z|%n//%N//';

const listed = `stat -c ${sh(statFormat)} --`;

/** Every entry below a directory; of pruned directories only themselves. */
export const busyboxManifestCommand = (directory: string, prune: readonly Prune[]): string =>
  named('manifest-stat', [directory, ...prune.map(({ kind, text }) => `${kind}:${text}`)], `cd -- ${sh(directory)} && export LC_ALL=C TZ=UTC0 && exec find . ${listedDepth} -xdev ${pruned(prune)}-exec ${listed} {} +`);

/** What the names of the `./name` list on stdin are now. */
export const busyboxStatCommand = (directory: string): string =>
  named('stat-stat', [directory], `cd -- ${sh(directory)} && export LC_ALL=C TZ=UTC0 && exec xargs -0 -r -s ${argumentBytes} ${listed}`);

/** Tar archives, one after another, of the `./name` list on stdin. */
export const busyboxDeltaCommand = (directory: string, lowPriority: boolean): string =>
  named('delta-parts', [directory], `cd -- ${sh(directory)} && { export LC_ALL=C; ${become(`xargs -0 -r -s ${argumentBytes} sh -c 'tar cf - -- "$@" || exit 255' sh`, lowPriority)}; }`);

const untrusted = (): AppError => new AppError('remote_untrusted', 'The instance sent a listing that cannot be right: a record is not well formed.', { detail: 'stat' });

/** File types as `stat` numbers them, as find letters. */
const letters = new Map([[0o100000, 'f'], [0o040000, 'd'], [0o120000, 'l'], [0o010000, 'p'], [0o140000, 's'], [0o020000, 'c'], [0o060000, 'b']]);

const instant = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d{1,9})? \+0000$/;

/** `%y` in UTC as epoch seconds with fractions, as find writes them. */
const seconds = (text: string): string => {
  const [, day = '', time = '', fraction = '.0'] = instant.exec(text) ?? [];
  const whole = Date.parse(`${day}T${time}Z`) / 1000;
  if (!Number.isFinite(whole)) throw untrusted();
  return `${whole}${fraction.padEnd(11, '0')}`;
};

const head = /^([0-9a-f]{1,8}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (\d{1,15}) (\d{1,20}) (\d{1,15}) (\d{1,20})\|([^|\n]{1,40})\|([^|\n]{1,40})\|/;

/** How close to the listing a change may lie so that another in the same second would not show, seconds. */
const settling = 2;

/** A file whose times are whole seconds and which changed just before the listing is marked, so that the next capture fetches it again. `now` is the host's, NaN when not known. */
export const unsettled = (entry: ManifestEntry, now: number): ManifestEntry =>
  entry.type === 'f' && !/\.\d*[1-9]/.test(entry.ctime) && !(Number(entry.ctime) < now - settling) ? { ...entry, ctime: '0' } : entry;

/** The longest record: attributes, a path twice, a link's target. */
const mostRecord = 3 * 4096 + 512;

/** Turns the output of `stat` into find's records: attributes, target, path, each with a NUL. */
export class StatRecords {
  private rest = '';

  /** What is complete of it. Throws `remote_untrusted`. */
  push(chunk: Uint8Array): Buffer {
    this.rest += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    const records: string[] = [];
    let at = 0;
    for (let next = this.record(at); next !== null; next = this.record(at)) {
      records.push(next.text);
      at = next.end;
    }
    this.rest = this.rest.slice(at);
    if (this.rest.length > mostRecord) throw untrusted();
    return Buffer.from(records.join(''), 'latin1');
  }

  /** Throws when the last record is cut off. */
  end(): void {
    if (this.rest !== '') throw untrusted();
  }

  private record(at: number): { readonly text: string; readonly end: number } | null {
    const { rest } = this;
    const bar = rest.slice(at, at + 400);
    const found = head.exec(bar);
    if (found === null) {
      if (bar.length === 400 || bar.includes('\n')) throw untrusted();
      return null;
    }
    const [all, mode = '', uid, gid, size = '', blocks, inode, links, device, modified = '', changed = ''] = found;
    const nameEnd = rest.indexOf('//', at + all.length);
    if (nameEnd === -1) return null;
    const name: BytePath = rest.slice(at + all.length, nameEnd);
    const bits = Number.parseInt(mode, 16);
    const type = letters.get(bits & 0o170000) ?? 'U';
    const again = type === 'l' ? `'${name}' -> '` : name;
    const target = type === 'l' ? Number(size) : 0;
    const end = nameEnd + 2 + again.length + target + (type === 'l' ? 1 : 0) + 3;
    if (target > 4096) throw untrusted();
    if (rest.length < end) return null;
    const from = nameEnd + 2 + again.length;
    if (!rest.startsWith(again, nameEnd + 2) || rest.slice(from + target, end) !== `${type === 'l' ? "'" : ''}//\n`) throw untrusted();
    const times = [seconds(modified), seconds(changed)];
    const path = name === '.' ? '' : name.startsWith('./') ? name.slice(2) : name;
    const meta = [type, (bits & 0o7777).toString(8), uid, gid, size, blocks, ...times, inode, links, device].join('\t');
    return { text: `${meta}\0${rest.slice(from, from + target)}\0${path}\0`, end };
  }
}
