// One operation while it runs: its record, its log, who follows it, and when what is written to the database.
import type { LogLine, Operation, OperationEvent, OperationState, Progress } from '../../contract';
import type { EventQueue } from './events-queue';
import type { Clock, OperationRun } from './ports';
import type { OperationRow, Store } from './store-port';

/** Milliseconds: progress is shown at most four times a second and written once a second. */
const showEvery = 250;
const saveEvery = 1_000;
/** Lines that wait in memory before they are written. */
const logBatch = 200;
/** Lines of one operation that are kept; the rest is counted. */
export const logLimit = 10_000;
/** UTF-16 units of one line. */
const lineLimit = 4_000;

/** What a running operation needs from the log of operations that holds it. */
export interface RunHost {
  readonly store: Pick<Store, 'operations'>;
  readonly clock: Clock;
  /** Takes secrets out of a line before it is kept. */
  readonly redact: (text: string) => string;
  /** Tells pages about the new state. */
  readonly changed: (row: OperationRow) => void;
}

interface Question {
  readonly answer: (text: string | null) => void;
}

/** The operation as the contract shows it: the row without what only a restart needs. */
export function publicPart(row: OperationRow): Operation {
  const { userId: _userId, context: _context, ...operation } = row;
  return operation;
}

// oxlint-disable-next-line no-control-regex -- it is about control characters
const controls = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The row, the signal and the listeners of one running operation. */
export class RunningOperation {
  readonly controller = new AbortController();
  readonly followers = new Set<EventQueue<OperationEvent>>();
  readonly #host: RunHost;
  row: OperationRow;
  settled: Promise<unknown> = Promise.resolve();
  #question: Question | null = null;
  #lines: LogLine[] = [];
  #kept = 0;
  #shownAt = Number.NEGATIVE_INFINITY;
  #savedAt = Number.NEGATIVE_INFINITY;
  #waiting: AbortController | null = null;
  #end: Partial<Omit<OperationRow, 'id' | 'userId'>> = {};

  constructor(host: RunHost, row: OperationRow) {
    this.#host = host;
    this.row = row;
  }

  /** Lines that are not in the database yet. */
  get unsaved(): readonly LogLine[] {
    return this.#lines;
  }

  /** A durable change that pages see at once. */
  update(change: Partial<Omit<OperationRow, 'id' | 'userId'>>): void {
    this.row = { ...this.row, ...change };
    this.#host.store.operations.update(this.row.id, change);
    this.#show();
  }

  log(level: LogLine['level'], text: string, src: LogLine['src'] = 'local'): void {
    if (this.#kept > logLimit) return;
    this.#kept += 1;
    const clean = this.#kept > logLimit ? 'The log is full: later lines were dropped.' : this.#host.redact(text).replace(controls, ' ').slice(0, lineLimit);
    const line: LogLine = { at: new Date(this.#host.clock.now()).toISOString(), level, src, text: clean };
    this.#lines.push(line);
    this.followers.forEach((queue) => queue.push({ type: 'log', line }));
    // A database that cannot take them now, such as on a full disk, gets them later.
    if (this.#lines.length < logBatch || !this.#tried(() => this.saveLog())) this.#later();
  }

  progress(progress: Progress): void {
    this.row = { ...this.row, progress };
    if (this.#host.clock.now() - this.#shownAt >= showEvery) this.#show();
    this.#later();
  }

  warn(text: string): void {
    const clean = this.#host.redact(text).replace(controls, ' ').slice(0, lineLimit);
    this.log('warn', clean);
    this.update({ warnings: [...this.row.warnings, clean] });
  }

  /** Resolves with the user's answer, or with null when `signal` or the operation is aborted. */
  async ask(code: string, signal: AbortSignal): Promise<string | null> {
    const until = AbortSignal.any([signal, this.controller.signal]);
    if (until.aborted) return null;
    this.#question?.answer(null);
    const answer = await new Promise<string | null>((resolve) => {
      const question: Question = { answer: resolve };
      this.#question = question;
      until.addEventListener('abort', () => resolve(null), { once: true });
      this.update({ asks: code });
    });
    this.#question = null;
    if (this.row.asks !== null) this.update({ asks: null });
    return answer;
  }

  /** False when nothing is asked. */
  answer(text: string): boolean {
    const asked = this.#question !== null;
    this.#question?.answer(text);
    return asked;
  }

  saveLog(): void {
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#host.store.operations.appendLog(this.row.id, lines);
    this.#lines = this.#lines.slice(lines.length);
  }

  /** Shows the state it ended in, and lets the followers go. `null` leaves the state for the next start. */
  end(state: OperationState | null, error: Operation['error']): void {
    this.#waiting?.abort();
    const { progress } = this.row;
    const end = state === null ? { progress } : { state, error, progress, asks: null, cancellable: false, ended_at: state === 'unknown' ? null : new Date(this.#host.clock.now()).toISOString() };
    this.#end = end;
    this.row = { ...this.row, ...end };
    if (state !== null) this.#show();
    this.followers.forEach((queue) => queue.end());
    this.followers.clear();
  }

  /** Writes how it ended, and what of its log is not written yet. Throws what the database throws; then it may be called again. */
  write(): void {
    const { warnings } = this.row;
    this.#host.store.operations.update(this.row.id, { warnings, ...this.#end });
    this.saveLog();
  }

  /** What the work is given. */
  handle(): OperationRun {
    return {
      id: this.row.id,
      signal: this.controller.signal,
      progress: (progress) => this.progress(progress),
      log: (level, text, src) => this.log(level, text, src),
      warn: (text) => this.warn(text),
      ask: (question, signal) => this.ask(question, signal),
      setCancellable: (cancellable) => this.update({ cancellable }),
      link: ({ instanceId, snapshotId }) =>
        this.update({ ...(instanceId === undefined ? {} : { instance_id: instanceId }), ...(snapshotId === undefined ? {} : { snapshot_id: snapshotId }) }),
      remember: (context) => this.update({ context: { ...this.row.context, ...context } }),
    };
  }

  #show(): void {
    this.#shownAt = this.#host.clock.now();
    this.#host.changed(this.row);
    this.followers.forEach((queue) => queue.push({ type: 'operation', operation: publicPart(this.row) }, 'operation'));
  }

  /** Shows and writes what was held back, after the pause. */
  #later(): void {
    if (this.#waiting !== null) return;
    const waiting = new AbortController();
    this.#waiting = waiting;
    const shown = this.#shownAt;
    this.#host.clock.sleep(showEvery, waiting.signal).then(
      () => {
        this.#waiting = null;
        if (shown === this.#shownAt) this.#show();
        this.#save();
      },
      () => undefined,
    );
  }

  #save(): void {
    if (this.#host.clock.now() - this.#savedAt >= saveEvery) {
      this.#savedAt = this.#host.clock.now();
      const saved = this.#tried(() => {
        this.saveLog();
        this.#host.store.operations.update(this.row.id, { progress: this.row.progress });
      });
      if (!saved) this.#later();
    } else {
      this.#later();
    }
  }

  #tried(write: () => void): boolean {
    try {
      write();
      return true;
    } catch {
      return false;
    }
  }
}
