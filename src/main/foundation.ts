// What everything else of a start stands on: the log and the database of its data folder.
import { homedir } from 'node:os';
import path from 'node:path';
import type { AppConfig } from './config';
import { Redactor } from './domain/redact';
import type { Log } from './domain/ports';
import type { Store } from './domain/store-port';
import { JsonLog } from './providers/log/json-log';
import { othersCanRead } from './providers/process/folders';
import { systemClock } from './providers/process/system-clock';
import { openStore } from './providers/store/open-store';

/** What must be known before the services are made. */
export interface Foundation {
  readonly log: Log & { close(): void };
  readonly redactor: Redactor;
  readonly store: Store;
  /** Others on this computer can read the data folder's files. */
  readonly exposed: boolean;
}

/** Log and database of a data folder. */
export function openFoundation(config: AppConfig): Foundation {
  const redactor = new Redactor(homedir());
  const log = new JsonLog({ folder: path.join(config.dataFolder, 'logs'), name: 'dumont', clock: systemClock, redactor });
  const file = path.join(config.dataFolder, 'dumont.sqlite');
  const store = openStore(file);
  const exposed = othersCanRead(file);
  if (exposed) log.warn('app.data_exposed', { folder: config.dataFolder });
  return { log, redactor, store, exposed };
}
