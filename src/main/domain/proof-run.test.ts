import { expect, test } from 'vitest';
import { AppError } from './app-error';
import { speaksOfSnapshot } from './proof-run';

test('only what restic itself found says that a snapshot is not right', () => {
  expect(speaksOfSnapshot(new AppError('repository_damaged', 'Damaged.', { output: 'pack' }))).toBe(true);
  expect(speaksOfSnapshot(new AppError('restic_failed', 'restic failed.', { exit_code: 1, output: 'no matching ID found' }))).toBe(true);
  expect(speaksOfSnapshot(new AppError('restic_failed', 'restic failed.', { exit_code: null, output: '' }))).toBe(false);
  expect(speaksOfSnapshot(new AppError('disk_full', 'The disk is full.', { path: '/data' }))).toBe(false);
});
