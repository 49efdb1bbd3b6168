// Commands of the native menus on their way to the page that listens for them.
import type { PageCommandId } from '../../contract';
import { EventQueue } from '../domain/events-queue';

/** More than a page that reads at all ever lets wait. */
const mostWaiting = 16;

export class PageCommands {
  readonly #pages = new Set<EventQueue<PageCommandId>>();

  /** Lost where no page listens: a menu that asks a page nobody sees asks nothing. */
  send(command: PageCommandId): void {
    for (const page of this.#pages) page.push(command, command);
  }

  async *watch(signal?: AbortSignal): AsyncGenerator<PageCommandId> {
    const page = new EventQueue<PageCommandId>(mostWaiting);
    this.#pages.add(page);
    try {
      yield* page.drain(signal);
    } finally {
      this.#pages.delete(page);
    }
  }
}
