// A fetch whose names are not known yet: a connection that was made for it, or one that a survey left to it.
import type { SharedConnection } from './shared-connection';
import type { SshChild } from './ssh-process';

export class WaitingFetch {
  private begun: { readonly directory: string; readonly child: Promise<SshChild>; over: boolean } | null = null;
  private taken = 0;

  constructor(private readonly connection: Pick<SharedConnection, 'share' | 'end'>) {}

  /** Starts one where none is, or it has ended: over a shared connection when it is not the first. */
  prepare(directory: string, start: () => Promise<SshChild>, signal: AbortSignal): void {
    if (this.begun?.over === false) return;
    this.keep(directory, this.taken === 0 ? start() : this.connection.share(signal).then(start));
  }

  keep(directory: string, child: Promise<SshChild>): void {
    const begun = { directory, child, over: false };
    const end = (): void => void (begun.over = true);
    child.then((one) => one.ended).then(end, end);
    this.begun = begun;
  }

  /** What waits for this directory, if it still does. */
  async take(directory: string): Promise<SshChild | null> {
    this.taken += 1;
    const { begun } = this;
    if (begun?.directory !== directory) return null;
    this.begun = null;
    const child = await begun.child.catch(() => null);
    return begun.over ? null : child;
  }

  release(): void {
    this.begun?.child.then((child) => child.kill(), () => undefined);
    this.begun = null;
    this.connection.end();
  }
}
