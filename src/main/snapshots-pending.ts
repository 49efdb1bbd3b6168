// Stands in for snapshots and SSH until their classes are wired in services.ts.
import { AppError } from './domain/app-error';
import type { SnapshotsService } from './domain/services';

const missing = (): Promise<never> => Promise.reject(new AppError('restic_missing', 'Snapshots are not wired yet.', { hint: '' }));

export const snapshots: SnapshotsService = { list: missing, create: missing, restore: missing, remove: missing, repository: missing, recoveryKey: missing };

export const hosts = {
  publicKey: (): Promise<string> => missing(),
  forget: (): void => undefined,
};
