// Operations over a real store in memory, on a virtual clock, with what pages are told: for tests of operations.
import type { Operation, OperationState } from '../../src/contract';
import { OperationsLog } from '../../src/main/domain/operations';
import type { OperationRun, OperationSpec } from '../../src/main/domain/ports';
import type { Store } from '../../src/main/domain/store-port';
import { openStore } from '../../src/main/providers/store/open-store';
import { MemoryLog } from './log';
import { settle, VirtualClock } from './virtual-clock';

export const ana = { userId: 'ana' };
export const ben = { userId: 'ben' };
export const spec: OperationSpec = { caller: ana, kind: 'snapshot', instanceId: 7, title: '/workspace', cancellable: true };

/** Work that goes on until the test ends it. */
export interface HeldWork {
  readonly id: string;
  /** Its result or its error; never rejects. */
  readonly done: Promise<unknown>;
  run(): Promise<OperationRun>;
  end(): Promise<unknown>;
  fail(error: unknown): Promise<unknown>;
}

export class OperationsRig {
  readonly clock = new VirtualClock();
  readonly log = new MemoryLog();
  readonly store: Store = openStore(':memory:');
  /** What pages were shown. */
  readonly shown: Operation[] = [];
  readonly hints: string[] = [];
  operations: OperationsLog;

  constructor() {
    for (const { userId: id } of [ana, ben]) this.store.users.insert({ id, email: `${id}@example.com`, passwordHash: 'x', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
    this.operations = this.restart();
  }

  /** As after a crash: the same database, and nothing runs. */
  restart(): OperationsLog {
    const feed = {
      tell: (userId: string, topic: string, id?: string | number) => void this.hints.push(`${userId} ${topic} ${String(id)}`),
      operation: (_userId: string, operation: Operation) => void this.shown.push(operation),
    };
    this.operations = new OperationsLog({ store: this.store, clock: this.clock, log: this.log, redact: (text) => text.replaceAll('s3cret', '[hidden]'), feed });
    return this.operations;
  }

  hold(change: Partial<OperationSpec> = {}): HeldWork {
    let run: OperationRun | undefined;
    let resolve: () => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    const started = this.operations.start({ ...spec, ...change }, (given) => {
      run = given;
      return new Promise<void>((yes, no) => {
        resolve = yes;
        reject = no;
        given.signal.addEventListener('abort', () => no(given.signal.reason));
      });
    });
    const done: Promise<unknown> = started.done.catch((error: unknown) => error);
    return {
      id: started.operation.id,
      done,
      async run() {
        await settle();
        return run as OperationRun;
      },
      async end() {
        await settle();
        resolve();
        return done;
      },
      async fail(error) {
        await settle();
        reject(error);
        return done;
      },
    };
  }

  stateOf(id: string): OperationState {
    return this.operations.get(ana, id).state;
  }

  texts(id: string): string[] {
    return this.operations.get(ana, id).log.map((line) => line.text);
  }
}
