// One change of an index file after the other: SQLite has one writer.

interface Turn {
  readonly done: Promise<unknown>;
  /** Asked when somebody else comes. */
  readonly giveWay: () => void;
}

const stays = (): void => undefined;

/** Turns by file. */
export class WriterTurns {
  private readonly last = new Map<string, Turn>();

  /** After those that came before, of which one that gives way ends soon. */
  take<Value>(file: string, work: () => Promise<Value>, giveWay = stays): Promise<Value> {
    const before = this.last.get(file);
    before?.giveWay();
    const done = (before?.done ?? Promise.resolve()).catch(stays).then(work);
    const turn = { done, giveWay };
    this.last.set(file, turn);
    const end = (): void => void (this.last.get(file) === turn && this.last.delete(file));
    done.then(end, end);
    return done;
  }

  /** Only where nobody has a turn or waits for one: else null. `giveWay` is called when somebody comes. */
  takeFree<Value>(file: string, work: () => Promise<Value>, giveWay: () => void): Promise<Value> | null {
    return this.last.has(file) ? null : this.take(file, work, giveWay);
  }
}
