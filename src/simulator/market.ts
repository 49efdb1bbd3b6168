// Which offers (asks) exist now: every machine's free GPUs, cut into chunks with ids that change whenever its GPUs do.
import { makeMachines, type Machine } from './machines';

/** One rentable chunk of a machine; its id dies with the machine's chunking. */
export interface Ask {
  readonly id: number;
  readonly machine: Machine;
  readonly slots: readonly number[];
  readonly rentable: boolean;
}

/** What became of an offer id: it may be rented, was real once, or never existed. */
export type AskLookup = { readonly state: 'open'; readonly ask: Ask } | { readonly state: 'gone' } | { readonly state: 'unknown' };

const firstId = 30_000_000;
const idsPerMachine = 4096;
const chunksPerGeneration = 16;
/** How many machines a market has; with their chunks this gives over 4,000 offers, over 3,000 of them verified and free. */
export const defaultMachines = 1850;

const chunkSizes = (free: number): readonly number[] => [...new Set([free, ...[8, 4, 2, 1].filter((size) => size < free)])];

/** The market of one seed. Occupied slots are told by the caller, who knows the rented instances. */
export class Market {
  readonly machines: readonly Machine[];
  private readonly generations: Map<number, number>;
  private readonly asksOf = new Map<number, readonly Ask[]>();

  constructor(
    options: { readonly seed: string; readonly epoch: number; readonly machineCount?: number; readonly generations?: Readonly<Record<string, number>> },
    private readonly occupied: (machineIndex: number) => ReadonlySet<number>,
  ) {
    this.machines = makeMachines(options.seed, options.machineCount ?? defaultMachines, options.epoch);
    this.generations = new Map(Object.entries(options.generations ?? {}).map(([index, count]) => [Number(index), count]));
  }

  /** Every ask of the market, machine by machine. */
  asks(): readonly Ask[] {
    return this.machines.flatMap((machine) => this.asksOn(machine.index));
  }

  /** The asks of one machine as chunked now. */
  asksOn(machineIndex: number): readonly Ask[] {
    const known = this.asksOf.get(machineIndex);
    if (known) return known;
    const fresh = this.chunk(machineIndex);
    this.asksOf.set(machineIndex, fresh);
    return fresh;
  }

  /** Finds an offer by the id a search gave out. */
  find(askId: number): AskLookup {
    const index = Math.floor((askId - firstId) / idsPerMachine);
    if (!this.machines[index]) return { state: 'unknown' };
    const ask = this.asksOn(index).find((candidate) => candidate.id === askId);
    if (ask) return ask.rentable ? { state: 'open', ask } : { state: 'gone' };
    const generation = Math.floor(((askId - firstId) % idsPerMachine) / chunksPerGeneration);
    return { state: generation < this.generationOf(index) ? 'gone' : 'unknown' };
  }

  /** Cuts a machine's free GPUs anew: every former offer id of it is used up. */
  rechunk(machineIndex: number): void {
    this.generations.set(machineIndex, this.generationOf(machineIndex) + 1);
    this.asksOf.delete(machineIndex);
  }

  /** True when none of these slots is held by anybody. */
  isFree(machineIndex: number, slots: readonly number[]): boolean {
    const held = this.occupied(machineIndex);
    return slots.every((slot) => !held.has(slot));
  }

  /** Chunking counters for a state file, by machine index. */
  snapshot(): Record<string, number> {
    return Object.fromEntries(this.generations);
  }

  private generationOf(machineIndex: number): number {
    return this.generations.get(machineIndex) ?? 0;
  }

  private chunk(machineIndex: number): readonly Ask[] {
    const machine = this.machines[machineIndex];
    if (!machine) return [];
    const held = this.occupied(machineIndex);
    const all = machine.gpuIds.map((_, slot) => slot);
    const free = all.filter((slot) => !held.has(slot) && !machine.taken.includes(slot));
    const generation = this.generationOf(machineIndex) % (idsPerMachine / chunksPerGeneration);
    const idAt = (chunk: number): number => firstId + machineIndex * idsPerMachine + generation * chunksPerGeneration + chunk;
    if (free.length === 0) return [{ id: idAt(0), machine, slots: all, rentable: false }];
    return chunkSizes(free.length).map((size, chunk) => ({ id: idAt(chunk), machine, slots: free.slice(0, size), rentable: true }));
  }
}
