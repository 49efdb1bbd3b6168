// What only a desktop can do, for callers in its window; everybody else is told so.
import type { DragSubject, OpenedFile, PageCommandId, UpdateState } from '../../contract';
import { AppError } from './app-error';
import type { Caller, Shell } from './ports';
import type { Services, ShellService } from './services';
import { exportOf } from './shell-exports';

/** The group `shell` of the contract over the desktop's port; headless has none. */
export class DesktopShell implements ShellService {
  readonly #shell: Shell | null;
  readonly #services: Pick<Services, 'schedules' | 'operations'>;

  /** `services` say what is in a file that is dragged out. */
  constructor(shell: Shell | null, services: Pick<Services, 'schedules' | 'operations'>) {
    this.#shell = shell;
    this.#services = services;
  }

  async pickFolder(caller: Caller): Promise<{ readonly folder: string | null }> {
    return { folder: await this.#for(caller).pickFolder() };
  }

  async openExternal(caller: Caller, url: string): Promise<void> {
    await this.#for(caller).openExternal(url);
  }

  async openFolder(caller: Caller, folder: string): Promise<void> {
    await this.#for(caller).openFolder(folder);
  }

  async startAtLogin(caller: Caller, enabled: boolean): Promise<{ readonly enabled: boolean }> {
    return { enabled: await this.#for(caller).setStartAtLogin(enabled) };
  }

  async dragOut(caller: Caller, subject: DragSubject): Promise<void> {
    const shell = this.#for(caller);
    const { name, text } = exportOf(this.#services, caller, subject);
    await shell.dragOut(name, text);
  }

  async openedFile(caller: Caller, number: number): Promise<OpenedFile> {
    return this.#for(caller).openedFile(number);
  }

  async startsAtLogin(caller: Caller): Promise<{ readonly enabled: boolean }> {
    return { enabled: await this.#for(caller).startsAtLogin() };
  }

  /** Refused at once, not when the stream is first read. */
  commands(caller: Caller, signal?: AbortSignal): AsyncGenerator<{ readonly command: PageCommandId }> {
    return asEvents(this.#for(caller).commands(signal));
  }

  updates(caller: Caller): UpdateState {
    return this.#for(caller).updates();
  }

  async update(caller: Caller, step: 'check' | 'download' | 'install'): Promise<UpdateState> {
    return this.#for(caller).update(step);
  }

  #for(caller: Caller): Shell {
    if (this.#shell === null || caller.transport !== 'ipc') throw new AppError('desktop_only', 'Only the desktop app can do this.', {});
    return this.#shell;
  }
}

async function* asEvents(commands: AsyncGenerator<PageCommandId>): AsyncGenerator<{ readonly command: PageCommandId }> {
  for await (const command of commands) yield { command };
}
