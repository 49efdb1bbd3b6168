// What is said of a start that failed: each problem in its own words, with the sentence that names the file or the port.
import { expect, test } from 'vitest';
import { AppError } from '../domain/app-error';
import { exitCodes, StartError } from '../lifecycle';
import { StoreError } from '../providers/store/store-error';
import { PortUnavailableError } from '../transports/port-unavailable';
import { startFailure } from './start-failure';

const system = (code: string): Error => Object.assign(new Error(`${code}: no, mkdir '/data'`), { code });

test.each([
  [new StoreError('newer', '/data/x', 'The database /data/x is newer.'), 'newer version'],
  [new StoreError('damaged', '/data/x', 'The database /data/x is damaged.'), 'move it away'],
  [new StoreError('inaccessible', '/data/x', 'The database /data/x cannot be opened.', { cause: system('EACCES') }), 'who owns it'],
  [new StoreError('inaccessible', '/data/x', 'The database /data/x cannot be opened.', { cause: system('ENOSPC') }), 'The disk is full'],
  [new AppError('disk_full', 'The database kept its last state.', { path: '/data/x' }), 'The disk is full'],
  [system('EROFS'), 'cannot be read or written'],
  [new StartError('running already (process 7)', exitCodes.usage), 'Another copy'],
  [new PortUnavailableError(8767, 'busy'), 'port of its local API'],
  [new TypeError('x is not a function'), 'Something went wrong'],
])('%s', (error, words) => {
  const { title, text } = startFailure(error, 'en');
  expect(title).toBe('Dumont Cloud could not start');
  expect(text).toContain(words);
  expect(text).toContain(`\n\n${error.message}`);
});

test('a full disk is named', () => {
  expect(startFailure(new AppError('disk_full', 'The database kept its last state.', { path: '/data/x' }), 'en').text).toMatch(/kept its last state\.\n\/data\/x$/);
});

test('in Portuguese, and of what is no error', () => {
  expect(startFailure('odd', 'pt-BR')).toEqual({ title: 'O Dumont Cloud não conseguiu iniciar', text: 'Algo deu errado; a frase abaixo diz o quê.\n\nodd' });
});
