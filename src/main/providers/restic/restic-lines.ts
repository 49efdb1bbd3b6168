// A tolerant decoder of restic's output lines: JSON of any version, or text that is only ever logged.
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import type { ReadItem } from '../../domain/snapshot-ports';

/** Items passed on at a time: few enough to be copied to a thread without holding anything up. */
const pieceLength = 500;

/** One line: JSON with its type, or text. */
export type ResticLine = { readonly kind: 'json'; readonly type: string; readonly value: Readonly<Record<string, unknown>> } | { readonly kind: 'text'; readonly text: string };

/** Decodes one line. What does not parse is text, never an error. */
export const decodeLine = (line: string): ResticLine => {
  // eslint-disable-next-line no-control-regex
  const text = line.includes('\u001b') || line.includes('\r') ? line.replaceAll(/\u001b\[[0-9;]*[A-Za-z]|\r/g, '') : line;
  if (!text.startsWith('{')) return { kind: 'text', text };
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const named = value.message_type ?? value.struct_type;
    // Before 0.16 the end of the scan says `status` too.
    const type = named === 'status' && value.action !== undefined ? 'verbose_status' : named;
    return { kind: 'json', type: typeof type === 'string' ? type : '', value };
  } catch {
    return { kind: 'text', text };
  }
};

/** Numbers that are left out mean 0; 0.14 overflows some. */
const count = z.number().min(0).max(Number.MAX_SAFE_INTEGER).catch(0).default(0);

/** Progress of `backup` and `restore`. */
export const statusSchema = z.object({ bytes_done: count, files_done: count, bytes_restored: count, files_restored: count });

export const summarySchema = z.object({
  files_new: count, files_changed: count, files_unmodified: count, data_added: count, total_files_processed: count, total_bytes_processed: count,
  snapshot_id: z.string().regex(/^[0-9a-f]{8,64}$/).optional(),
});

const errorSchema = z.object({ item: z.string().catch('').default(''), error: z.object({ message: z.string().optional() }).loose().nullable().catch(null).default(null) });

/** What a line of type `error` is about: the item, with the reason where there is one. */
export const errorText = (value: unknown): string => {
  const { item, error } = errorSchema.parse(value);
  return error?.message === undefined ? item : `${item}: ${error.message}`;
};

export const changeSchema = z.object({ path: z.string(), modifier: z.string() });

/** What a `verbose_status` line says of a file; null for directories and other things. By hand: there is one of every file. */
export const readItem = ({ action, item }: Readonly<Record<string, unknown>>): ReadItem | null =>
  typeof item !== 'string' || item.endsWith('/') || (action !== 'new' && action !== 'modified' && action !== 'unchanged') ? null : { path: item, read: action !== 'unchanged' };

/** Collects what is told one by one, and passes it on in pieces. */
export const inPieces = <Item>(take: ((items: readonly Item[]) => void) | undefined): { add(item: Item | null): void; end(): void } => {
  let held: Item[] = [];
  const pass = (): void => {
    if (held.length > 0) take?.(held);
    held = [];
  };
  return {
    add: (item) => {
      if (item === null || take === undefined) return;
      held.push(item);
      if (held.length === pieceLength) pass();
    },
    end: pass,
  };
};

export const snapshotsSchema = z.array(
  z.object({
    id: z.string().regex(/^[0-9a-f]{64}$/),
    time: z.string(),
    hostname: z.string().catch('').default(''),
    tags: z.array(z.string()).nullable().default([]),
    paths: z.array(z.string()).nullable().default([]),
    original: z.string().optional().catch(undefined),
    tree: z.string().optional().catch(undefined),
    summary: z.object({ total_files_processed: count, total_bytes_processed: count }).nullable().optional().catch(null),
  }),
);

export const lockSchema = z.object({ hostname: z.string(), username: z.string().catch('').default(''), pid: z.number().int(), time: z.string(), exclusive: z.boolean().catch(false).default(false) });

/** Between two looks at a stream of very many lines, milliseconds. */
const gatherFor = 8;
/** So much is waiting that the next look comes at once, bytes. */
const muchGathered = 65_536;

/**
 * A stream whose pieces gather before each is taken.
 *
 * restic writes every line by itself, and a reader that wakes at each of them takes as much of the computer as restic does: for 20,000 lines on a
 * busy computer 6,000 pieces and 0.6 s of a processor, looked at every 10 ms 190 pieces and 0.3 s.
 */
export async function* gathered(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    yield chunk;
    if (chunk.length < muchGathered) await setTimeout(gatherFor);
  }
}

/** Cuts a stream into lines without their ends, as many at a time as have come; a longer line than `most` bytes is an error. */
export async function* linesOf(stream: AsyncIterable<Buffer>, most = 256 * 1024 * 1024): AsyncGenerator<readonly string[]> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of stream) {
    const end = chunk.lastIndexOf(0x0a);
    if (end !== -1) {
      yield Buffer.concat([...parts, chunk.subarray(0, end)]).toString('utf8').split('\n');
      parts = [];
      held = 0;
    }
    parts.push(chunk.subarray(end + 1));
    held += chunk.length - end - 1;
    if (held > most) throw new Error('A line of restic is too long');
  }
  if (held > 0) yield [Buffer.concat(parts).toString('utf8')];
}
