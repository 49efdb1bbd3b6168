// Constructs providers and services for both entries, with plain `new`, from the outside in.
import path from 'node:path';
import type { OperationKind } from '../contract';
import type { AppConfig } from './config';
import type { Foundation } from './foundation';
import { Accounts } from './domain/accounts';
import { Diagnostics } from './domain/diagnostics';
import { EventsFeed } from './domain/events';
import { HostKeys } from './domain/host-keys';
import { IndexKeeper, type IndexKeeperParts } from './domain/index-keeper';
import { Instances } from './domain/instances';
import { Offers } from './domain/offers';
import { Notices } from './domain/notices';
import { OperationsLog } from './domain/operations';
import { OwedCommands } from './domain/owed-commands';
import type { Keychain, Log, Shell } from './domain/ports';
import { Proofs } from './domain/proofs';
import { Secrets } from './domain/secrets';
import type { Services } from './domain/services';
import { UserSettings } from './domain/settings';
import { DesktopShell } from './domain/shell';
import { Repositories } from './domain/repositories';
import { repositoriesService } from './domain/repositories-service';
import { RepositoryShelves } from './domain/repository-contents';
import { RepositoryMaking } from './domain/repository-making';
import { RepositoryPasswords } from './domain/repository-password';
import { RepositoryRepair } from './domain/repository-repair';
import { RepositorySamples } from './domain/repository-samples';
import { SnapshotQueues } from './domain/snapshot-queue';
import { SnapshotRepositories } from './domain/snapshot-repository';
import { SnapshotFiles } from './domain/snapshot-files';
import { SnapshotList } from './domain/snapshot-list';
import { Snapshots } from './domain/snapshots';
import { SnapshotFirst } from './domain/snapshot-first';
import { Sources } from './domain/sources';
import { endLeftRestore } from './domain/restore-run';
import type { OperationRow, Store } from './domain/store-port';
import { ThreadedIndex } from './providers/index/index-threads';
import { diagnosticsSource } from './providers/log/diagnostics-source';
import { Argon2Hasher } from './providers/passwords/argon2';
import { systemClock } from './providers/process/system-clock';
import { ResticCli } from './providers/restic/restic-cli';
import { ResticMaintenance } from './providers/restic/restic-maintenance';
import { ResticKeys } from './providers/restic/restic-keys';
import { bundledRestic, ResticPrograms } from './providers/restic/restic-program';
import { ResticRunner } from './providers/restic/restic-run';
import { ResticUpkeep } from './providers/restic/restic-upkeep';
import { removeLeftKeyFiles } from './providers/restic/key-file';
import { DiskRestoreFolders } from './providers/restic/restore-folder';
import { defaultCompare } from './providers/rehearsal/compare-runner';
import { DiskRehearsalFolders } from './providers/rehearsal/rehearsal-folders';
import { runCheck } from './providers/rehearsal/run-check';
import { ProcessKeychain, type HelperProcess } from './providers/secrets/keychain';
import { FileVault } from './providers/secrets/vault';
import { workerFile, workerStages } from './providers/ssh/capture-runner';
import { DiskMirrors } from './providers/ssh/mirror';
import { findOnPath, OpenSsh } from './providers/ssh/open-ssh';
import { readySshFolder } from './providers/ssh/shared-connection';
import { presentVersion } from './providers/store/migrations';
import { VastClient } from './providers/vast/client';
import { makeClockwork, type Clockwork } from './services-schedules';

/** What differs between the desktop and headless. */
export interface Surface {
  /** Starts the keychain's process: `forkNode`, or `forkUtility` under Electron. */
  readonly forkHelper: (script: string) => HelperProcess;
  /** Null when headless. */
  readonly shell: Shell | null;
  readonly desktop: boolean;
  /** Where the local API answers; null while nothing listens. */
  readonly httpAddress: () => string | null;
}

/** What must be known before the services are made. */
export interface AppParts {
  readonly services: Services;
  readonly accounts: Accounts;
  readonly secrets: Secrets;
  readonly settings: UserSettings;
  readonly instances: Instances;
  readonly operations: OperationsLog;
  readonly events: EventsFeed;
  readonly notices: Notices;
  readonly clockwork: Clockwork;
  readonly vast: VastClient;
  readonly keychain: Keychain;
  readonly store: Store;
  readonly log: Log;
  /** Takes up what an earlier start left; call once, when everything listens. */
  begin(): void;
  /** Ends operations, streams, polling, children and the database, in this order and within `ms`. */
  close(ms: number): Promise<void>;
}

