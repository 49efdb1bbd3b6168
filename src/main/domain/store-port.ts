// The port to the database: rows as the domain sees them, and the calls on them. Implemented by providers/store.
import type { LogLine, Operation, RepositoryKind, Settings, SnapshotResult, SourceOptions } from '../../contract';
import type { ScheduleTables } from './schedule-rows';

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly createdAt: number;
  readonly failedAttempts: number;
  /** Milliseconds since the epoch; 0 when not blocked. */
  readonly blockedUntil: number;
}

export interface SessionRow {
  /** SHA-256 of the token, hex. */
  readonly tokenHash: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
}

/** Which secrets exist and where; never a value. */
export interface SecretRow {
  readonly userId: string;
  readonly name: string;
  readonly backend: 'keychain' | 'vault';
  /** Last four characters, where showing them is allowed. */
  readonly last4: string | null;
}

export interface OperationRow extends Operation {
  readonly userId: string;
  /** What a restart needs to take it up again; JSON without secrets. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** Written before a rental is asked for. See [Note: Rent intent]. */
export interface IntentRow {
  readonly id: string;
  readonly userId: string;
  readonly operationId: string;
  readonly offerId: number;
  readonly label: string | null;
  readonly request: Readonly<Record<string, unknown>>;
  readonly state: 'intended' | 'sent' | 'confirmed' | 'refused' | 'unknown';
  readonly instanceId: number | null;
  readonly createdAt: number;
}

/** A repository that a user keeps snapshots in; its password and credentials are in the store for secrets. */
export interface RepositoryRow {
  /** `default` is the one in the app's own folder; others have a UUID. Unique per user. */
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly kind: RepositoryKind;
  /** What restic's `--repo` gets, without any secret; null: the app's own folder below its data folder, which may move. */
  readonly location: string | null;
  /** Sources that name none use it. */
  readonly isDefault: boolean;
  readonly createdAt: number;
}

/** How big a repository was at one moment. */
export interface RepositorySampleRow {
  readonly userId: string;
  readonly repositoryId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Bytes that are stored. */
  readonly sizeBytes: number;
  readonly uncompressedBytes: number | null;
  readonly snapshotCount: number;
}

/** A directory of an instance that is captured; the mirror and the last good manifest belong to it. */
export interface SourceRow {
  readonly id: string;
  readonly userId: string;
  /** Where its snapshots are kept. */
  readonly repositoryId: string;
  readonly instanceId: number;
  readonly label: string | null;
  readonly path: string;
  /** Full id of the last good snapshot: the next one's parent. */
  readonly parentId: string | null;
  readonly needsFullFetch: boolean;
  readonly options: SourceOptions;
  /** Bytes per second of the last fetch of some size. */
  readonly fetchRate: number | null;
  readonly createdAt: number;
}

export interface SnapshotRow {
  readonly id: string;
  readonly userId: string;
  readonly repositoryId: string;
  readonly sourceId: string;
  readonly instanceId: number;
  readonly label: string | null;
  readonly path: string;
  readonly time: number;
  readonly tags: readonly string[];
  readonly result: SnapshotResult;
  readonly warnings: readonly string[];
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly operationId: string;
  /** No policy removes it. */
  readonly pinned?: boolean;
  /** Restic's hash of all that is in it; null or absent: not asked yet. See [Note: Rewritten snapshots]. */
  readonly tree?: string | null;
  /** Its id before another program rewrote it. */
  readonly original?: string | null;
}

/** A rehearsal that came to a result. */
export interface ProofRow {
  readonly id: string;
  readonly userId: string;
  readonly snapshotId: string;
  /** The snapshot's own id where no source is known. */
  readonly sourceId: string;
  readonly operationId: string;
  readonly at: number;
  readonly kind: 'full' | 'part';
  readonly result: 'ok' | 'failed';
  /** Contents were not compared with hashes. */
  readonly weak: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
  readonly command: 'none' | 'ok' | 'failed';
  readonly problems: readonly string[];
  /** Where the next part goes on. */
  readonly cursor: string;
  /** Where this part began; null where that was not kept: such a part covers nothing. Of a full one it says nothing. */
  readonly begins: PartBeginning | null;
}

/** What comes before a part of a snapshot: up to and with this path, so many files and bytes. All empty: it began at the start. */
export interface PartBeginning {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** A command after a snapshot that was not run yet, though the one before was. See [Note: Owed command]. */
export interface OwedRow {
  readonly userId: string;
  readonly instanceId: number;
  readonly directory: string;
  readonly command: string;
  /** Seconds. */
  readonly timeoutS: number;
  /** The snapshot. */
  readonly operationId: string;
  /** Mark of the key that last showed the instance; null where that is not known. See [Note: Own account]. */
  readonly account: string | null;
  /** ms */
  readonly since: number;
}

/** SQLite. Calls are synchronous and short; each change is durable when it returns. */
export interface Store extends ScheduleTables {
  readonly users: {
    count(): number;
    byEmail(email: string): UserRow | null;
    byId(id: string): UserRow | null;
    /** False when the email is taken. */
    insert(user: UserRow): boolean;
    update(id: string, change: Partial<Omit<UserRow, 'id'>>): void;
  };
  readonly sessions: {
    insert(session: SessionRow): void;
    byHash(tokenHash: string): SessionRow | null;
    touch(tokenHash: string, at: number): void;
    remove(tokenHash: string): void;
    removeOfUser(userId: string): void;
    removeOlderThan(createdBefore: number, usedBefore: number): void;
    countOfUser(userId: string): number;
  };
  readonly settings: {
    get(userId: string): Partial<Settings>;
    put(userId: string, change: Partial<Settings>): void;
    /** Facts of the app itself, such as who is remembered. */
    getFact(name: string): string | null;
    putFact(name: string, value: string | null): void;
  };
  readonly secrets: {
    list(userId: string): readonly SecretRow[];
    get(userId: string, name: string): SecretRow | null;
    put(row: SecretRow): void;
    remove(userId: string, name: string): void;
  };
  readonly operations: {
    insert(row: OperationRow): void;
    update(id: string, change: Partial<Omit<OperationRow, 'id' | 'userId'>>): void;
    get(id: string): OperationRow | null;
    list(userId: string, filter: { readonly instanceId?: number; readonly active?: boolean; readonly limit: number }): readonly OperationRow[];
    /** Of all users: those that were not ended. */
    unfinished(): readonly OperationRow[];
    appendLog(id: string, lines: readonly LogLine[]): void;
    /** The newest lines, oldest first. */
    log(id: string, limit: number): readonly LogLine[];
  };
  readonly intents: {
    insert(row: IntentRow): void;
    update(id: string, change: Partial<Pick<IntentRow, 'state' | 'instanceId'>>): void;
    get(id: string): IntentRow | null;
    byOperation(operationId: string): IntentRow | null;
    open(userId: string): readonly IntentRow[];
  };
  readonly repositories: {
    /** The default one first, then by age. */
    list(userId: string): readonly RepositoryRow[];
    get(userId: string, id: string): RepositoryRow | null;
    insert(row: RepositoryRow): void;
    update(userId: string, id: string, change: Partial<Pick<RepositoryRow, 'name' | 'location'>>): void;
    /** This one, and no other of this user. */
    makeDefault(userId: string, id: string): void;
    remove(userId: string, id: string): void;
    addSample(row: RepositorySampleRow): void;
    /** Oldest first, at most the newest 2,000. */
    samples(userId: string, id: string): readonly RepositorySampleRow[];
  };
  readonly sources: {
    find(userId: string, instanceId: number, path: string): SourceRow | null;
    get(id: string): SourceRow | null;
    insert(row: SourceRow): void;
    update(id: string, change: Partial<Omit<SourceRow, 'id' | 'userId'>>): void;
    list(userId: string): readonly SourceRow[];
  };
  readonly snapshots: {
    insert(row: SnapshotRow): void;
    update(id: string, change: Partial<Pick<SnapshotRow, 'result' | 'warnings' | 'pinned'>>): void;
    get(userId: string, id: string): SnapshotRow | null;
    list(userId: string): readonly SnapshotRow[];
    remove(userId: string, id: string): void;
    /** A repair or another program gave it another id; everything else of it stays. */
    rename(userId: string, id: string, change: { readonly id: string; readonly result: SnapshotResult; readonly warnings: readonly string[]; readonly tags?: readonly string[] }): void;
    /** What restic says that it is. */
    identify(userId: string, id: string, facts: { readonly tree: string; readonly original: string | null }): void;
  };
  readonly proofs: {
    insert(row: ProofRow): void;
    /** Newest first. */
    list(userId: string): readonly ProofRow[];
    newestOfSource(userId: string, sourceId: string): ProofRow | null;
    removeOfSnapshot(userId: string, snapshotId: string): void;
    /** The same snapshot has another id now. */
    rename(userId: string, from: string, to: string): void;
  };
  readonly owed: {
    /** One per folder of an instance; a later one takes its place. */
    put(row: OwedRow): void;
    get(userId: string, instanceId: number, directory: string): OwedRow | null;
    /** Oldest first. */
    list(userId: string): readonly OwedRow[];
    remove(userId: string, instanceId: number, directory: string): void;
  };
  close(): void;
}
