// Who asks from outside for the window: a link, or a second start of the app; also while the first one is still starting. No Electron.
import { routeOfArguments } from './deep-link';

/** What is asked of the window. */
export interface Shown {
  /** Null while it was never opened. */
  get(): object | null;
  open(route: string): void;
}

export class Showing {
  /** Where the newest link from outside leads. */
  #linked: string | null;
  #asked = false;
  #window: Shown | null = null;

  /** `argv`: the first start's own arguments. */
  constructor(argv: readonly string[]) {
    this.#linked = routeOfArguments(argv);
  }

  /** For the first opening; '' where no link led anywhere. */
  get route(): string {
    return this.#linked ?? '';
  }

  /** Shows the window, at the link's page if there is one; later, when there is none yet. */
  show(route: string | null): void {
    this.#linked = route ?? this.#linked;
    this.#asked = true;
    this.#window?.open(route ?? '');
  }

  /** A second start of the app: one at login that is to stay hidden asks for nothing. */
  secondStart(argv: readonly string[]): void {
    const route = routeOfArguments(argv);
    if (route !== null || !argv.includes('--hidden')) this.show(route);
  }

  /** The app has started: whoever asked before gets the window now, if the start itself did not open it. */
  started(window: Shown): void {
    this.#window = window;
    if (this.#asked && window.get() === null) window.open(this.route);
  }
}
