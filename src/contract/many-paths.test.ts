// How many paths a caller may name at once.
import { expect, test } from 'vitest';
import { mostPaths } from './common';
import { restoreSnapshot } from './snapshots';

test('fifty thousand paths at once, and no more', () => {
  const body = (count: number) => ({ snapshot_id: 'a'.repeat(64), folder: 'x', paths: [...Array(count).keys()].map((at) => `f/${at}`) });
  expect(mostPaths).toBe(50_000);
  expect(restoreSnapshot.safeParse(body(mostPaths)).success).toBe(true);
  expect(restoreSnapshot.safeParse(body(mostPaths + 1)).error?.issues).toMatchObject([{ code: 'too_big', path: ['paths'] }]);
});
