import { lstatSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeTempDir } from '../../../../test/support/temp-dir';
import { timeForUtimes } from './file-time';

test('a file shows the microsecond it is to have, whatever number stands for it', () => {
  const folder = makeTempDir('dumont-time');
  const file = folder.at('file');
  writeFileSync(file, '');
  // The last ones are of every age at which numbers have gaps of their own, and lie on both edges of a microsecond.
  const named = ['481840883.368', '1700000000', '1700000000.999999', '1700000000.9999999990', '0', '0.0000001', '-1', '-1.2', '-1.75', '-5.000001', '4294967295.9999999999', '1700000000.000001000'];
  const many = Array.from({ length: 3000 }, (_, index) => `${(index * 1_431_655) % 4_294_967_296}.${String((index * 7919) % 1_000_000).padStart(6, '0')}${['000', '001', '500', '999'][index % 4]}`);
  const wrong = [...named, ...many].filter((mtime) => {
    utimesSync(file, timeForUtimes(mtime), timeForUtimes(mtime));
    const [seconds = '', fraction = ''] = mtime.split('.');
    const shown = lstatSync(file, { bigint: true }).mtimeNs / 1000n;
    return shown !== BigInt(seconds + fraction.slice(0, 6).padEnd(6, '0'));
  });
  folder.remove();
  expect(wrong).toEqual([]);
});
