// Turns at an index file: one after the other, and one that gives way.
import { expect, it } from 'vitest';
import { WriterTurns } from './writer-turns';

/** Work that ends when it is told to. */
const held = (log: string[], name: string): { readonly work: () => Promise<string>; readonly end: () => void; readonly fail: () => void } => {
  let [end, fail] = [(): void => undefined, (): void => undefined];
  const done = new Promise<string>((resolve, reject) => {
    end = () => resolve(name);
    fail = () => reject(new Error(name));
  });
  return { work: () => { log.push(name); return done; }, end, fail };
};
const settled = async (): Promise<void> => { for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); };

it('one file has one turn at a time, in order, also after one that failed; another file does not wait', async () => {
  const [turns, log] = [new WriterTurns(), [] as string[]];
  const [a, b, c] = [held(log, 'a'), held(log, 'b'), held(log, 'c')];
  const [first, second, other] = [turns.take('f', a.work), turns.take('f', b.work), turns.take('g', c.work)];
  await settled();
  expect(log).toEqual(['a', 'c']);
  a.fail();
  await expect(first).rejects.toThrow('a');
  await settled();
  expect(log).toEqual(['a', 'c', 'b']);
  b.end();
  c.end();
  expect([await second, await other]).toEqual(['b', 'c']);
});

it('a free turn is given only where there is none, and is asked to give way when somebody comes', async () => {
  const [turns, log] = [new WriterTurns(), [] as string[]];
  const [a, b] = [held(log, 'a'), held(log, 'b')];
  const never = (): never => { throw new Error('asked'); };
  const first = turns.take('f', a.work);
  expect(turns.takeFree('f', b.work, never)).toBeNull();
  a.end();
  await first;
  await settled();
  const draft = turns.takeFree('f', b.work, () => b.fail());
  const later = turns.take('f', () => Promise.resolve('later'));
  await expect(draft).rejects.toThrow('b');
  expect(await later).toBe('later');
  expect(log).toEqual(['a', 'b']);
  await settled();
  expect(await turns.takeFree('f', () => Promise.resolve('free'), never)).toBe('free');
});
