// Quitting: at once while nothing runs; else the user says whether to wait, to cancel, or to stay. Signals and the system's own end ask nothing.
import { app, dialog, type BrowserWindow } from 'electron';
import type { Operation } from '../../contract';
import type { Log } from '../domain/ports';
import { notify } from './note-ways';
import { answers, quitQuestion, shown, type QuitAnswer, type QuitState } from './quit-question';
import { waitUntilQuiet } from './quit-wait';
import { quitWordsOf } from './quit-words';
import { fill } from './words';

export interface QuitOptions {
  readonly state: () => QuitState;
  readonly window: () => BrowserWindow | null;
  /** Shows the window at this place (`#/operations/…`), or where it was. */
  readonly open: (route: string) => void;
  /** Resolves once nothing runs any more, or after a few seconds. */
  readonly settled: () => Promise<unknown>;
  readonly log: Log;
}

/** The gate of `before-quit`. */
export class Quit {
  readonly #options: QuitOptions;
  #decided = false;
  #asking = false;
  #waiting: AbortController | null = null;

  constructor(options: QuitOptions) {
    this.#options = options;
  }

  /** From now on nothing is asked: a signal, the end of the session, or the user's own word. */
  decide(): void {
    this.#decided = true;
  }

  /** For `before-quit`: holds the quit up while there is something to ask. */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.#decided || quitQuestion(this.#options.state()) === null) return;
    event.preventDefault();
    if (this.#asking) return;
    this.#asking = true;
    this.#ask()
      .then((answer) => this.#follow(answer))
      .catch((error: unknown) => this.#options.log.error('quit.not_asked', { error }))
      .finally(() => {
        this.#asking = false;
      });
  }

  async #ask(): Promise<QuitAnswer> {
    const question = quitQuestion(this.#options.state());
    if (question === null) return 'stop';
    const { message, detail, buttons } = question;
    const box = { type: 'question' as const, title: 'Dumont Cloud', message, detail, buttons: [...buttons], defaultId: 0, cancelId: 2, noLink: true };
    const window = this.#options.window();
    const { response } = window?.isVisible() === true ? await dialog.showMessageBox(window, box) : await dialog.showMessageBox(box);
    return answers[response] ?? 'stay';
  }

  #follow(answer: QuitAnswer): void {
    this.#options.log.info('quit.answered', { answer });
    this.#waiting?.abort();
    this.#waiting = null;
    if (answer === 'stop') this.#quit();
    else if (answer === 'wait') this.#wait();
  }

  #wait(): void {
    const waiting = new AbortController();
    this.#waiting = waiting;
    const { state, settled, open, log } = this.#options;
    waitUntilQuiet({ running: () => state().running, settled, hide: () => this.#hide(), ask: (operation) => this.#showAsking(operation) }, waiting.signal)
      .then((isQuiet) => (isQuiet ? this.#quit() : undefined))
      .catch((error: unknown) => {
        // Hidden, it would seem to have quit.
        log.error('quit.not_waited', { error });
        open('');
      });
  }

  #hide(): void {
    const { hides, language } = this.#options.state();
    if (!hides) return;
    this.#options.window()?.hide();
    const words = quitWordsOf(language);
    notify({ title: words.waitingTitle, body: words.waitingBody });
  }

  #showAsking({ id, title }: Operation): void {
    this.#options.open(`#/operations/${id}`);
    const words = quitWordsOf(this.#options.state().language);
    notify({ title: words.askingTitle, body: fill(words.askingBody, { title: shown(title) }) });
  }

  #quit(): void {
    this.decide();
    app.quit();
  }
}
