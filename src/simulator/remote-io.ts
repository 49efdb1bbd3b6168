// The three streams of a remote command, with backpressure, independent of SSH.

/** What a remote command reads and writes. */
export interface RemoteIo {
  readonly stdin: AsyncIterable<Buffer>;
  /** Resolves when more may be written; rejects when the caller is gone. */
  stdout(part: Buffer): Promise<void>;
  stderr(text: string): void;
}

const mostListedName = 65_536;

/** The NUL-terminated names of a stream. Throws RangeError for one that is unreasonably long. */
export async function* nulNames(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    let data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = data.indexOf(0); end !== -1; end = data.indexOf(0)) {
      if (end > 0) yield Buffer.from(data.subarray(0, end));
      data = data.subarray(end + 1);
    }
    if (data.length > mostListedName) throw new RangeError('a name is too long');
    rest = data;
  }
  if (rest.length > 0) yield Buffer.from(rest);
}

/** A path's bytes for a message. */
export const shownName = (name: Buffer): string => name.toString('utf8').replaceAll(/\p{Cc}/gu, '?');
