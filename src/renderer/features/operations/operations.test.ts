// The pure parts of operations: following, news, sorting, words of progress, cost of a question.
import { describe, expect, it } from 'vitest';
import type { LogLine, Operation } from '../../../contract/types';
import { formatters } from '../../ui/format';
import { sortOperations } from './page';
import { costSoFar } from './question';
import { notFollowed, reduceFollow } from './use-follow';
import { news } from './use-ended-notices';
import { amounts, phaseKey, secondsTaken, toneOf } from './words';

const operation = (change: Partial<Operation> = {}): Operation => ({
  id: 'a', kind: 'create', state: 'running', instance_id: 1, snapshot_id: null, title: 'box', progress: null, cancellable: true, asks: null, error: null, warnings: [], created_at: '2026-01-01T00:00:00Z', ended_at: null, ...change,
});
const line = (text: string): LogLine => ({ at: '2026-01-01T00:00:00Z', level: 'info', src: 'local', text });
const logOf = (...texts: string[]) => texts.map((text) => ({ type: 'log' as const, line: line(text) }));

describe('following', () => {
  it('keeps lines in order, and starts over when a new stream repeats them', () => {
    const first = reduceFollow(notFollowed, { type: 'events', fresh: true, events: [{ type: 'operation', operation: operation() }, ...logOf('1', '2')] });
    const second = reduceFollow(first, { type: 'events', fresh: false, events: logOf('3') });
    expect(second.log.map(({ text }) => text)).toEqual(['1', '2', '3']);
    const cut = reduceFollow(second, { type: 'failed', error: new Error('cut') });
    expect(cut.log).toHaveLength(3);
    expect(reduceFollow(cut, { type: 'events', fresh: true, events: logOf('1', '2', '3', '4') })).toMatchObject({ error: null, operation: { id: 'a' }, log: [{ text: '1' }, { text: '2' }, { text: '3' }, { text: '4' }] });
  });
  it('keeps the last 5,000 lines', () => {
    const many = reduceFollow(notFollowed, { type: 'events', fresh: true, events: logOf(...Array.from({ length: 5_200 }, (_, index) => String(index))) });
    expect([many.log.length, many.log[0]?.text, many.log.at(-1)?.text]).toEqual([5_000, '200', '5199']);
  });
});

describe('news', () => {
  it('is what ended or began to ask, and nothing that is seen first', () => {
    const seen = new Map([['a', { state: 'running' as const, asks: null }], ['b', { state: 'running' as const, asks: null }], ['c', { state: 'succeeded' as const, asks: null }]]);
    const { ended, asking } = news(seen, [operation({ id: 'a', state: 'failed' }), operation({ id: 'b', asks: 'still_loading' }), operation({ id: 'c', state: 'succeeded' }), operation({ id: 'd', state: 'failed' })]);
    expect(ended.map(({ id }) => id)).toEqual(['a']);
    expect(asking.map(({ id }) => id)).toEqual(['b']);
  });
});

describe('words and sums', () => {
  const words = { of: (done: string, total: string) => `${done} of ${total}`, files: (text: string) => `${text} files` };
  it('counts bytes and files', () => {
    const progress = { phase: 'fetch', bytes_done: 1_200_000, bytes_total: 3_000_000, files_done: 40, files_total: 812 };
    expect(amounts(progress, formatters('en'), words)).toBe('1.2 MB of 3 MB · 40 of 812 files');
    expect(amounts({ ...progress, bytes_total: null, files_total: null }, formatters('en'), words)).toBe('1.2 MB · 40 files');
    expect(amounts({ ...progress, bytes_done: 0, bytes_total: null, files_done: 0, files_total: null }, formatters('en'), words)).toBe('');
  });
  it('knows phases, and has a word for others', () => expect([phaseKey('fetch'), phaseKey('novel')]).toEqual(['fetch', 'other']));
  it('warns when it asks', () => expect([toneOf({ state: 'running', asks: 'still_loading' }), toneOf({ state: 'running', asks: null }), toneOf({ state: 'failed', asks: null })]).toEqual(['warn', 'busy', 'bad']));
  it('says what it has cost so far', () => expect(costSoFar({ created_at: '2026-01-01T00:00:00Z', ended_at: null }, { cost_per_hour: 0.6 }, Date.parse('2026-01-01T00:30:00Z'))).toBeCloseTo(0.3));
  it('counts time to the end once it has ended', () => expect(secondsTaken({ created_at: '2026-01-01T00:00:00Z', ended_at: '2026-01-01T00:01:00Z' }, Date.parse('2027-01-01T00:00:00Z'))).toBe(60));
  it('sorts by time, newest first by default, and leaves its input alone', () => {
    const list = [operation({ id: '1', created_at: '2026-01-01T00:00:00Z', title: 'b' }), operation({ id: '2', created_at: '2026-01-02T00:00:00Z', title: 'a' })];
    expect(sortOperations(list, { id: 'began', descending: true }, 0).map(({ id }) => id)).toEqual(['2', '1']);
    expect(sortOperations(list, { id: 'title', descending: false }, 0).map(({ id }) => id)).toEqual(['2', '1']);
    expect(list.map(({ id }) => id)).toEqual(['1', '2']);
  });
});
