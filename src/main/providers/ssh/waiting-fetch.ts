// A fetch whose names are not known yet: a connection that was made for it, or one that a survey left to it.
import type { SshChild } from './ssh-process';

export class WaitingFetch {
  private begun: { readonly directory: string; readonly child: Promise<SshChild>; over: boolean } | null = null;

  /** There is one, and it has not ended. */
  get isThere(): boolean {
    return this.begun?.over === false;
  }

  keep(directory: string, child: Promise<SshChild>): void {
    const begun = { directory, child, over: false };
    const end = (): void => void (begun.over = true);
    child.then((one) => one.ended).then(end, end);
    this.begun = begun;
  }

  /** What waits for this directory, if it still does. */
  async take(directory: string): Promise<SshChild | null> {
    const { begun } = this;
    if (begun?.directory !== directory) return null;
    this.begun = null;
    const child = await begun.child.catch(() => null);
    return begun.over ? null : child;
  }

  release(): void {
    this.begun?.child.then((child) => child.kill(), () => undefined);
    this.begun = null;
  }
}