/** What the services stand on outside: each with what it needs of this start. */
function makeProviders(config: AppConfig, { log, store }: Foundation, surface: Surface, baseUrl: string) {
  const clock = systemClock;
  const { version, dataFolder, resticPath } = config;
  const ssh = { folder: path.join(dataFolder, 'ssh') };
  // ssh itself makes no folder for the keys of repositories' servers that it pins there.
  readySshFolder(ssh.folder);
  const worker = workerFile();
  return {
    clock,
    log,
    store,
    hasher: new Argon2Hasher(),
    keychain: new ProcessKeychain({ service: config.demo ? 'dumont-cloud-demo' : 'dumont-cloud', fork: () => surface.forkHelper(config.files.keychainHelper), clock }),
    vault: new FileVault({ dataFolder }),
    vast: new VastClient({ baseUrl, clock, log, userAgent: `dumont-cloud/${version}` }),
    hosts: new OpenSsh(ssh),
    ...makeRestic({ program: resticPath, cacheFolder: path.join(dataFolder, 'cache', 'restic') }),
    mirrors: new DiskMirrors(dataFolder),
    stages: worker === null ? undefined : workerStages(worker, { dataFolder, ssh }),
    index: new ThreadedIndex(dataFolder),
    folders: new DiskRestoreFolders(),
    rehearsal: { folders: new DiskRehearsalFolders(dataFolder), compare: defaultCompare(), runCheck },
  };
}

/** Everything that runs restic stands on one runner. */
function makeRestic({ program, cacheFolder }: { readonly program: string | null; readonly cacheFolder: string }) {
  const programs = new ResticPrograms({ program, find: findOnPath, bundled: bundledRestic() });
  const runner = new ResticRunner(programs, { cacheFolder });
  const restic = new ResticCli(programs, runner);
  return { restic, care: new ResticMaintenance(runner, restic), keys: new ResticKeys(runner), upkeep: new ResticUpkeep(runner) };
}

type Providers = ReturnType<typeof makeProviders>;

/** Milliseconds between looks for sessions that have run out. */
const sweepEvery = 3_600_000;

/** What begins and ends with the users who are unlocked: polling, and operations that an earlier start left. */
function followUsers({ accounts, secrets, instances, operations, clockwork, log }: Pick<AppParts, 'accounts' | 'secrets' | 'instances' | 'operations' | 'clockwork' | 'log'>, snapshots: Snapshots): { readonly stopPolling: () => void } {
  const unlocked = new Set<string>();
  accounts.onUnlocked((userId) => {
    unlocked.add(userId);
    instances.poller.start(userId);
    operations.unlocked(userId);
    snapshots.clearUp(userId).catch((error: unknown) => log.warn('snapshots.not_cleared_up', { error }));
    clockwork.runner.unlock(userId);
  });
  accounts.onLocked((userId) => {
    unlocked.delete(userId);
    clockwork.runner.lock(userId);
    instances.poller.stop(userId);
    secrets.forget(userId);
  });
  // A user whose sessions have all run out is locked even if nobody asks anything any more.
  const sweeping = setInterval(() => accounts.sweep(), sweepEvery);
  sweeping.unref();
  return {
    stopPolling: () => {
      clearInterval(sweeping);
      unlocked.forEach((userId) => instances.poller.stop(userId));
    },
  };
}

function closing({ keychain, vast, store, index }: Providers, log: Foundation['log'], { events, operations, clockwork }: Pick<AppParts, 'events' | 'operations' | 'clockwork'>, stopPolling: () => void): AppParts['close'] {
  return async (ms) => {
    log.info('app.ending');
    clockwork.runner.stop();
    operations.cancelAll('The app ends.');
    const settled = await operations.settled(ms);
    events.close();
    stopPolling();
    await Promise.allSettled([keychain.close(), vast.close(), index.close()]);
    store.close();
    log.info('app.ended', { settled });
    log.close();
  };
}

