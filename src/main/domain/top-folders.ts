// Which top-level folder of a listing holds most of its entries: what a person is told when a listing is too large. Pure.
import { displayName } from './snapshot-names';
import type { BytePath } from './snapshot-ports';

/** Names that are told apart; a host may send any number of them. */
const mostNames = 10_000;

/** Counts entries by the first part of their path. */
export class TopFolders {
  private readonly counts = new Map<string, number>();
  private last = { name: '', count: 0 };

  add(path: BytePath): void {
    const end = path.indexOf('/');
    const name = end === -1 ? path : path.slice(0, end);
    // A listing stays in one folder for long.
    if (name !== this.last.name) {
      this.settle();
      this.last = { name, count: 0 };
    }
    this.last.count += 1;
  }

  private settle(): void {
    const { name, count } = this.last;
    const before = this.counts.get(name);
    if (before !== undefined || this.counts.size < mostNames) this.counts.set(name, (before ?? 0) + count);
  }

  /** As a person may see it; a dot where the folder itself is all there is. */
  largest(): string {
    this.settle();
    this.last = { name: this.last.name, count: 0 };
    let best = { name: '', count: 0 };
    for (const [name, count] of this.counts) if (name !== '' && count > best.count) best = { name, count };
    return best.name === '' ? '.' : displayName(best.name);
  }
}
