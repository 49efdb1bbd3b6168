// Constructs providers and services for both entries, with plain `new`, from the outside in.
import { homedir } from 'node:os';
import path from 'node:path';
import type { AppConfig } from './config';
import { Accounts } from './domain/accounts';
import { EventsFeed } from './domain/events';
import { Instances } from './domain/instances';
import { Offers } from './domain/offers';
import { OperationsLog } from './domain/operations';
import type { Log, Shell } from './domain/ports';
import { Redactor } from './domain/redact';
import { Secrets } from './domain/secrets';
import type { Services } from './domain/services';
import { UserSettings } from './domain/settings';
import { DesktopShell } from './domain/shell';
import type { Store } from './domain/store-port';
import { JsonLog } from './providers/log/json-log';
import { Argon2Hasher } from './providers/passwords/argon2';
import { systemClock } from './providers/process/system-clock';
import { ProcessKeychain, type HelperProcess } from './providers/secrets/keychain';
import { FileVault } from './providers/secrets/vault';
import { openStore } from './providers/store/open-store';
import { VastClient } from './providers/vast/client';
import { hosts, snapshots } from './snapshots-pending';

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
export interface Foundation {
  readonly log: Log & { close(): void };
  readonly redactor: Redactor;
  readonly store: Store;
}

export interface AppParts {
  readonly services: Services;
  readonly accounts: Accounts;
  readonly secrets: Secrets;
  readonly settings: UserSettings;
  readonly instances: Instances;
  readonly operations: OperationsLog;
  readonly events: EventsFeed;
  readonly vast: VastClient;
  readonly store: Store;
  readonly log: Log;
  /** Takes up what an earlier start left; call once, when everything listens. */
  begin(): void;
  /** Ends operations, streams, polling, children and the database, in this order and within `ms`. */
  close(ms: number): Promise<void>;
}

/** Log and database of a data folder. */
export function openFoundation(config: AppConfig): Foundation {
  const redactor = new Redactor(homedir());
  const log = new JsonLog({ folder: path.join(config.dataFolder, 'logs'), name: 'dumont', clock: systemClock, redactor });
  return { log, redactor, store: openStore(path.join(config.dataFolder, 'dumont.db')) };
}

/** All services of the app. `demo` is the demo account; `setupCode` is what the first account over HTTP must name. */
export function makeServices(
  config: AppConfig,
  { log, redactor, store }: Foundation,
  surface: Surface,
  start: { readonly vastUrl: string; readonly demo: { readonly email: string; readonly password: string } | null; readonly setupCode: string | null },
): AppParts {
  const clock = systemClock;
  const startedAt = clock.now();
  const { version, dataFolder } = config;

  const keychain = new ProcessKeychain({ service: config.demo ? 'dumont-cloud-demo' : 'dumont-cloud', fork: () => surface.forkHelper(config.files.keychainHelper), clock });
  const vault = new FileVault({ dataFolder });
  const vast = new VastClient({ baseUrl: start.vastUrl, clock, log, userAgent: `dumont-cloud/${version}` });

  const events = new EventsFeed(clock);
  const operations = new OperationsLog({ store, clock, log, redact: (text) => redactor.text(text), feed: events });
  const secrets = new Secrets({ store, keychain, vault, log });
  const facts = { version, demo: config.demo, vastUrl: start.vastUrl, dataFolder, httpAddress: surface.httpAddress };
  const settings = new UserSettings({ store, secrets, vast, hints: events, facts, defaultLanguage: 'system' });
  const accounts = new Accounts({ store, hasher: new Argon2Hasher(), vault, keychain, settings, clock, log, version, demo: start.demo, setupCode: start.setupCode, desktop: surface.desktop });
  const offers = new Offers({ vast, secrets, settings, clock, log });
  const instances = new Instances({ vast, secrets, settings, store, operations, hints: events, clock, log, sshKeys: hosts });

  for (const kind of ['create', 'pause', 'resume', 'destroy'] as const) operations.onTakeUp(kind, (row) => instances.takeUp(row));
  const unlocked = new Set<string>();
  accounts.onUnlocked((userId) => {
    unlocked.add(userId);
    instances.poller.start(userId);
    operations.unlocked(userId);
  });
  accounts.onLocked((userId) => {
    unlocked.delete(userId);
    instances.poller.stop(userId);
  });

  const services: Services = {
    accounts,
    secrets,
    settings,
    offers,
    instances,
    operations,
    snapshots,
    events,
    shell: new DesktopShell(surface.shell),
    health: () => ({ status: 'ok', name: 'Dumont Cloud', version, uptime_s: Math.floor((clock.now() - startedAt) / 1000) }),
  };
  return {
    services,
    accounts,
    secrets,
    settings,
    instances,
    operations,
    events,
    vast,
    store,
    log,
    begin: () => operations.reconcile(),
    async close(ms) {
      operations.cancelAll('The app ends.');
      await operations.settled(ms);
      events.close();
      unlocked.forEach((userId) => instances.poller.stop(userId));
      await Promise.allSettled([keychain.close(), vast.close()]);
      store.close();
      log.info('app.ended');
      log.close();
    },
  };
}
