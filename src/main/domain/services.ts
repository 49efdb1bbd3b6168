// The services as handlers see them: one interface per group of the contract. Constructed in main/services.ts.
import type * as c from '../../contract';
import type { Caller } from './ports';

/** An offers search as the contract's input gives it. */
export type OffersInput = c.OfferFilters & {
  readonly order?: c.OfferOrder;
  readonly descending?: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly fresh?: boolean;
};

export interface AccountsService {
  register(input: { readonly email: string; readonly password: string; readonly setup_code?: string }, by: { readonly transport: Caller['transport']; readonly caller: Caller | null }): Promise<c.Session>;
  /** `by` decides whether the desktop may remember this user: only a sign-in through its window is remembered. */
  login(input: { readonly username: string; readonly password: string }, by?: { readonly transport: Caller['transport'] }): Promise<c.Session>;
  /** Ends the session of this token; unknown tokens are fine. */
  logout(token: string): Promise<void>;
  /** The caller of a bearer token; null when there is none. Cheap: one look-up. */
  authenticate(token: string, transport: Caller['transport']): Caller | null;
  /** Takes up the remembered user (desktop). */
  resume(): Promise<c.Session>;
  me(caller: Caller): { readonly authenticated: true; readonly user: string; readonly secret_store: 'keychain' | 'vault' };
  welcome(): Promise<c.Welcome>;
  /** A wrong password is `wrong_credentials`, with the same back-off as login. */
  confirmPassword(caller: Caller, password: string): Promise<void>;
}

/** What may be kept for a user. The repository with the id `default` has the names without an id. */
export type SecretName = 'vast-api-key' | 'repository-password' | `repository-password:${string}` | `repository-credentials:${string}`;

/** Secrets of a user by name; the domain's other services ask here, never the keychain. */
export interface SecretsService {
  /** Null when it was never set. Throws `secret_store_unavailable` or `vault_locked`. */
  get(userId: string, name: SecretName): Promise<string | null>;
  set(userId: string, name: SecretName, value: string, options?: { readonly showLast4?: boolean }): Promise<void>;
  remove(userId: string, name: SecretName): Promise<void>;
  view(userId: string, name: SecretName): { readonly set: boolean; readonly last4: string | null };
  /** Where this user's secrets are, and whether that store answers. */
  status(userId: string): Promise<c.SettingsView['secret_store']>;
  /** The user's Vast key, or `vast_key_missing`. */
  vastKey(userId: string): Promise<string>;
}

export interface SettingsService {
  get(caller: Caller): Promise<c.SettingsView>;
  put(caller: Caller, input: { readonly vast_api_key?: string | null; readonly settings?: Partial<c.Settings> }): Promise<c.SettingsView>;
  /** Settings with defaults filled in. */
  values(userId: string): c.Settings;
}

export interface OffersService {
  search(caller: Caller, input: OffersInput, signal?: AbortSignal): Promise<c.OffersPage>;
}

export interface InstancesService {
  list(caller: Caller, input?: { readonly fresh?: boolean }): Promise<{ readonly instances: c.Instance[]; readonly count: number; readonly as_of: string; readonly stale: boolean }>;
  /** `not_found` once it is gone. */
  get(caller: Caller, id: number): Promise<c.Instance>;
  create(caller: Caller, input: c.CreateInstance): Promise<c.InstanceWithOperation>;
  relabel(caller: Caller, id: number, label: string): Promise<c.Instance>;
  /** `snapshot_first` overrides the setting. */
  pause(caller: Caller, id: number, options?: { readonly snapshot_first?: boolean }): Promise<c.InstanceWithOperation>;
  resume(caller: Caller, id: number): Promise<c.InstanceWithOperation>;
  destroy(caller: Caller, id: number, options?: { readonly snapshot_first?: boolean }): Promise<c.InstanceWithOperation>;
  logs(caller: Caller, id: number, options: { readonly tail: number; readonly filter?: string }): Promise<{ readonly lines: string[]; readonly truncated: boolean }>;
  account(caller: Caller): Promise<c.Account>;
}

export interface HostKeysService {
  /** Pins another host key than before, by its fingerprint. */
  trust(caller: Caller, instanceId: number, fingerprint: string): Promise<{ readonly instance_id: number; readonly fingerprint: string }>;
}

export interface OperationsService {
  list(caller: Caller, input: { readonly instance_id?: number; readonly active?: boolean; readonly limit: number }): { readonly operations: c.Operation[]; readonly count: number };
  get(caller: Caller, id: string): c.Operation & { readonly log: c.LogLine[] };
  cancel(caller: Caller, id: string): c.Operation;
  answer(caller: Caller, id: string, answer: 'wait' | 'destroy' | 'proceed' | 'keep'): c.Operation;
  /** The state and log so far, then what happens, until it has ended. */
  follow(caller: Caller, id: string, signal?: AbortSignal): AsyncGenerator<c.OperationEvent>;
}

