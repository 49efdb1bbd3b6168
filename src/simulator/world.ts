// The simulated world: market, account and instances on one clock; every question first brings it up to now.
import { charge, hourRate, totalCharged } from './billing';
import { SimClock } from './clock';
import { FaultSwitches } from './faults';
import type { InstanceRecord, Step, StoredKey } from './instance-record';
import { Ledger } from './ledger';
import { applyStep, beginOutbid, beginStart, beginStop, isUp, nextStep } from './lifecycle';
import { Market } from './market';
import { seededHex } from './random';
import type { SavedState } from './state-file';

/** How a world begins. */
export interface WorldOptions {
  readonly seed: string;
  /** Dollars on a fresh account; also what an account at or below zero gets when a saved world is opened again. */
  readonly credit: number;
  /** Seconds from a rental to running. */
  readonly bootSeconds: number;
  readonly apiKey?: string | undefined;
  readonly machineCount?: number | undefined;
  /** Real epoch milliseconds; a test gives its own. */
  readonly wallMs: () => number;
  readonly saved: SavedState | null;
}

const firstInstanceId = 35_000_001;

/** Market, account, instances, clock and faults. Not thread-safe; every method is synchronous. */
export class World {
  readonly clock: SimClock;
  readonly faults = new FaultSwitches();
  readonly ledger = new Ledger();
  readonly market: Market;
  readonly bootSeconds: number;
  readonly seed: string;
  readonly apiKey: string;
  /** Prepaid dollars left; goes below zero when only disks are left to bill. */
  credit: number;
  spent: number;
  accountKeys: readonly StoredKey[];
  /** Living instances, oldest first, lingering destroyed ones included. */
  instances: readonly InstanceRecord[];
  destroyed: readonly InstanceRecord[];
  private readonly epoch: number;
  private settledAt: number;
  private nextId: number;

  constructor(options: WorldOptions) {
    const { saved } = options;
    this.clock = new SimClock(options.wallMs, saved?.clockOffset ?? 0);
    this.seed = saved?.seed ?? options.seed;
    this.bootSeconds = options.bootSeconds;
    this.apiKey = options.apiKey ?? saved?.apiKey ?? seededHex(`key:${this.seed}`);
    this.credit = saved?.credit ?? options.credit;
    this.spent = saved?.spent ?? 0;
    this.accountKeys = saved?.accountKeys ?? [];
    this.instances = saved?.instances ?? [];
    this.destroyed = saved?.destroyed ?? [];
    this.epoch = saved?.epoch ?? Math.floor(this.clock.now() / 86_400) * 86_400;
    this.settledAt = saved?.settledAt ?? this.clock.now();
    this.nextId = saved?.nextId ?? firstInstanceId;
    this.market = new Market(
      { seed: this.seed, epoch: this.epoch, ...(options.machineCount === undefined ? {} : { machineCount: options.machineCount }), generations: saved?.generations ?? {} },
      (machineIndex) => this.heldSlots(machineIndex),
    );
    this.settle();
    if (saved && this.credit <= 0) this.credit = options.credit;
  }

  /** A fresh id for an instance or a key. */
  takeId(): number {
    const id = this.nextId;
    this.nextId += 1;
    return id;
  }

  /** Adds a committed rental. */
  add(record: InstanceRecord, askId: number): void {
    this.instances = [...this.instances, record];
    this.ledger.rental({ time: record.createdAt, instance_id: record.id, ask_id: askId, label: record.label });
    this.market.rechunk(record.machineIndex);
  }

  /** An instance that is not yet destroyed, or null. */
  living(id: number): InstanceRecord | null {
    return this.instances.find((record) => record.id === id && record.goneAt === null) ?? null;
  }

  /** Brings charges and states up to now, step by step in order of time. */
  settle(): void {
    const now = this.clock.now();
    this.applyFaults(now);
    for (;;) {
      const due = this.earliestStep();
      const broke = this.brokeAt();
      const until = Math.max(this.settledAt, Math.min(now, due?.step.at ?? now, broke));
      this.bill(until);
      if (broke <= until) {
        this.credit = Math.min(0, this.credit);
        for (const record of this.instances) if (record.intended === 'running' || record.cur === 'running') beginStop(record, until);
      } else if (due && due.step.at <= until) {
        applyStep(due.record, due.step);
        if (due.step.release === true) this.market.rechunk(due.record.machineIndex);
      } else break;
    }
    this.resumeWaiting(now);
    this.forgetGone(now);
  }