/** Everything about repositories: opened, shown, made, cared for. */
function makeRepositories(
  { store, restic, keys, upkeep, hosts, clock, log }: Providers,
  { dataFolder, settings, ...from }: { readonly secrets: Secrets; readonly settings: UserSettings; readonly operations: OperationsLog; readonly queues: SnapshotQueues; readonly hints: EventsFeed; readonly dataFolder: string },
) {
  const { secrets, hints } = from;
  const repositories = new SnapshotRepositories({ store, secrets, restic, keys, resticPath: (userId) => settings.values(userId).restic_path, clock, log, dataFolder });
  const shelves = new RepositoryShelves({ repositories, restic, hints, clock, log });
  const shown = new Repositories({ store, repositories, shelves, restic, upkeep, hosts, settings, log, ...from });
  const making = new RepositoryMaking({ store, repositories, shown, restic, upkeep, clock, log, dataFolder, ...from });
  const passwords = new RepositoryPasswords({ store, repositories, secrets, keys, log });
  const repairs = new RepositoryRepair({ store, repositories, shelves, restic, upkeep, clock, dataFolder, ...from });
  const samples = new RepositorySamples({ store, repositories, upkeep, hints, clock, log });
  return { repositories, shelves, shown, passwords, repairs, samples, service: repositoriesService({ shown, making, passwords, repairs, repositories, hints }) };
}

/** Looking into snapshots, and the index behind it, which follows what is taken and removed. */
function makeFiles(
  { index, restic, mirrors, log }: Providers,
  parts: Pick<IndexKeeperParts, 'list' | 'repositories' | 'queues' | 'operations' | 'hints'>,
  { snapshots, accounts }: { readonly snapshots: Snapshots; readonly accounts: Accounts },
): SnapshotFiles {
  const keeper = new IndexKeeper({ ...parts, index, restic, mirrors, log });
  snapshots.drafts = keeper;
  snapshots.onTaken.push((row, draft) => keeper.taken(row, draft));
  snapshots.onRemoved.push((userId, id) => keeper.removed(userId, id));
  accounts.onUnlocked((userId) => void keeper.check(userId).catch((error: unknown) => log.warn('index_not_checked', { error })));
  return new SnapshotFiles({ index, keeper, list: parts.list, restic, queues: parts.queues });
}

