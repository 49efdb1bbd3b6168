// Which row follows which snapshot that another program rewrote.
import { expect, it } from 'vitest';
import { aSnapshot } from '../../../test/suites/support/store-rows';
import { followed } from './snapshot-follow';
import type { RepositorySnapshot } from './snapshot-ports';
import type { SnapshotRow } from './store-port';

const id = (digit: string): string => digit.repeat(64);
const row = (digit: string, more: Partial<SnapshotRow> = {}): SnapshotRow => ({ ...aSnapshot('ana', id(digit)), tree: 'tree', ...more });
const own = `op:${row('a').operationId}`;
const lying = (...all: readonly (readonly [digit: string, original: string | null, tree: string | null, ...tags: readonly string[]])[]) => ({
  ids: new Set(all.map(([digit]) => id(digit))),
  details: new Map(all.map(([digit, original, tree, ...tags]) => [id(digit), { id: id(digit), original: original === null ? null : id(original), tree, tags: tags as readonly string[] } as RepositorySnapshot])),
});
const follow = (rows: readonly SnapshotRow[], contents: ReturnType<typeof lying>) => [...followed(rows, contents)].map(([from, to]) => `${from[0] ?? ''}${to[0] ?? ''}`);

it.each<readonly [string, readonly SnapshotRow[], ReturnType<typeof lying>, readonly string[]]>([
  ['the same tree, its id is the original', [row('a')], lying(['b', 'a', 'tree']), ['ab']],
  ['the same original: rewritten before', [row('b', { original: id('a') })], lying(['c', 'a', 'tree']), ['bc']],
  ['another tree', [row('a')], lying(['b', 'a', 'other']), []],
  ['a tree that is not known, on either side', [row('a', { tree: null }), row('c')], lying(['b', 'a', 'tree'], ['d', 'c', null]), []],
  ['it is still there', [row('a')], lying(['a', null, 'tree'], ['b', 'a', 'tree']), []],
  ['the same tree, but of another', [row('a')], lying(['b', 'f', 'tree'], ['c', null, 'tree']), []],
  ['one is given to one row only', [row('a'), row('b', { original: id('a') })], lying(['c', 'a', 'tree']), ['ac']],
  ['twice since anybody looked: the same tree, and the tag of its own operation', [row('a')], lying(['c', 'b', 'tree', 'new', own]), ['ac']],
  ['twice, and the contents changed', [row('a')], lying(['c', 'b', 'other', own]), []],
  ['twice, of another operation', [row('a')], lying(['c', 'b', 'tree', 'op:another']), []],
  ['twice, its tree not known', [row('a', { tree: null })], lying(['c', 'b', null, own]), []],
  ['the same tree and tag, but never rewritten', [row('a')], lying(['c', null, 'tree', own]), []],
  ['twice, with several that could be it', [row('a')], lying(['c', 'b', 'tree', own], ['d', 'b', 'tree', own]), []],
  ['several that could be it, and one that says so', [row('a')], lying(['c', 'b', 'tree', own], ['d', 'a', 'tree', own]), ['ad']],
  ['one that another row is the original of', [row('a'), row('e')], lying(['c', 'e', 'tree', own]), ['ec']],
  ['one that a row knows', [row('a'), row('b')], lying(['b', 'a', 'tree']), []],
])('%s', (_what, rows, contents, expected) => {
  expect(follow(rows, contents)).toEqual(expected);
});
