// Rented instances: list with paging, single view, start, stop, label, destroy, restart and bids.
import { ApiError, noCredit, noSuchInstance } from '../api-error';
import { isObject, operatorProblem, passes, sortBy, textOf, type Operators } from '../filters';
import type { InstanceRecord } from '../instance-record';
import { instanceRow, storedColumns } from '../instance-row';
import { beginRestart, beginStop } from '../lifecycle';
import type { Row } from '../offer-row';
import { idParam, type Call, type Reply, type Route } from '../route';

const mostRows = 25;

const rowsOf = (call: Call): readonly Row[] =>
  call.world.instances.map((record) => ({ ...instanceRow(record, call.world.clock.now(), call.hosts.address), volume_info: [] }));

const jsonParam = (call: Call, name: string, otherwise: unknown): unknown => {
  const text = call.query.get(name);
  if (text === null || text === '') return otherwise;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiError(400, 'invalid_request', `Error in query parameters: ${name} is not valid JSON`);
  }
};

const checkedFilters = (value: unknown): Readonly<Record<string, Operators>> => {
  if (!isObject(value)) throw new ApiError(400, 'invalid_request', 'Error in query parameters: select_filters must be an object');
  for (const [column, operators] of Object.entries(value)) {
    if (!storedColumns.has(column)) throw new ApiError(400, 'invalid_request', `Error in query parameters: ${column} is not a valid search key`);
    const problem = operatorProblem(column, operators);
    if (problem !== null) throw new ApiError(400, 'invalid_request', `Error in query parameters: ${problem}`);
  }
  return value as Record<string, Operators>;
};

const checkedOrder = (value: unknown): readonly (readonly [string, string])[] => {
  if (!Array.isArray(value)) throw new ApiError(400, 'invalid_request', 'Error in query parameters: order_by must be a list');
  const columns = value.map((item: unknown) => {
    const column = isObject(item) ? String(item['col']) : '';
    if (!storedColumns.has(column)) throw new ApiError(400, 'invalid_request', `Error in query parameters: ${column} is not a valid sort key`);
    return [column, isObject(item) && item['dir'] === 'desc' ? 'desc' : 'asc'] as const;
  });
  return [...columns, ['id', 'asc']];
};

const startOf = (token: string | null): number => {
  if (token === null || token === '') return 0;
  const decoded = /^after:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (!decoded) throw new ApiError(400, 'invalid_token', 'after_token is not valid');
  return Number(decoded[1]);
};

const picked = (rows: readonly Row[], columns: unknown): readonly Row[] => {
  if (!Array.isArray(columns) || columns.includes('*')) return rows;
  return rows.map((row) => Object.fromEntries(columns.map((column) => [String(column), row[String(column)] ?? null])));
};

const list = (call: Call): Reply => {
  const filters = Object.entries(checkedFilters(jsonParam(call, 'select_filters', {})));
  const order = checkedOrder(jsonParam(call, 'order_by', []));
  const asked = Math.trunc(Number(call.query.get('limit') ?? mostRows));
  const limit = !Number.isFinite(asked) ? mostRows : asked <= 0 ? 5 : Math.min(asked, mostRows);
  const start = startOf(call.query.get('after_token'));
  const matching = sortBy(
    rowsOf(call).filter((row) => filters.every(([column, operators]) => passes(row[column] ?? null, operators))),
    order,
    (row, column) => row[column],
  );
  const page = matching.slice(start, start + limit);
  const labels: Record<string, number> = {};
  for (const row of matching) labels[textOf(row['label'])] = (labels[textOf(row['label'])] ?? 0) + 1;
  return {
    json: {
      success: true, instances_found: page.length, total_instances: matching.length, label_counts: labels,
      next_token: start + limit < matching.length ? Buffer.from(`after:${start + limit}`).toString('base64url') : null,
      instances: picked(page, jsonParam(call, 'select_cols', ['*'])),
    },
  };
};

const show = (call: Call): Reply => {
  const record = call.world.instances.find((candidate) => candidate.id === idParam(call));
  return { json: { instances: record ? instanceRow(record, call.world.clock.now(), call.hosts.address) : null } };
};

const filters = (call: Call): Reply => {
  const combinations = new Map(
    rowsOf(call).map((row) => {
      const entry = { actual_status: row['actual_status'], verification: row['verification'], gpu_name: row['gpu_name'] };
      return [JSON.stringify(entry), entry];
    }),
  );
  return { json: { success: true, filters: [...combinations.values()] } };
};

const living = (call: Call, id: number): InstanceRecord => {
  const record = call.world.living(id);
  if (!record) throw noSuchInstance(id);
  return record;
};

const queuedAnswer = { success: false, error: 'resources_unavailable', msg: 'Required resources are currently unavailable, state change queued.' };

const changeState = (call: Call, record: InstanceRecord, state: unknown): Reply => {
  const { world } = call;
  if (state === 'stopped') {
    beginStop(record, world.clock.now());
    return { json: { success: true } };
  }
  if (state !== 'running') throw new ApiError(400, 'invalid_args', `error 400/3300: Invalid args: state must be 'running' or 'stopped'`);
  if (record.cur === 'running' && record.intended === 'running') return { json: { success: true } };
  if (world.credit <= 0) throw noCredit();
  if (world.faults.get().queued_start === null && !record.outbid && world.start(record)) return { json: { success: true } };
  record.queued = true;
  record.intended = 'running';
  return { json: queuedAnswer };
};