  /** Destroys an instance: billing ends at once, the row may linger (a fault). */
  destroy(record: InstanceRecord): void {
    const now = this.clock.now();
    record.goneAt = now + (this.faults.get().destroy_lingers ?? 0);
    record.holdsGpus = false;
    record.steps = [];
    this.market.rechunk(record.machineIndex);
    this.forgetGone(now);
  }

  /** Gives the GPUs of a stopped instance back to it and starts it; false when they are taken. */
  start(record: InstanceRecord): boolean {
    if (!this.market.isFree(record.machineIndex, record.slots)) return false;
    beginStart(record, this.clock.now(), this.bootSeconds);
    this.market.rechunk(record.machineIndex);
    return true;
  }

  /** What a state file keeps. */
  save(): SavedState {
    return {
      version: 1, seed: this.seed, apiKey: this.apiKey, epoch: this.epoch, credit: this.credit, spent: this.spent,
      clockOffset: this.clock.offset(), settledAt: this.settledAt, nextId: this.nextId, accountKeys: this.accountKeys,
      generations: this.market.snapshot(), instances: this.instances, destroyed: this.destroyed,
    };
  }

  /** Dollars per hour the whole account costs now. */
  hourRate(): number {
    return this.instances.reduce((sum, record) => sum + hourRate(record), 0);
  }

  /** Dollars each instance has cost, destroyed ones included. */
  chargesById(): Record<string, number> {
    return Object.fromEntries([...this.destroyed, ...this.instances].map((record) => [record.id, totalCharged(record)]));
  }

  private heldSlots(machineIndex: number): ReadonlySet<number> {
    const here = this.instances.filter((record) => record.machineIndex === machineIndex && record.holdsGpus);
    return new Set(here.flatMap((record) => record.slots));
  }

  private earliestStep(): { readonly record: InstanceRecord; readonly step: Step } | null {
    let earliest: { record: InstanceRecord; step: Step } | null = null;
    for (const record of this.instances) {
      const step = nextStep(record);
      if (step && (!earliest || step.at < earliest.step.at)) earliest = { record, step };
    }
    return earliest;
  }

  /** The instant at which credit runs out while something runs, or infinity. */
  private brokeAt(): number {
    const runs = this.instances.some((record) => record.goneAt === null && record.intended === 'running');
    if (!runs) return Infinity;
    if (this.credit <= 0) return this.settledAt;
    const rate = this.hourRate();
    return rate > 0 ? this.settledAt + (this.credit / rate) * 3600 : Infinity;
  }

  private bill(until: number): void {
    for (const record of this.instances) {
      const cost = charge(record, this.settledAt, until);
      if (isUp(record)) record.runSeconds += until - this.settledAt;
      this.credit -= cost;
      this.spent += cost;
    }
    this.settledAt = until;
  }

  private applyFaults(now: number): void {
    for (const record of this.instances) {
      record.offline = this.faults.names('host_offline', record.id);
      if (this.faults.names('outbid', record.id) && !record.outbid && record.cur === 'running') beginOutbid(record, now);
    }
  }

  private resumeWaiting(now: number): void {
    if (this.credit <= 0) return;
    for (const record of this.instances) {
      if (record.goneAt !== null || record.steps.length > 0) continue;
      const wins = record.outbid && !this.faults.names('outbid', record.id);
      const turn = record.queued && this.faults.get().queued_start === null;
      if ((wins || turn) && record.cur === 'stopped' && this.market.isFree(record.machineIndex, record.slots)) {
        beginStart(record, now, this.bootSeconds);
        this.market.rechunk(record.machineIndex);
      }
    }
  }

  private forgetGone(now: number): void {
    const gone = this.instances.filter((record) => record.goneAt !== null && record.goneAt <= now);
    if (gone.length === 0) return;
    this.destroyed = [...this.destroyed, ...gone];
    this.instances = this.instances.filter((record) => !gone.includes(record));
  }
}
