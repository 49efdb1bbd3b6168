// The last words stay, whatever came before them.
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { keepTail } from './kept-tail';

test('keeps the end within the bound', async () => {
  const stream = new PassThrough();
  const tail = keepTail(stream, 10);
  for (const text of ['one ', 'two ', 'three ', 'four']) stream.write(text);
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(tail().toString()).toBe('three four');
});

test('cuts a single part that is too long', async () => {
  const stream = new PassThrough();
  const tail = keepTail(stream, 4);
  stream.end('0123456789');
  await new Promise((resolve) => stream.once('end', resolve));
  expect(tail().toString()).toBe('6789');
});
