// Repositories as the contract shows them. Pure.
import type { RepositoryItem, RepositoryState } from '../../contract';
import { isAppError } from './app-error';
import type { RepositoryRow } from './store-port';

/** What is known of a repository besides its row. */
export interface RepositoryFacts {
  readonly location: string;
  readonly state: RepositoryState;
  readonly credentials: readonly string[];
  readonly sizeBytes: number | null;
  readonly snapshotCount: number | null;
  readonly sourceCount: number;
  readonly recoveryKey: boolean;
}

export const repositoryItem = (row: RepositoryRow, facts: RepositoryFacts): RepositoryItem => ({
  id: row.id, name: row.name, kind: row.kind, location: facts.location, is_default: row.isDefault, state: facts.state, credentials: [...facts.credentials], size_bytes: facts.sizeBytes,
  snapshot_count: facts.snapshotCount, source_count: facts.sourceCount, recovery_key: facts.recoveryKey, created_at: new Date(row.createdAt).toISOString(),
});

const states: Readonly<Record<string, RepositoryState>> = {
  repository_missing: 'missing', repository_wrong_password: 'wrong_password', repository_locked: 'locked', repository_unreachable: 'unreachable', repository_damaged: 'damaged',
  restic_missing: 'restic_missing', restic_too_old: 'restic_too_old',
};

/** The state that a failed question tells of. */
export const stateOfCode = (code: string | null): RepositoryState => (code === null ? 'ready' : (states[code] ?? 'unknown'));

export const stateOfError = (error: unknown): RepositoryState => stateOfCode(isAppError(error) ? error.code : 'internal');

/** The sentence of a failure, with what the server or restic said. */
export const problemOf = (error: unknown): string => {
  if (!isAppError(error)) return 'Internal error. The log has the details.';
  const { detail, output } = error.data as { detail?: unknown; output?: unknown };
  const said = typeof detail === 'string' ? detail : typeof output === 'string' ? output : '';
  return said === '' ? error.message : `${error.message}\n${said}`;
};
