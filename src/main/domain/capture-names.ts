// Names of a host's files in warnings and log lines: the first few, and how many more there are.
import { displayName } from './snapshot-names';
import type { BytePath } from './snapshot-ports';

/** Names in one warning or log line. */
const named = 20;

/** Names as a person may see them, of so many in all. */
export const shown = (paths: readonly BytePath[], count = paths.length): string => `${paths.slice(0, named).map(displayName).join(', ')}${count > named ? ` and ${count - named} more` : ''}`;

/** Counts names, of which there may be millions, and keeps those that are shown. */
export class Examples {
  private readonly first: BytePath[] = [];
  count = 0;

  add(path: BytePath): void {
    this.count += 1;
    if (this.first.length < named) this.first.push(path);
  }

  get text(): string {
    return shown(this.first, this.count);
  }
}
