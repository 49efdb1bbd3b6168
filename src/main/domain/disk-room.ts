// Room on the disk: what must stay free, and how a full disk is said.
import { AppError } from './app-error';

/** What must stay free on a disk of so many bytes: 5 GB, or 5 % where that is less; below, systems and other programs begin to fail. */
export const freeFloor = (total: number): number => Math.min(5e9, total * 0.05);

/** What the file system threw, or `disk_full`; the folder is the one it named when none is given. */
export const asDiskFull = (error: unknown, folder?: string): unknown => {
  const { code = '', path = '' } = (error ?? {}) as NodeJS.ErrnoException;
  return ['ENOSPC', 'EDQUOT'].includes(code) ? new AppError('disk_full', 'The disk is full. What was complete is kept.', { path: folder ?? path }, { cause: error }) : error;
};
