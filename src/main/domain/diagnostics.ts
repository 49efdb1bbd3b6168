// The diagnostic report: what helps to find a fault, as text that its reader can check before it goes anywhere.
import type { Settings } from '../../contract';
import { isAppError } from './app-error';
import type { Caller, Clock } from './ports';
import type { DiagnosticsService, OperationsService, RepositoriesService, SecretsService, SettingsService } from './services';
import { logLineWithoutNames, withoutNames } from './without-names';

/** What the report takes from outside the domain. */
export interface DiagnosticsSource {
  /** Name and version of the app, its runtime and its parts, in the order they are shown. */
  versions(): Readonly<Record<string, string>>;
  /** Number of the form of each database. */
  forms(): Readonly<Record<string, number>>;
  /** The last lines of the log, oldest first. */
  logTail(lines: number): Promise<readonly string[]>;
  /** Crash dumps that lie here; they are never sent anywhere. */
  crashDumps(): Promise<readonly { readonly name: string; readonly bytes: number; readonly at: string }[]>;
}

/** Lines of the log that the report holds. */
const logLines = 300;
const shownOperations = 30;

/** Settings whose words are ours; of every other text only whether it is set is said. */
const plainSettings: ReadonlySet<string> = new Set(['language', 'theme', 'notifications', 'quiet_from', 'quiet_to']);

/** Booleans and numbers as they are; of texts only whether they are set. */
export function settingsWithoutTexts(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'boolean' || typeof value === 'number' || plainSettings.has(name)) return [name, value];
      return [name, value === null || value === '' ? '(not set)' : '(set)'];
    }),
  );
}

const section = (title: string, lines: readonly string[]): string => [`## ${title}`, ...(lines.length === 0 ? ['(none)'] : lines), ''].join('\n');
const rows = (facts: Readonly<Record<string, unknown>>): readonly string[] => Object.entries(facts).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);

interface Parts {
  readonly source: DiagnosticsSource;
  readonly settings: Pick<SettingsService, 'values'>;
  readonly secrets: Pick<SecretsService, 'status'>;
  readonly repositories: Pick<RepositoriesService, 'overview'>;
  readonly operations: Pick<OperationsService, 'list'>;
  /** Takes registered secrets out, once more. */
  readonly redact: (text: string) => string;
  readonly clock: Pick<Clock, 'now'>;
  readonly demo: boolean;
}

/** Makes the report anew at each call; nothing of it is kept or sent. */
export class Diagnostics implements DiagnosticsService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async report(caller: Caller): Promise<{ readonly file_name: string; readonly text: string }> {
    const { source, settings, redact, clock, demo } = this.#parts;
    const at = new Date(clock.now()).toISOString();
    const [tools, store, log, dumps] = await Promise.all([this.#tools(caller), this.#store(caller), source.logTail(logLines), source.crashDumps()]);
    const text = [
      '# Dumont Cloud, diagnostic report',
      `Made ${at}${demo ? ' in the demo' : ''}. No secrets, e-mail addresses, names of machines or addresses are in it: read it before you pass it on.\n`,
      section('Versions', rows(source.versions())),
      section('Forms of the databases', rows(source.forms())),
      section('Programs', rows(tools)),
      section('Secrets are kept in', rows(store)),
      section('Settings', rows(settingsWithoutTexts(settings.values(caller.userId)))),
      section('Operations', this.#operationLines(caller)),
      section('Crash dumps on this computer (never sent)', dumps.map((one) => `${one.at} ${one.name} ${String(one.bytes)} bytes`)),
      section(`Log, the last ${String(logLines)} lines`, log.map(logLineWithoutNames)),
    ].join('\n');
    return { file_name: `dumont-cloud-diagnostics-${at.replaceAll(/[:.]/g, '-')}.txt`, text: redact(text) };
  }

  async #tools(caller: Caller): Promise<Record<string, unknown>> {
    try {
      const { restic, ssh, state } = await this.#parts.repositories.overview(caller);
      return { restic: restic === null ? 'not found' : `${restic.version}, from ${restic.from} (${restic.advice})`, ssh: ssh === null ? 'not found' : withoutNames(ssh.version), repository: state };
    } catch (error) {
      return { 'not known': isAppError(error) ? error.code : 'internal' };
    }
  }

  async #store(caller: Caller): Promise<Record<string, unknown>> {
    try {
      return { ...(await this.#parts.secrets.status(caller.userId)) };
    } catch (error) {
      return { 'not known': isAppError(error) ? error.code : 'internal' };
    }
  }

  #operationLines(caller: Caller): readonly string[] {
    const { operations } = this.#parts.operations.list(caller, { limit: shownOperations });
    return operations.map((one) => `${one.created_at} ${one.kind} ${one.state}${one.error === null ? '' : ` (${one.error.code})`}`);
  }
}
