// The end of what a child writes to a stream, bounded: its last words say why it ended.
import type { Readable } from 'node:stream';

/** Keeps about the last `most` bytes (whole parts, at least one) and gives them when asked. */
export function keepTail(stream: Readable, most: number): () => Buffer {
  const parts: Buffer[] = [];
  let kept = 0;
  stream.on('data', (part: Buffer) => {
    parts.push(part);
    kept += part.length;
    while (kept > most && parts.length > 1) kept -= parts.shift()?.length ?? 0;
  });
  return () => Buffer.concat(parts).subarray(-most);
}