export interface SnapshotsService {
  list(caller: Caller, input?: { readonly instance_id?: number; readonly tag?: string; readonly repository_id?: string }): Promise<{ readonly snapshots: c.Snapshot[]; readonly count: number }>;
  create(caller: Caller, input: c.CreateSnapshot): Promise<c.CreatedSnapshot | { readonly operation_id: string }>;
  restore(caller: Caller, input: c.RestoreSnapshot): Promise<c.RestoreResult | { readonly operation_id: string }>;
  remove(caller: Caller, id: string): Promise<{ readonly success: true; readonly snapshot_id: string }>;
}

export interface RepositoriesService {
  /** The default one, with the tools of this computer. */
  overview(caller: Caller): Promise<c.RepositoryView>;
  list(caller: Caller): Promise<{ readonly repositories: c.RepositoryItem[]; readonly count: number }>;
  /** Asked now. */
  get(caller: Caller, id: string): Promise<c.RepositoryDetail>;
  create(caller: Caller, input: { readonly name: string; readonly location: string; readonly credentials: Readonly<Record<string, string>>; readonly password?: string; readonly make_default: boolean }): Promise<c.RepositoryItem>;
  connect(caller: Caller, input: { readonly location: string; readonly credentials: Readonly<Record<string, string>>; readonly password: string }): Promise<c.PlaceFacts>;
  import(
    caller: Caller,
    input: { readonly name: string; readonly location: string; readonly credentials: Readonly<Record<string, string>>; readonly password: string; readonly make_default: boolean; readonly wait: boolean },
  ): Promise<c.ImportedRepository | { readonly operation_id: string }>;
  change(caller: Caller, input: { readonly id: string; readonly name?: string; readonly is_default?: true; readonly credentials?: Readonly<Record<string, string>> }): Promise<c.RepositoryItem>;
  remove(caller: Caller, id: string): Promise<{ readonly success: true; readonly id: string; readonly snapshots: number }>;
  changePassword(caller: Caller, id: string, wanted?: string): Promise<c.RepositoryItem>;
  statistics(caller: Caller, id: string): { readonly samples: c.RepositorySampleView[]; readonly count: number };
  unlock(caller: Caller, id: string): Promise<c.RepositoryDetail>;
  repair(caller: Caller, id: string): { readonly operation_id: string };
  /** Adds a second restic key and gives it, once. */
  recoveryKey(caller: Caller, id?: string): Promise<{ readonly recovery_key: string; readonly repository: string }>;
}

export interface SourcesService {
  list(caller: Caller, input?: { readonly instance_id?: number }): { readonly sources: c.Source[]; readonly count: number; readonly defaults: c.SourceOptions };
  get(caller: Caller, id: string): c.Source;
  put(caller: Caller, input: { readonly instance_id: number; readonly source_path?: string; readonly options: c.SourceOptionsChange }): Promise<c.Source>;
  move(caller: Caller, input: { readonly id: string; readonly instance_id: number }): Promise<c.Source>;
  preview(caller: Caller, input: { readonly instance_id: number; readonly source_path?: string; readonly options: c.SourceOptionsChange; readonly wait: boolean }): Promise<c.SourcePreview | { readonly operation_id: string }>;
  /** `not_found` for one that has not ended well, or long ago. */
  previewed(caller: Caller, operationId: string): c.SourcePreview;
}

export interface ProofsService {
  rehearse(caller: Caller, id: string, wait: boolean): Promise<c.Proof | { readonly operation_id: string }>;
  listed(caller: Caller, input: { readonly snapshot_id?: string; readonly limit: number }): { readonly proofs: c.Proof[]; readonly count: number };
  safety(caller: Caller, instanceId: number): Promise<c.Safety>;
}

/** A path of a snapshot; text, or base64 of its bytes. */
export interface FileAddress {
  readonly id: string;
  readonly path?: string | undefined;
  readonly path64?: string | undefined;
}

export interface ImageBytes {
  readonly bytes: Uint8Array;
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
}

/** Something that is sent as it is read. */
export interface Download {
  /** Safe to show; not yet a file name. */
  readonly name: string;
  readonly mediaType: string;
  readonly content: AsyncIterable<Uint8Array>;
}

