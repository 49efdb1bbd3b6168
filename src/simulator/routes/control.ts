// The simulator's own controls below /sim/: its clock, its faults and its ledger.
import { ApiError } from '../api-error';
import { isObject } from '../filters';
import type { Call, Reply, Route } from '../route';

const refused = (error: unknown): never => {
  if (error instanceof RangeError) throw new ApiError(400, 'invalid_args', error.message);
  throw error;
};

const clockReply = (call: Call): Reply => ({ json: { success: true, now: call.world.clock.now(), rate: call.world.clock.rate(), offset: call.world.clock.offset() } });

const setClock = async (call: Call): Promise<Reply> => {
  const body = isObject(call.body) ? call.body : {};
  try {
    if (body['rate'] !== undefined) call.world.clock.setRate(Number(body['rate']));
    if (body['advance_s'] !== undefined) call.world.clock.advance(Number(body['advance_s']));
  } catch (error) {
    refused(error);
  }
  await call.refresh();
  return clockReply(call);
};

const setFaults = async (call: Call): Promise<Reply> => {
  try {
    call.world.faults.set(isObject(call.body) ? call.body : {});
  } catch (error) {
    refused(error);
  }
  await call.refresh();
  return { json: { success: true, faults: call.world.faults.get() } };
};

const ledger = (call: Call): Reply => {
  const { world } = call;
  return {
    json: {
      success: true, requests: world.ledger.requests, rentals: world.ledger.rentals, rentals_by_label: world.ledger.rentalsByLabel(),
      charges: world.chargesById(), credit: world.credit, spent: world.spent, dph_now: world.hourRate(),
    },
  };
};

/** Control routes; faults do not touch them. */
export const controlRoutes: readonly Route[] = [
  { method: 'GET', path: '/sim/clock/', handle: clockReply },
  { method: 'POST', path: '/sim/clock/', handle: setClock },
  { method: 'GET', path: '/sim/faults/', handle: (call) => ({ json: { success: true, faults: call.world.faults.get() } }) },
  { method: 'POST', path: '/sim/faults/', handle: setFaults },
  { method: 'GET', path: '/sim/ledger/', handle: ledger },
];