/** All services of the app. `demo` is the demo account; `setupCode` is what the first account over HTTP must name. */
export function makeServices(
  config: AppConfig,
  foundation: Foundation,
  surface: Surface,
  start: { readonly vastUrl: string; readonly demo: { readonly email: string; readonly password: string } | null; readonly setupCode: string | null },
): AppParts {
  const { version, dataFolder } = config;
  const { demo, setupCode, vastUrl } = start;
  const { desktop } = surface;
  const providers = makeProviders(config, foundation, surface, vastUrl);
  const { clock, log, store, hasher, keychain, vault, vast, hosts, restic, care, mirrors, stages, folders } = providers;
  const startedAt = clock.now();

  const events = new EventsFeed(clock);
  const operations = new OperationsLog({ store, clock, log, redact: (text) => foundation.redactor.text(text), feed: events });
  const secrets = new Secrets({ store, keychain, vault, log });
  const facts = { version, demo: config.demo, vastUrl, dataFolder, dataExposed: foundation.exposed, httpAddress: surface.httpAddress };
  const settings = new UserSettings({ store, secrets, vast, hints: events, keyChanged: (userId) => instances.poller.keyChanged(userId), facts, defaultLanguage: 'system' });
  const accounts = new Accounts({ store, hasher, vault, keychain, settings, clock, log, version, demo, setupCode, desktop });
  const offers = new Offers({ vast, secrets, settings, clock, log });
  const sshKeys = { publicKey: (userId: string) => hosts.publicKey(userId), forget: (userId: string, id: number) => forgetHost(hosts, userId, id, log) };
  const snapshotFirst = new SnapshotFirst({ store, operations, settings, snapshots: () => snapshots });
  const instances: Instances = new Instances({ vast, secrets, settings, store, operations, hints: events, clock, log, sshKeys, snapshotFirst });
  const queues = new SnapshotQueues();
  const kept = makeRepositories(providers, { secrets, settings, operations, queues, hints: events, dataFolder });
  const { repositories: snapshotRepositories, shelves } = kept;
  const owed = new OwedCommands({ store, operations, queues, hosts, instances, known: (userId) => instances.poller.snapshot(userId), clock, log });
  const snapshots: Snapshots = new Snapshots({ store, operations, owed, repositories: snapshotRepositories, shelves, queues, instances, hosts, restic, mirrors, stages, folders, settings, hints: events, clock, log, exportFolder: path.join(dataFolder, 'exports'), hooks: config.hooks });
  const hostKeys = new HostKeys({ instances, hosts, log });
  const sources = new Sources({ store, instances, operations, hosts, mirrors, hints: events, clock });
  const snapshotList = new SnapshotList({ store, operations, repositories: snapshotRepositories, shelves, restic, mirrors, queues, log });
  const proofs = new Proofs({ ...providers.rehearsal, command: config.rehearsalCommand, restic, store, operations, list: snapshotList, queues, instances, settings, snapshotFirst, hints: events, clock, log });
  snapshots.onRemoved.push((userId, snapshotId) => proofs.forget(userId, snapshotId));
  const files = makeFiles(providers, { list: snapshotList, repositories: snapshotRepositories, queues, operations, hints: events }, { snapshots, accounts });

  const clockwork = makeClockwork({ store, instances, snapshots, operations, owed, proofs, restic, repositories: snapshotRepositories, shelves, queues, settings, care, hints: events, clock, log });
  for (const kind of ['create', 'pause', 'resume', 'destroy'] as const) operations.onTakeUp(kind, 'unlocked', (row) => instances.takeUp(row));
  takeUpAtStart(operations, log, { snapshot: async (row) => snapshots.takeUp(row), rehearse: (row) => proofs.takeUp(row), restore: (row) => endLeftRestore(row, { folders, operations, log }), delete_snapshot: (row) => snapshots.endLeftRemoval(row), retention: (row) => clockwork.maintenance.takeUpRetention(row) });
  operations.onTakeUp('repair', 'unlocked', (row) => kept.repairs.takeUp(row));
  snapshots.onTaken.push((row) => kept.samples.take(row.userId, row.repositoryId));
  clockwork.maintenance.onPruned.push((userId, id) => kept.samples.takeNow(userId, id));
  kept.shown.onForgotten.push(async (userId, id) => {
    for (const listener of snapshots.onRemoved) await listener(userId, id);
  });
  accounts.onUnlocked((userId) => void kept.passwords.finishAll(userId));
  accounts.onSessionEnded((userId) => events.tell(userId, 'session'));
  const { stopPolling } = followUsers({ accounts, secrets, instances, operations, clockwork, log }, snapshots);
  const notices = new Notices({ settings, hints: events, clock });
  const shell = new DesktopShell(surface.shell, { schedules: clockwork.schedules, operations });
  const diagnostics = new Diagnostics({ source: diagnosticsSource({ version, dataFolder, forms: { 'dumont.sqlite': presentVersion } }), settings, secrets, repositories: kept.service, operations, redact: (text) => foundation.redactor.text(text), clock, demo: config.demo });
  const health: Services['health'] = () => ({ status: 'ok', name: 'Dumont Cloud', version, uptime_s: Math.floor((clock.now() - startedAt) / 1000) });
  return {
    services: { accounts, diagnostics, secrets, settings, offers, instances, hostKeys, operations, repositories: kept.service, snapshots, files, proofs, sources, schedules: clockwork.schedules, maintenance: clockwork.maintenance, events, notices, shell, health },
    accounts, secrets, settings, instances, operations, events, notices, clockwork, vast, keychain, store, log,
    begin: () => {
      operations.reconcile();
      removeLeftKeyFiles().catch((error: unknown) => log.warn('restic.key_files_left', { error }));
      clockwork.runner.start();
    },
    close: closing(providers, foundation.log, { events, operations, clockwork }, stopPolling),
  };
}

/** Kinds whose rows of a former run are ended at once. One that cannot be is only failed, so that nothing seems to run for ever. */
function takeUpAtStart(operations: OperationsLog, log: Log, kinds: Partial<Readonly<Record<OperationKind, (row: OperationRow) => Promise<void>>>>): void {
  for (const [kind, end] of Object.entries(kinds)) {
    operations.onTakeUp(kind as OperationKind, 'start', (row) => {
      end(row).catch((error: unknown) => {
        log.error('operation.not_taken_up', { operation: row.id, kind, error });
        operations.end(row.id, 'failed', { code: 'internal', message: 'Internal error. The log has the details.', data: {} });
      });
    });
  }
}

/** Nobody waits for it, so a failure is a line in the log. */
function forgetHost(hosts: OpenSsh, userId: string, instanceId: number, log: Log): void {
  hosts.forget(userId, instanceId).catch((error: unknown) => log.warn('ssh.host_not_forgotten', { instance_id: instanceId, error }));
}
