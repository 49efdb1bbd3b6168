import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NamesAhead, type AskedFile } from './names-ahead';

/** 100 files that are 100,000 bytes each in the archive. */
const files: readonly AskedFile[] = Array.from({ length: 100 }, (_, index) => ({ path: `f${String(index).padStart(2, '0')}`, size: 99_232 }));
const each = 100_000;

/** What was written so far: how many names, and whether that is all of them. */
const given = (stdin: PassThrough): { names: number; ended: boolean } => {
  const text = String(stdin.read() ?? '');
  return { names: text.split('\0').length - 1, ended: stdin.writableEnded };
};

describe('names a little ahead', () => {
  let stdin: PassThrough;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    stdin = new PassThrough();
  });
  afterEach(() => vi.useRealTimers());

  it('asks for half a mebibyte at first, and for more when half of it came', () => {
    const names = new NamesAhead(stdin, files);
    expect(given(stdin)).toEqual({ names: 6, ended: false });
    names.came(3 * each);
    expect(given(stdin)).toEqual({ names: 0, ended: false });
    names.came(each / 2);
    expect(given(stdin)).toEqual({ names: 3, ended: false });
    names.end();
  });

  it('ends the names after the last one, each once and in order', async () => {
    const names = new NamesAhead(stdin, files);
    let text = '';
    stdin.on('data', (chunk) => (text += String(chunk)));
    for (let at = 0; at < files.length; at += 1) names.came(each);
    await vi.waitUntil(() => stdin.readableEnded);
    expect(text).toBe(files.map(({ path }) => `./${path}\0`).join(''));
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives a host all names that says nothing for a while', () => {
    const names = new NamesAhead(stdin, files);
    given(stdin);
    vi.advanceTimersByTime(19);
    expect(given(stdin)).toEqual({ names: 0, ended: false });
    vi.advanceTimersByTime(21);
    expect(given(stdin)).toEqual({ names: 94, ended: true });
    names.came(each);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits anew after each piece', () => {
    const names = new NamesAhead(stdin, files);
    given(stdin);
    for (let turn = 0; turn < 3; turn += 1) {
      vi.advanceTimersByTime(15);
      names.came(1);
    }
    expect(given(stdin)).toEqual({ names: 0, ended: false });
    names.end();
    vi.advanceTimersByTime(100);
    expect(given(stdin)).toEqual({ names: 0, ended: false });
  });

  it('gives few names at once', () => {
    const names = new NamesAhead(stdin, files.slice(0, 3));
    names.came(each);
    expect(given(stdin)).toEqual({ names: 3, ended: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves a command alone that ended before its names', async () => {
    const names = new NamesAhead(stdin, files);
    stdin.destroy(new Error('EPIPE'));
    vi.useRealTimers();
    await delay(1);
    names.came(5 * each);
    names.end();
    expect(stdin.destroyed).toBe(true);
  });
});
