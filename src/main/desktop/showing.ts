// Who asks from outside for the window: a link, a file, or a second start of the app; also while the first one is still starting. No Electron.
/** What is asked of the window. */
export interface Shown {
  /** Null while it was never opened. */
  get(): object | null;
  open(route: string): void;
}

type RouteOf = (argv: readonly string[], folder: string) => string | null;

export class Showing {
  readonly #routeOf: RouteOf;
  /** Where the newest link or file from outside leads. */
  #linked: string | null;
  #asked = false;
  #window: Shown | null = null;

  /** `argv`: the first start's own arguments, in the folder that their relative paths begin at; `routeOf` says where a link or a file among arguments leads. */
  constructor(argv: readonly string[], folder: string, routeOf: RouteOf) {
    this.#routeOf = routeOf;
    this.#linked = routeOf(argv, folder);
  }

  /** For the first opening; '' where nothing led anywhere. */
  get route(): string {
    return this.#linked ?? '';
  }

  /** Shows the window, at the page of the link or file if there is one; later, when there is none yet. */
  show(route: string | null): void {
    this.#linked = route ?? this.#linked;
    this.#asked = true;
    this.#window?.open(route ?? '');
  }

  /** A second start of the app: one at login that is to stay hidden asks for nothing. */
  secondStart(argv: readonly string[], folder: string): void {
    const route = this.#routeOf(argv, folder);
    if (route !== null || !argv.includes('--hidden')) this.show(route);
  }

  /** The app has started: whoever asked before gets the window now, if the start itself did not open it. */
  started(window: Shown): void {
    this.#window = window;
    if (this.#asked && window.get() === null) window.open(this.route);
  }
}
