import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { paced, within } from './ssh-pace';

/** Parts of so many bytes, so many milliseconds apart. */
async function* parts(...list: readonly (readonly [bytes: number, after: number])[]): AsyncGenerator<Buffer> {
  for (const [bytes, after] of list) {
    await new Promise((resolve) => setTimeout(resolve, after));
    yield Buffer.alloc(bytes);
  }
}

const read = async (stream: AsyncIterable<Buffer>, own = 0): Promise<number> => {
  let total = 0;
  for await (const part of paced(stream, () => ({ phase: 'fetch', pace: { bytes: 100, ms: 200 } }))) {
    total += part.length;
    if (own > 0) await new Promise((resolve) => setTimeout(resolve, own));
  }
  return total;
};

describe('the pace of a host', () => {
  it('is kept by one that sends enough, however long it takes', async () => {
    expect(await read(parts(...Array.from({ length: 8 }, () => [100, 60] as const)))).toBe(800);
  });

  it('is not kept by one that sends nothing, or only trickles', async () => {
    const error = { code: 'remote_stalled', data: { phase: 'fetch', waited_s: 0 } };
    await expect(read(parts([1, 5000]))).rejects.toMatchObject(error);
    await expect(read(parts(...Array.from({ length: 50 }, () => [10, 50] as const)))).rejects.toMatchObject(error);
  });

  it('does not count what the reader takes for itself', async () => {
    expect(await read(parts([10, 1], [10, 1], [10, 1]), 150)).toBe(30);
  });

  it('lets go of a stream that is read no further', async () => {
    const stream = Readable.from(parts([100, 1], [100, 1], [100, 1]), { objectMode: false });
    for await (const part of paced(stream, () => ({ phase: 'fetch', pace: { bytes: 100, ms: 1000 } }))) if (part.length > 0) break;
    await expect.poll(() => stream.destroyed).toBe(true);
  });

  it('lets a promise end in time, or says so', async () => {
    expect(await within(Promise.resolve(1), 1000, 'restore')).toBe(1);
    await expect(within(new Promise(() => undefined), 20, 'restore')).rejects.toMatchObject({ code: 'remote_stalled', data: { phase: 'restore' } });
  });
});