export interface FilesService {
  search(caller: Caller, input: { readonly q: string; readonly snapshot_id?: string | undefined; readonly limit: number }, signal?: AbortSignal): Promise<c.FileSearchPage>;
  list(caller: Caller, input: FileAddress & { readonly filter: string; readonly sort: 'name' | 'size' | 'mtime'; readonly descending: boolean; readonly offset: number; readonly limit: number }, signal?: AbortSignal): Promise<c.SnapshotFolderPage>;
  versions(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<{ readonly versions: c.SnapshotFileVersion[]; readonly count: number }>;
  diff(caller: Caller, input: { readonly id: string; readonly other: string; readonly offset: number; readonly limit: number }, signal?: AbortSignal): Promise<c.SnapshotDiff>;
  preview(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<c.FilePreview>;
  image(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<ImageBytes>;
  /** A file, or a directory as a tar archive. */
  download(caller: Caller, input: FileAddress, signal?: AbortSignal): Promise<Download>;
  archive(caller: Caller, input: { readonly id: string; readonly paths: readonly string[]; readonly paths64: readonly string[] }, signal?: AbortSignal): Promise<Download>;
}

export interface SchedulesService {
  list(caller: Caller, input?: { readonly instance_id?: number }): { readonly schedules: c.Schedule[]; readonly count: number };
  get(caller: Caller, id: string): c.Schedule & { readonly runs: c.ScheduledRun[] };
  create(caller: Caller, input: c.CreateSchedule): Promise<c.Schedule>;
  update(caller: Caller, input: c.ChangeSchedule): c.Schedule;
  remove(caller: Caller, id: string): { readonly success: true; readonly id: string };
  runNow(caller: Caller, id: string): Promise<c.Schedule>;
  answer(caller: Caller, id: string, answer: 'run' | 'skip'): c.Schedule;
  preview(input: { readonly timing: c.Timing; readonly time_zone: string; readonly count: number }): { readonly next_runs: string[] };
}

export interface MaintenanceService {
  get(caller: Caller): { readonly repositories: c.Upkeep[] };
  retention(caller: Caller): { readonly retention: c.RetentionView[] };
  setRetention(caller: Caller, sourceId: string, policy: c.RetentionPolicy | null): c.RetentionView;
  planRetention(caller: Caller, sourceId: string, policy?: c.RetentionPolicy): Promise<c.RetentionPlan>;
  applyRetention(caller: Caller, sourceId: string, token: string): Promise<{ readonly operation_id: string }>;
  prune(caller: Caller, input: { readonly repository_id: string; readonly max_repack_gb: number }): Promise<{ readonly operation_id: string }>;
  check(caller: Caller, input: { readonly repository_id: string; readonly read: 'none' | 'part' | 'all'; readonly parts: number }): Promise<{ readonly operation_id: string }>;
  pin(caller: Caller, snapshotId: string, pinned: boolean): { readonly snapshot_id: string; readonly pinned: boolean };
}

export interface EventsService {
  watch(caller: Caller, signal?: AbortSignal): AsyncGenerator<c.WatchEvent>;
}

export interface ShellService {
  pickFolder(caller: Caller): Promise<{ readonly folder: string | null }>;
  openExternal(caller: Caller, url: string): Promise<void>;
  openFolder(caller: Caller, folder: string): Promise<void>;
  startAtLogin(caller: Caller, enabled: boolean): Promise<{ readonly enabled: boolean }>;
  updates(caller: Caller): c.UpdateState;
  update(caller: Caller, step: 'check' | 'download' | 'install'): Promise<c.UpdateState>;
  dragOut(caller: Caller, subject: c.DragSubject): Promise<void>;
  /** What is in the file that the app was asked to open, by its number. */
  openedFile(caller: Caller, number: number): Promise<c.OpenedFile>;
  startsAtLogin(caller: Caller): Promise<{ readonly enabled: boolean }>;
  commands(caller: Caller, signal?: AbortSignal): AsyncGenerator<{ readonly command: c.PageCommandId }>;
}

export interface NoticesService {
  /** What a page tells now. `own` is what it saw by itself, as `notices.take` says; of it, what nobody has told yet. */
  take(caller: Pick<Caller, 'userId'>, own: readonly string[]): { readonly notices: c.Notice[]; readonly own: string[] };
}

export interface DiagnosticsService {
  /** A text that its reader can check before passing it on: no secrets, and nobody's name. */
  report(caller: Caller): Promise<{ readonly file_name: string; readonly text: string }>;
}

export interface Services {
  readonly accounts: AccountsService;
  readonly diagnostics: DiagnosticsService;
  readonly secrets: SecretsService;
  readonly settings: SettingsService;
  readonly offers: OffersService;
  readonly instances: InstancesService;
  readonly hostKeys: HostKeysService;
  readonly operations: OperationsService;
  readonly repositories: RepositoriesService;
  readonly snapshots: SnapshotsService;
  readonly sources: SourcesService;
  readonly proofs: ProofsService;
  readonly files: FilesService;
  readonly schedules: SchedulesService;
  readonly maintenance: MaintenanceService;
  readonly events: EventsService;
  readonly notices: NoticesService;
  readonly shell: ShellService;
  health(): { readonly status: 'ok'; readonly name: 'Dumont Cloud'; readonly version: string; readonly uptime_s: number };
}
