// Quitting: at once while nothing runs; else the user says whether to wait, to cancel, or to stay. Signals and the system's own end ask nothing.
import { app, dialog, Notification, type BrowserWindow } from 'electron';
import type { Log } from '../domain/ports';
import { answers, quitQuestion, type QuitAnswer, type QuitState } from './quit-question';
import { quitWordsOf } from './quit-words';

export interface QuitOptions {
  readonly state: () => QuitState;
  readonly window: () => BrowserWindow | null;
  /** Resolves once nothing runs any more. */
  readonly settled: (signal: AbortSignal) => Promise<void>;
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
    const shown = window?.isVisible() === true ? await dialog.showMessageBox(window, box) : await dialog.showMessageBox(box);
    return answers[shown.response] ?? 'stay';
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
    const { hides, language } = this.#options.state();
    if (hides) {
      this.#options.window()?.hide();
      const words = quitWordsOf(language);
      if (Notification.isSupported()) new Notification({ title: words.waitingTitle, body: words.waitingBody }).show();
    }
    void this.#options.settled(waiting.signal).then(() => {
      if (!waiting.signal.aborted) this.#quit();
    });
  }

  #quit(): void {
    this.decide();
    app.quit();
  }
}
