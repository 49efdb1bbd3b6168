// The account: who the key belongs to, its ssh keys, the keys of its instances, and what it was charged.
import ssh2 from 'ssh2';
import { ApiError, noSuchInstance } from '../api-error';
import { chargeRows } from '../billing';
import { isObject } from '../filters';
import type { InstanceRecord, StoredKey } from '../instance-record';
import { idParam, type Call, type Reply, type Route } from '../route';

const userId = 901_742;
const mostCharges = 500;

const currentUser = (call: Call): Reply => {
  const { world } = call;
  if (call.query.has('owner')) throw new ApiError(400, 'bad_request', "Error in query parameters: owner is not a valid parameter");
  return {
    json: {
      id: userId, username: 'demo', email: 'demo@example.test', email_verified: true, fullname: 'Demo Renter', balance: Math.min(0, world.credit),
      credit: world.credit, balance_threshold: -0.01, balance_threshold_enabled: false, autobill_threshold: null, autobill_amount: null,
      billing_creditonly: 1, has_billing: false, has_payout: false, can_pay: true, paid_verified: world.credit + world.spent, paid_expected: 0,
      billed_verified: world.spent, billed_expected: 0, got_signup_credit: true, last4: null, ssh_key: world.accountKeys.at(-1)?.public_key ?? null,
      total_spend: world.spent, tfa_status: 'none', key_id: 1, sid: 'simulated', api_key: world.apiKey,
    },
  };
};

const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
const keyRow = (key: StoredKey) => ({ id: key.id, user_id: userId, key: key.public_key, public_key: key.public_key, created_at: isoTime(key.created_at), deleted_at: null });

const readKey = (call: Call): string => {
  const value = isObject(call.body) ? call.body['ssh_key'] : undefined;
  const text = typeof value === 'string' ? value.trim() : '';
  const parsed = text === '' || text.includes('\n') ? new Error('empty') : ssh2.utils.parseKey(text);
  if (parsed instanceof Error || Array.isArray(parsed) || parsed.isPrivateKey()) throw new ApiError(400, 'no_ssh_key', 'Invalid or missing ssh public key.');
  return text;
};

const newKey = (call: Call): StoredKey => ({ id: call.world.takeId(), public_key: readKey(call), created_at: call.world.clock.now() });

const listKeys = (call: Call): Reply => {
  if (call.world.accountKeys.length === 0) throw new ApiError(404, 'not_found', 'No ssh keys found for this user.');
  return { json: call.world.accountKeys.map(keyRow) };
};

const addKey = (call: Call): Reply => {
  const key = newKey(call);
  const known = call.world.accountKeys.find((other) => other.public_key === key.public_key);
  if (known) throw new ApiError(400, 'duplicate_key', 'This ssh key is already in your account.');
  call.world.accountKeys = [...call.world.accountKeys, key];
  return { json: { success: true, key: keyRow(key) } };
};

const accountKey = (call: Call): StoredKey => {
  const found = call.world.accountKeys.find((key) => key.id === idParam(call));
  if (!found) throw new ApiError(400, 'no_such_ssh_key', 'No such ssh key.');
  return found;
};

const editKey = (call: Call): Reply => {
  const changed: StoredKey = { ...accountKey(call), public_key: readKey(call) };
  call.world.accountKeys = call.world.accountKeys.map((key) => (key.id === changed.id ? changed : key));
  return { json: { success: true, key: keyRow(changed) } };
};

const removeKey = (call: Call): Reply => {
  const gone = accountKey(call);
  call.world.accountKeys = call.world.accountKeys.filter((key) => key !== gone);
  return { json: { success: true } };
};

const instanceOf = (call: Call): InstanceRecord => {
  const record = call.world.living(idParam(call));
  if (!record) throw noSuchInstance(idParam(call));
  return record;
};

const attachedText = (key: StoredKey) => ({ id: key.id, name: null, public_key: key.public_key, created_at: key.created_at });

const attach = (call: Call): Reply => {
  const record = instanceOf(call);
  const key = newKey(call);
  const known = record.keys.find((other) => other.public_key === key.public_key);
  if (!known) record.keys = [...record.keys, key];
  call.hosts.keyAttached(record, key.public_key);
  const msg = known ? 'SSH key already associated with instance.' : 'SSH key added to instance.';
  return { json: { success: true, msg, key: JSON.stringify(attachedText(known ?? key)) } };
};

const detach = (call: Call): Reply => {
  const record = instanceOf(call);
  const key = record.keys.find((other) => other.id === idParam(call, 1));
  if (!key) throw new ApiError(404, 'no_such_ssh_key', 'No such ssh key on this instance.');
  record.keys = record.keys.filter((other) => other !== key);
  return { json: { success: true, msg: 'SSH key removed from instance.' } };
};

const dayRange = (call: Call): readonly [number, number] => {
  const missing = new ApiError(400, 'invalid_args', "Must provide both 'day' gte and lte filters for instance charges");
  let filters: unknown;
  try {
    filters = JSON.parse(call.query.get('select_filters') ?? '{}');
  } catch {
    throw missing;
  }
  const day = isObject(filters) ? filters['day'] : undefined;
  if (!isObject(day) || !Number.isFinite(Number(day['gte'])) || !Number.isFinite(Number(day['lte']))) throw missing;
  return [Number(day['gte']), Number(day['lte'])];
};

const charges = (call: Call): Reply => {
  const { world } = call;
  const [from, to] = dayRange(call);
  const sign = call.query.get('latest_first') === 'true' ? -1 : 1;
  const all = [...world.destroyed, ...world.instances]
    .flatMap((record) => chargeRows(record, from, to))
    .toSorted((left, right) => sign * (Number(left['start']) - Number(right['start'])));
  const token = call.query.get('after_token');
  const start = token === null || token === '' ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) throw new ApiError(400, 'invalid_token', 'after_token is not valid');
  const limit = Math.max(1, Math.min(mostCharges, Number(call.query.get('limit') ?? 100) || 100));
  const page = all.slice(start, start + limit);
  return { json: { success: true, count: page.length, total: all.length, next_token: start + limit < all.length ? String(start + limit) : null, results: page } };
};

/** Account, ssh key and charge routes. */
export const accountRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v0/users/current/', handle: currentUser },
  { method: 'GET', path: '/api/v0/ssh/', interval: 1, handle: listKeys },
  { method: 'POST', path: '/api/v0/ssh/', interval: 1, handle: addKey },
  { method: 'PUT', path: '/api/v0/ssh/{id}/', interval: 1, handle: editKey },
  { method: 'DELETE', path: '/api/v0/ssh/{id}/', interval: 1, handle: removeKey },
  { method: 'POST', path: '/api/v0/instances/{id}/ssh/', interval: 1, handle: attach },
  { method: 'GET', path: '/api/v0/instances/{id}/ssh/', interval: 1, handle: (call) => ({ json: { success: true, ssh_keys: JSON.stringify(instanceOf(call).keys.map(attachedText)) } }) },
  { method: 'DELETE', path: '/api/v0/instances/{id}/ssh/{key}/', interval: 2, handle: detach },
  { method: 'GET', path: '/api/v0/charges/', interval: 1, handle: charges },
];
