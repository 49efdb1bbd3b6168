// What renting an offer costs, from the four meters of Vast.ai: GPU, disk, and traffic both ways.
import type { Offer } from '../../../contract';

/** Hours of the month that Vast.ai bills storage by: 30 days. */
const hoursPerMonth = 720;

/** Dollars; traffic is null where the host did not say. */
export interface RentCosts {
  /** $/h while it runs: GPUs and the chosen disk. */
  readonly running: number;
  /** $/h of the GPUs alone. */
  readonly gpus: number;
  /** $/month of the disk, in every state. */
  readonly diskMonth: number;
  /** $/day while it is paused. */
  readonly pausedDay: number;
  /** $/GB into the instance. */
  readonly down: number | null;
  /** $/GB out of the instance. */
  readonly up: number | null;
}

/** What the offer costs with a disk of so many GB; a bid ($/h) replaces the price of the GPUs. */
export const rentCosts = (offer: Offer, diskGb: number, bid?: number): RentCosts => {
  const gpus = bid ?? offer.dph_base;
  const diskMonth = offer.storage_cost * diskGb;
  return { running: gpus + diskMonth / hoursPerMonth, gpus, diskMonth, pausedDay: diskMonth / 30, down: offer.inet_down_cost, up: offer.inet_up_cost };
};

/** The dearest price ($/h) still agreed to: what the button says and at most 0.02 cents on top, so that rounding alone never refuses. */
export const agreedPrice = (running: number): number => Math.ceil(running * 1e4 + 0.5) / 1e4;

/** Hours that a credit lasts at what is spent already plus this; null without a credit. */
export const creditLasts = (credit: number | null, burnPerHour: number, running: number): number | null =>
  credit === null || burnPerHour + running <= 0 ? null : Math.max(0, credit) / (burnPerHour + running);
