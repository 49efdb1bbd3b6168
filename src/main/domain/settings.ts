// Settings of a user: defaults, what may be changed from where, and the Vast.ai key that is checked before it is kept.
import path from 'node:path';
import type { Settings, SettingsView } from '../../contract';
import { AppError } from './app-error';
import type { Caller, Hints, Vast } from './ports';
import type { SettingsService } from './services';
import type { Store } from './store-port';

/** Facts of this run of the app that the settings page shows. */
export interface AppFacts {
  readonly version: string;
  readonly demo: boolean;
  readonly vastUrl: string;
  readonly dataFolder: string;
  /** Others on this computer can read what lies there. */
  readonly dataExposed: boolean;
  /** Null while nothing listens. */
  httpAddress(): string | null;
}

/** Paths that programs are started from or files written below: a page or script with a token must not move them. */
/** The same goes for a command. */
const windowOnly = ['restic_path', 'export_folder', 'rehearsal_command'] as const;

const defaults: Omit<Settings, 'language'> = {
  theme: 'system',
  // CUDA 12.4 runs on drivers of 550 and newer, which most hosts have; "devel" holds the compilers that builds of extensions need.
  default_image: 'pytorch/pytorch:2.6.0-cuda12.4-cudnn9-devel',
  default_disk_size: 50,
  keep_signed_in: true,
  listen_http: false,
  close_to_tray: true,
  restic_path: null,
  export_folder: null,
  first_steps_done: false,
  proof_max_age_days: 7,
  rehearsal_budget_gb: 10,
  rehearsal_command: null,
  rehearsal_command_minutes: 10,
  snapshot_before_pause: true,
  snapshot_before_destroy: true,
  snapshot_before_contract_end: true,
  snapshot_before_credit_end: true,
  pause_if_snapshot_fails: false,
  check_updates: true,
  notifications: 'warnings',
  credit_warning_hours: 12,
  quiet_hours: false,
  quiet_from: '22:00',
  quiet_to: '07:00',
};

interface Parts {
  readonly store: Pick<Store, 'settings'>;
  readonly secrets: {
    view(userId: string, name: 'vast-api-key'): { readonly set: boolean; readonly last4: string | null };
    status(userId: string): Promise<SettingsView['secret_store']>;
    set(userId: string, name: 'vast-api-key', value: string, options?: { readonly showLast4?: boolean }): Promise<void>;
    remove(userId: string, name: 'vast-api-key'): Promise<void>;
  };
  readonly vast: Pick<Vast, 'credit'>;
  readonly hints: Hints;
  /** Called when a key was kept or removed. */
  readonly keyChanged: (userId: string) => void;
  readonly facts: AppFacts;
  readonly defaultLanguage: Settings['language'];
}

export class UserSettings implements SettingsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async get(caller: Caller): Promise<SettingsView> {
    const { secrets, facts } = this.#parts;
    return {
      vast_api_key: { ...secrets.view(caller.userId, 'vast-api-key') },
      settings: this.values(caller.userId),
      secret_store: await secrets.status(caller.userId),
      vast_url: facts.vastUrl,
      demo: facts.demo,
      version: facts.version,
      data_folder: facts.dataFolder,
      data_exposed: facts.dataExposed,
      http_address: facts.httpAddress(),
    };
  }

  /** All or nothing as far as the key goes: a key that Vast.ai does not accept, or cannot be asked about, leaves key and settings as they were. */
  async put(caller: Caller, input: { readonly vast_api_key?: string | null; readonly settings?: Partial<Settings> }): Promise<SettingsView> {
    const { store, secrets, vast, hints } = this.#parts;
    refuseForeignPaths(caller, input.settings ?? {});
    const key = input.vast_api_key;
    if (typeof key === 'string') {
      await vast.credit(key);
      await secrets.set(caller.userId, 'vast-api-key', key, { showLast4: true });
    } else if (key === null) {
      await secrets.remove(caller.userId, 'vast-api-key');
    }
    if (key !== undefined) this.#parts.keyChanged(caller.userId);
    if (input.settings !== undefined) store.settings.put(caller.userId, input.settings);
    hints.tell(caller.userId, 'settings');
    // Another key is another account: what was shown of the old one is void.
    if (key !== undefined) for (const topic of ['account', 'instances'] as const) hints.tell(caller.userId, topic);
    return this.get(caller);
  }

  values(userId: string): Settings {
    return { language: this.#parts.defaultLanguage, ...defaults, ...this.#parts.store.settings.get(userId) };
  }
}

const refuseForeignPaths = (caller: Caller, change: Partial<Settings>): void => {
  for (const name of windowOnly) {
    const value = change[name];
    if (value === undefined) continue;
    if (caller.transport === 'http') throw new AppError('forbidden', `${name} is changed from the window or by a flag only.`, { reason: name });
    if (value !== null && name !== 'rehearsal_command' && !path.isAbsolute(value)) throw new AppError('invalid_input', `${name} must be an absolute path.`, { issues: [{ path: `settings.${name}`, message: 'an absolute path' }] });
  }
};
