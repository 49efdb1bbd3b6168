import { expect, it } from 'vitest';
import { paddedFiles } from './tar-complaints';

const asked = new Set(['a b: c', 'd/\u00e9\n\\x', 'plain']);
const read = (lines: readonly string[], cut = false) => paddedFiles(lines.join('\n'), (path) => asked.has(path), cut);

it('finds the files that were filled up with zeros, whatever they are called', () => {
  expect(read([
    'tar: ./a b: c: Read error at byte 0, while reading 4096 bytes: Input/output error',
    String.raw`tar: ./d/\351\n\\x: File shrank by 1 byte; padding with zeros`,
    'tar: ./plain: file changed as we read it',
    'tar: Exiting with failure status due to previous errors',
  ])).toEqual({ paths: ['a b: c', 'd/\u00e9\n\\x'], unnamed: [] });
});

it('gives the lines when a line names nothing that was asked for, or when lines are lost', () => {
  const strange = 'tar: ./strange: Read error at byte 7, while reading 10240 bytes: Input/output error';
  expect(read([strange])).toEqual({ paths: [], unnamed: [strange] });
  expect(read(['bsdtar: Read error'])).toEqual({ paths: [], unnamed: ['bsdtar: Read error'] });
  const half = 'tar: ./plain: File shrank by 9 bytes; padding with zeros';
  expect(read([half], true)).toEqual({ paths: ['plain'], unnamed: [half] });
  expect(read(['tar: ./plain: file changed as we read it'], true)).toEqual({ paths: [], unnamed: [] });
});
