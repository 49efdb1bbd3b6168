// Reads what a probe said: which tools the host has, what it lacks for a snapshot, and its `.dumontignore`. Pure.
import { AppError } from '../../domain/app-error';
import type { Probe } from '../../domain/snapshot-ports';
import { ignoreMark, listingMark } from './remote-commands';

export interface ReadProbe {
  readonly probe: Probe;
  /** Which tools are busybox's, and so are asked otherwise. See [Note: Busybox hosts]. */
  readonly busybox: { readonly tar: boolean; readonly find: boolean };
  /** The host's clock, epoch seconds; NaN when it did not say. */
  readonly now: number;
}

const known = (tool: string): boolean => tool === 'gnu' || tool === 'busybox';

/** Parts a survey: the text before the listing is kept, the listing is passed on as it comes. */
export class SurveyText {
  /** Latin1, without the listing. */
  text = '';
  private open = false;

  constructor(private readonly most: number, private readonly onListing: (chunk: Buffer) => void) {}

  /** The listing has begun. */
  get listing(): boolean {
    return this.open;
  }

  /** Throws `remote_untrusted` when there is more text than a probe may say. */
  push(chunk: Buffer): void {
    if (this.open) {
      this.onListing(chunk);
      return;
    }
    const before = this.text.length;
    this.text += chunk.toString('latin1');
    // What `.dumontignore` says is no mark, and after it no listing comes.
    const at = this.text.includes(`\n${ignoreMark}\n`) ? -1 : this.text.indexOf(`\n${listingMark}\n`);
    if (at !== -1) {
      const rest = chunk.subarray(at + listingMark.length + 2 - before);
      this.text = this.text.slice(0, at + 1);
      this.open = true;
      if (rest.length > 0) this.onListing(rest);
    }
    if (this.text.length > this.most) throw new AppError('remote_untrusted', 'The instance sent too much.', { detail: 'probe' });
  }
}

/** From the text (latin1) of a probe; `remote_tool_missing` when no shell answered. */
export const readProbe = (text: string): ReadProbe => {
  const at = text.indexOf(`\n${ignoreMark}\n`);
  const lines = (at === -1 ? text : text.slice(0, at)).split('\n').filter((line) => line.includes('='));
  const values = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).trim()]));
  if (!values.has('dir')) {
    throw new AppError('remote_tool_missing', 'The instance runs no commands over SSH, perhaps only SFTP; a snapshot needs a shell with find and tar.', { missing: ['sh'] });
  }
  const has = (name: string): boolean => values.get(name) === 'yes';
  const [tar, find] = [values.get('tar') ?? 'none', values.get('find') ?? 'none'];
  const missing = [
    ...(known(tar) ? [] : ['tar (GNU or busybox)']),
    ...(known(find) ? [] : ['find (GNU or busybox)']),
    ...(find === 'busybox' && !has('stat') ? ["busybox's stat with -c"] : []),
    ...(has('xargs') ? [] : ['xargs']),
  ];
  const ignoreFile = at === -1 ? null : text.slice(at + ignoreMark.length + 2);
  return {
    probe: { uname: values.get('uname') ?? '', tar, find, missing, dig: has('dig'), directory: has('dir'), ignoreFile },
    busybox: { tar: tar === 'busybox', find: find === 'busybox' },
    now: Number(values.get('now') ?? Number.NaN),
  };
};
