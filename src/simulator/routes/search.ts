// Offers: search in its three spellings, the list of GPU names, and renting.
import { ApiError } from '../api-error';
import { isObject, textOf } from '../filters';
import { gpuModels } from '../gpu-models';
import { offerJson } from '../offer-row';
import { BadQuery, searchOffers, type Found } from '../offers-query';
import { rent, type RentAnswer } from '../renting';
import { idParam, type Call, type Reply, type Route } from '../route';

const defaultCap = 4096;

const find = (call: Call, query: unknown, serverDefaults: boolean): readonly Found[] => {
  const { world } = call;
  const faults = world.faults.get();
  try {
    return searchOffers(query, {
      asks: world.market.asks(),
      nowS: world.clock.now(),
      limitCap: faults.limit_cap ?? defaultCap,
      serverDefaults,
      rentedMachines: new Set(world.instances.map((record) => Number(record.offer['machine_id']))),
      strayRows: faults.ignore_filters === true ? 3 : (faults.ignore_filters ?? 0),
    });
  } catch (error) {
    if (error instanceof BadQuery) throw new ApiError(400, 'bad_request', error.message);
    throw error;
  }
};

const search = (call: Call, query: unknown, serverDefaults: boolean): Reply => ({
  status: 200,
  text: `{"offers":[${find(call, query, serverDefaults).map((found) => offerJson(found.ask, found.view)).join(',')}]}`,
  type: 'application/json',
});

const parsedQuery = (call: Call): unknown => {
  try {
    return JSON.parse(call.query.get('q') ?? '{}');
  } catch {
    throw new ApiError(400, 'bad_request', 'q: Input should be valid JSON');
  }
};

const wrapped = (call: Call): unknown => {
  const query = isObject(call.body) ? call.body['q'] : undefined;
  if (!isObject(query)) throw new ApiError(400, 'bad_request', 'q: Input should be a valid dictionary');
  return query;
};

/** The answer of a create, or the lost connection that a fault makes of it after the commit. */
const answered = (call: Call, answer: RentAnswer): Reply => {
  if (call.world.faults.strike('create_commit_then_drop')) return { special: 'drop' };
  if (call.world.faults.strike('timeout_after_commit')) return { special: 'hang' };
  return { json: answer };
};

const rentSeveral = (call: Call): Reply => {
  const ids = isObject(call.body) ? call.body['ids'] : undefined;
  if (!Array.isArray(ids) || ids.length === 0) throw new ApiError(400, 'missing_input', 'ids is required');
  const contracts = ids.map((id) => rent(call.world, Number(id), call.body).new_contract);
  return answered(call, { success: true, new_contracts: contracts });
};

const launch = (call: Call): Reply => {
  const body = isObject(call.body) ? call.body : {};
  const query = {
    ...(isObject(body['q']) ? body['q'] : {}),
    ...(body['gpu_name'] === undefined ? {} : { gpu_name: { eq: textOf(body['gpu_name']).replaceAll('_', ' ') } }),
    ...(body['num_gpus'] === undefined ? {} : { num_gpus: { eq: body['num_gpus'] } }),
    allocated_storage: Number(body['disk'] ?? 16), order: [['dph_total', 'asc']], limit: 1,
  };
  const [first] = find(call, query, true);
  if (!first) throw new ApiError(404, 'invalid_args', 'no_such_ask No offer matches.');
  return answered(call, rent(call.world, first.ask.id, call.body));
};

/** Search and rent routes. */
export const searchRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v0/bundles/', open: true, perMinute: 10, handle: (call) => search(call, call.body, true) },
  { method: 'GET', path: '/api/v0/bundles/', open: true, perMinute: 10, handle: (call) => search(call, parsedQuery(call), true) },
  { method: 'PUT', path: '/api/v0/search/asks/', perMinute: 10, handle: (call) => search(call, wrapped(call), false) },
  { method: 'GET', path: '/api/v0/gpu_names/unique/', open: true, handle: () => ({ json: { gpu_names: gpuModels.map((model) => model.name) } }) },
  { method: 'POST', path: '/api/v0/asks/bulk/', interval: 4.5, penalty: 12, handle: rentSeveral },
  { method: 'PUT', path: '/api/v0/asks/{id}/', interval: 4.5, penalty: 12, handle: (call) => answered(call, rent(call.world, idParam(call), call.body)) },
  { method: 'PUT', path: '/api/v0/launch_instance/', interval: 5, handle: launch },
];
