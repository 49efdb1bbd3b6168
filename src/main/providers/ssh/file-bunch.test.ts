import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileBunch, type BunchedFile } from './file-bunch';

const files = fc.array(
  fc.record({ place: fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), bytes: fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)), mtime: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  { maxLength: 60 },
);

describe('a bunch of files', () => {
  it('gives back what was put into it, for as long as it has room', () => {
    fc.assert(
      fc.property(files, (all) => {
        const bunch = new FileBunch();
        const taken: BunchedFile[] = [];
        for (const file of all) {
          if (!bunch.hasRoom(file.place, file.bytes.length)) break;
          bunch.add(file);
          taken.push(file);
        }
        const posted = structuredClone(bunch.posted());
        const read = [...FileBunch.of(posted).files()].map((file) => ({ ...file, bytes: Buffer.from(file.bytes) }));
        expect(read).toEqual(taken);
      }),
    );
  });

  it('takes a file that fits an empty one, and no larger one', () => {
    const most = 131_072 - 16 - 3;
    expect([FileBunch.takes('a', most), FileBunch.takes('a', most + 1)]).toEqual([true, false]);
    const bunch = new FileBunch();
    bunch.add({ place: 'a', bytes: Buffer.alloc(most, 'x'), mtime: 1 });
    expect([...bunch.files()].map(({ bytes }) => bytes.length)).toEqual([most]);
    expect(bunch.hasRoom('b', 0)).toBe(false);
  });

  it('is empty again in memory that was used before', () => {
    const bunch = new FileBunch();
    bunch.add({ place: 'a', bytes: Buffer.from('content'), mtime: 1 });
    expect([...new FileBunch(bunch.posted().memory).files()]).toEqual([]);
  });
});