const change = (call: Call): Reply => {
  const record = living(call, idParam(call));
  const body = isObject(call.body) ? call.body : {};
  if ('state' in body) return changeState(call, record, body['state']);
  if ('label' in body) {
    const label = body['label'];
    if (typeof label !== 'string') throw new ApiError(400, 'invalid_args', 'label must be a string');
    if (label.length > 1024) throw new ApiError(400, 'label_too_long', 'label is longer than 1024 characters');
    record.label = label;
    return { json: { success: true, msg: `label for ${record.id} set to '${label}'` } };
  }
  throw new ApiError(400, 'invalid_args', 'error 400/3301: Invalid args: state or label is required');
};

const idsOf = (call: Call, names: readonly string[]): readonly number[] => {
  const body = isObject(call.body) ? call.body : {};
  const value = names.map((name) => body[name]).find((candidate) => candidate !== undefined);
  if (!Array.isArray(value)) throw new ApiError(400, 'missing_input', `${names[0] ?? 'ids'} is required`);
  if (value.length === 0) throw new ApiError(400, 'empty_input', 'no instance ids were given');
  return value.map(Number);
};

const changeMany = (call: Call, state: unknown): Reply => {
  const replies = idsOf(call, ['ids', 'IDs', 'instance_ids']).map((id) => {
    const record = call.world.living(id);
    if (!record) throw new ApiError(400, 'invalid_instance_id', `Instance ${id} not found.`);
    return changeState(call, record, state);
  });
  const queued = replies.find((reply) => 'json' in reply && reply.json === queuedAnswer);
  return queued ?? { json: { success: true, msg: `${replies.length} instances changed` } };
};

const destroy = (call: Call): Reply => {
  const record = call.world.instances.find((candidate) => candidate.id === idParam(call));
  if (!record) throw noSuchInstance(idParam(call));
  if (record.goneAt === null) call.world.destroy(record);
  return { json: { success: true, msg: `destroying instance ${record.id}` } };
};

const destroyMany = (call: Call): Reply => {
  for (const id of idsOf(call, ['instance_ids', 'ids'])) {
    const record = call.world.living(id);
    if (record) call.world.destroy(record);
  }
  return { json: { success: true } };
};

const restart = (kind: 'reboot' | 'recycle') => (call: Call): Reply => {
  const record = living(call, idParam(call));
  if (record.actual !== 'running') throw new ApiError(400, kind === 'reboot' ? 'invalid_args' : 'invalid_id', `Instance ${record.id} is not running.`);
  beginRestart(record, call.world.clock.now(), kind);
  return { json: { success: true } };
};

const changeBid = (call: Call): Reply => {
  const record = living(call, idParam(call));
  const asked = isObject(call.body) ? call.body['price'] : undefined;
  const price = asked === null || asked === undefined ? Number(record.offer['min_bid']) : Number(asked);
  const most = 32 * Number(record.offer['num_gpus']);
  if (record.bidPrice === null) throw new ApiError(400, 'invalid_args', `Instance ${record.id} is not a bid instance.`);
  if (!(price >= 0.001)) throw new ApiError(400, 'invalid_args', 'Please set a bid price >= 0.001.');
  if (price > most) throw new ApiError(400, 'invalid_args', `Please set a bid price <= ${most}.`);
  record.bidPrice = price;
  return { json: { success: true } };
};

/** Instance routes. */
export const instanceRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v1/instances/', interval: 1, handle: list },
  {
    method: 'GET', path: '/api/v0/instances/',
    handle: () => { throw new ApiError(410, 'deprecated_endpoint', '/api/v0/instances/ is deprecated. Use /api/v1/instances/ instead.'); },
  },
  { method: 'GET', path: '/api/v0/instances/filters/', handle: filters },
  { method: 'GET', path: '/api/v0/instances/count/', handle: (call) => ({ json: { success: true, count: call.world.instances.length } }) },
  { method: 'POST', path: '/api/v0/instances/start/', interval: 2, handle: (call) => changeMany(call, 'running') },
  { method: 'POST', path: '/api/v0/instances/stop/', interval: 2, handle: (call) => changeMany(call, 'stopped') },
  { method: 'PUT', path: '/api/v0/instances/reboot/{id}/', interval: 1, handle: restart('reboot') },
  { method: 'PUT', path: '/api/v0/instances/recycle/{id}/', interval: 1, handle: restart('recycle') },
  { method: 'PUT', path: '/api/v0/instances/bid_price/{id}/', interval: 5.5, handle: changeBid },
  { method: 'GET', path: '/api/v0/instances/{id}/', interval: 2, handle: show },
  { method: 'PUT', path: '/api/v0/instances/{id}/', interval: 1, handle: change },
  { method: 'DELETE', path: '/api/v0/instances/{id}/', interval: 3, handle: destroy },
  { method: 'PUT', path: '/api/v0/instances/', interval: 2, handle: (call) => changeMany(call, isObject(call.body) ? call.body['state'] : undefined) },
  { method: 'DELETE', path: '/api/v0/instances/', interval: 3, handle: destroyMany },
];
