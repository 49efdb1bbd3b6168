import { expect, test } from 'vitest';
import { addressOf, crumbsOf, keyOf, keysOfResults, parentOf, rootKey } from './address';

const base64 = (bytes: readonly number[]): string => btoa(String.fromCodePoint(...bytes));

test('a path has one key, whichever form it came in', () => {
  expect(keyOf({ path: 'a/b', path64: null })).toBe('t:a/b');
  expect(addressOf('t:a/b')).toEqual({ path: 'a/b' });
  expect(addressOf(keyOf({ path: null, path64: 'Yv8=' }))).toEqual({ path64: 'Yv8=' });
  expect(addressOf('nonsense')).toEqual({ path: '' });
});

test('the way up ends at the root, also from names that are no text', () => {
  expect(parentOf('t:a/é/c')).toBe('t:a/é');
  expect(parentOf('t:a')).toBe(rootKey);
  expect(parentOf(rootKey)).toBe(rootKey);
  expect(parentOf(`b:${base64([0x61, 0x2f, 0xff])}`)).toBe('t:a');
  expect(parentOf(`b:${base64([0xff, 0x2f, 0x61])}`)).toBe(`b:${base64([0xff])}`);
  expect(parentOf('b:***')).toBe(rootKey);
});

test('the way down names every folder', () => {
  expect(crumbsOf(rootKey)).toEqual([]);
  expect(crumbsOf('t:runs/7/é')).toEqual([{ key: 't:runs', name: 'runs' }, { key: 't:runs/7', name: '7' }, { key: 't:runs/7/é', name: 'é' }]);
  expect(crumbsOf(`b:${base64([0x61, 0x2f, 0xff, 0x2f, 0x62])}`).map(({ name }) => name)).toEqual(['a', '\ufffd', 'b']);
});

test('results keep their keys when a newer snapshot has them, and those of one path in several instances are apart', () => {
  const found = (path: string, snapshot_id: string) => ({ path, path64: null, snapshot_id });
  const keys = (...results: readonly ReturnType<typeof found>[]): string[] => keysOfResults(results).map(([key]) => key);
  const before = keys(found('a', '1'), found('b', '1'), found('a', '2'));
  expect(new Set(before).size).toBe(3);
  expect(keys(found('a', '3'), found('b', '3'), found('a', '2'))).toEqual(before);
});
