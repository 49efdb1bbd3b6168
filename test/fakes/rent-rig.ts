// Renting, booting and destroying over a store in memory, on a virtual clock, with a Vast that does as it is told.
import type { Operation } from '../../src/contract';
import { AppError } from '../../src/main/domain/app-error';
import { Instances } from '../../src/main/domain/instances';
import { OperationsLog } from '../../src/main/domain/operations';
import type { RentedInstance, RentRequest, Vast } from '../../src/main/domain/ports';
import { justRented } from '../../src/main/domain/rent-plan';
import type { Store } from '../../src/main/domain/store-port';
import { openStore } from '../../src/main/providers/store/open-store';
import { settle, VirtualClock } from './virtual-clock';

export const ana = { userId: 'ana', email: 'ana@x.test', transport: 'ipc' as const };
export const lost = (attempts = 1): AppError => new AppError('vast_unreachable', 'no answer', { attempts });

/** A Vast that does as it is told. */
export class FakeVast {
  rows: RentedInstance[] = [];
  rents: RentRequest[] = [];
  destroys = 0;
  /** Whose key it is that is asked with: to another account's there are no instances. */
  shownTo: (key: string) => boolean = () => true;
  credit = () => Promise.resolve({ credit: 10, email: null });
  attached: number[] = [];
  onRent: (request: RentRequest) => Promise<{ instanceId: number; accepted: boolean; detail: string | null }> = (request) => Promise.resolve({ instanceId: this.add(request), accepted: true, detail: null });
  onList: () => Promise<RentedInstance[]> = () => Promise.resolve(this.rows);
  onGet: (id: number) => Promise<RentedInstance | null> = async (id) => (await this.onList()).find((row) => row.id === id) ?? null;
  onStart: (id: number) => Promise<'accepted' | 'queued'> = () => Promise.resolve('accepted');
  onDestroy: (id: number) => Promise<void> = (id) => {
    this.rows = this.rows.filter((row) => row.id !== id);
    return Promise.resolve();
  };

  add(request: RentRequest, more: Partial<RentedInstance> = {}): number {
    const id = 100 + this.rents.length;
    this.rows = [...this.rows, { ...justRented(id, request), actual_status: 'running', ssh: { host: 'h', port: 22, user: 'root', command: 'ssh -p 22 root@h' }, ...more }];
    return id;
  }

  /** Changes what is listed of an instance. */
  change(id: number, fields: Partial<RentedInstance>): void {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...fields } : row));
  }

  port(): Vast {
    return {
      rent: (_key: string, request: RentRequest) => {
        this.rents.push(request);
        return this.onRent(request);
      },
      list: (key: string) => (this.shownTo(key) ? this.onList() : Promise.resolve([])),
      get: (key: string, id: number) => (this.shownTo(key) ? this.onGet(id) : Promise.resolve(null)),
      destroy: (key: string, id: number) => {
        this.destroys += 1;
        return this.shownTo(key) ? this.onDestroy(id) : Promise.resolve();
      },
      start: (_key: string, id: number) => this.onStart(id),
      stop: () => Promise.resolve(),
      credit: () => this.credit(),
      attachSshKey: (_key: string, id: number) => {
        this.attached.push(id);
        return Promise.resolve();
      },
    } as unknown as Vast;
  }
}

/** One app without its windows, whose user has one Vast key. */
export class RentRig {
  readonly clock = new VirtualClock();
  readonly vast = new FakeVast();
  readonly store: Store = openStore(':memory:');
  key = 'k';
  operations!: OperationsLog;
  instances!: Instances;

  constructor() {
    this.store.users.insert({ id: 'ana', email: ana.email, passwordHash: 'x', createdAt: 0, failedAttempts: 0, blockedUntil: 0 });
    this.start();
  }

  /** As at a start of the app: the same database, and nothing runs. */
  start(): void {
    const note = (): void => undefined;
    const { clock, store } = this;
    const log = { info: note, warn: note, error: note, hide: note };
    const feed = { tell: note, operation: note };
    const operations = new OperationsLog({ store, clock, log, redact: (text) => text, feed });
    const settings = { values: () => ({ default_image: 'pytorch/pytorch:2.4.0', default_disk_size: 40 }) as never };
    const instances = new Instances({
      vast: this.vast.port(), secrets: { vastKey: () => Promise.resolve(this.key) }, settings, store, operations, hints: feed, clock, log, sshKeys: { publicKey: () => Promise.resolve('ssh-ed25519 A'), forget: note }, random: () => 1,
    });
    for (const kind of ['create', 'pause', 'resume', 'destroy'] as const) operations.onTakeUp(kind, 'unlocked', (row) => instances.takeUp(row));
    Object.assign(this, { operations, instances });
  }

  /** The app ends, so much time passes (ms), and it is started again. */
  async restart(pausedMs = 0): Promise<void> {
    this.operations.cancelAll('The app quits.');
    await settle();
    await this.clock.pass(pausedMs);
    this.start();
    this.operations.reconcile();
    this.operations.unlocked('ana');
  }

  /** Starts a create; its outcome once the clock has passed. */
  create(offerId = 7): Promise<{ readonly value: { readonly id: number; readonly operation_id: string } | null; readonly error: AppError | null }> {
    return this.instances.create(ana, { offer_id: offerId, label: 'job' }).then(
      (value) => ({ value, error: null }),
      (error: unknown) => ({ value: null, error: error as AppError }),
    );
  }

  /** The one operation there is. */
  operation(): Operation {
    const [operation, ...more] = this.operations.list(ana, { limit: 10 }).operations;
    if (!operation || more.length > 0) throw new Error('one operation was expected');
    return operation;
  }
}
