// Renting an offer: checks the request as the server does, then commits an instance.
import { ApiError, noCredit } from './api-error';
import { isObject } from './filters';
import type { InstanceRecord } from './instance-record';
import { bootSteps } from './lifecycle';
import type { Ask } from './market';
import { offerRow, type Row } from './offer-row';
import { seededHex } from './random';
import type { World } from './world';

/** The smallest disk one can rent, GB. */
const minimumDiskGb = 8;
const defaultDiskGb = 10;
const runtypeWords = new Set(['ssh', 'ssh_proxy', 'ssh_direc', 'ssh_direct', 'jupyter', 'jupyter_proxy', 'jupyter_direc', 'jupyter_direct', 'args']);

interface RentRequest {
  readonly image: string;
  readonly diskGb: number;
  readonly label: string | null;
  readonly env: readonly (readonly [string, string])[];
  readonly price: number | null;
  readonly runtype: string;
  readonly onstart: string | null;
  readonly args: readonly string[];
  readonly cancelUnavailable: boolean;
  readonly startStopped: boolean;
}

/** What the server answers to a create. */
export interface RentAnswer {
  readonly success: boolean;
  readonly new_contract?: number;
  /** Bulk creates only. */
  readonly new_contracts?: readonly (number | undefined)[];
  readonly instance_api_key?: string;
  readonly error?: string;
  readonly msg?: string;
}

const invalid = (askId: number, text: string, slug = 'invalid_args'): ApiError =>
  new ApiError(400, slug, `error 400/3467: Invalid args: ${text}`, { ask_id: askId });

const optionalText = (body: Row, key: string, most: number, askId: number): string | null => {
  const value = body[key];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(askId, `${key} must be a string`);
  if (value.length > most) throw invalid(askId, `${key} is longer than ${most} characters`, key === 'label' ? 'label_too_long' : 'invalid_args');
  return value;
};

const envOf = (body: Row, askId: number): readonly (readonly [string, string])[] => {
  const value = body['env'];
  if (value === undefined || value === null || value === '') return [];
  if (!isObject(value)) throw invalid(askId, 'env must be an object');
  const pairs = Object.entries(value).map(([name, text]) => [name, String(text)] as const);
  if (pairs.some(([, text]) => text.length > 256)) throw invalid(askId, 'an env value is longer than 256 characters');
  if (JSON.stringify(value).length > 32_768) throw invalid(askId, 'env is larger than 32768 characters');
  if (pairs.filter(([name]) => name.startsWith('-p ')).length > 64) throw invalid(askId, 'more than 64 ports');
  return pairs;
};

const runtypeOf = (body: Row, askId: number): string => {
  const value = optionalText(body, 'runtype', 128, askId) ?? 'ssh';
  if (value.split(' ').some((word) => !runtypeWords.has(word))) throw invalid(askId, `unknown runtype '${value}'`);
  return value;
};

const priceOf = (body: Row, askId: number): number | null => {
  const value = body['price'];
  if (value === undefined || value === null) return null;
  const price = Number(value);
  if (!(price >= 0.001 && price <= 128)) throw new ApiError(400, 'invalid_price', 'error 400/3467: Invalid args: price must lie between 0.001 and 128', { ask_id: askId });
  return price;
};

const parse = (body: Row, ask: Ask): RentRequest => {
  const image = optionalText(body, 'image', 1024, ask.id);
  if (image === null || image.trim() === '') throw invalid(ask.id, 'image is required');
  const diskGb = Number(body['disk'] ?? defaultDiskGb);
  if (!(diskGb >= minimumDiskGb)) throw invalid(ask.id, `disk must be at least ${minimumDiskGb}`);
  const onstart = optionalText(body, 'onstart', 4096, ask.id);
  const args = body['args'];
  return {
    image, diskGb, onstart,
    label: optionalText(body, 'label', 256, ask.id),
    env: envOf(body, ask.id),
    price: priceOf(body, ask.id),
    runtype: runtypeOf(body, ask.id),
    args: Array.isArray(args) ? args.map(String) : [],
    cancelUnavailable: body['cancel_unavail'] === true,
    startStopped: body['target_state'] === 'stopped',
  };
};

const openAsk = (world: World, askId: number): Ask => {
  const found = world.market.find(askId);
  if (found.state === 'unknown') {
    throw new ApiError(404, 'invalid_args', `error 404/3603: no_such_ask Instance type by id ${askId} is not available.`, { ask_id: askId });
  }
  if (found.state === 'gone') {
    throw new ApiError(410, 'no_such_ask', `error 410/3907: no_such_ask  Instance type ${askId} is no longer available.`, { ask_id: askId });
  }
  return found.ask;
};

const newRecord = (world: World, ask: Ask, request: RentRequest, stopped: boolean): InstanceRecord => {
  const id = world.takeId();
  const now = world.clock.now();
  const record: InstanceRecord = {
    id, machineIndex: ask.machine.index, slots: ask.slots,
    offer: offerRow(ask, now, { storageGb: request.diskGb, bid: request.price !== null }),
    image: request.image, imageArgs: request.args, runtype: request.runtype, onstart: request.onstart, extraEnv: request.env,
    diskGb: request.diskGb, createdAt: now, apiKey: seededHex(`instance:${world.seed}:${id}`), jupyterToken: seededHex(`jupyter:${world.seed}:${id}`),
    label: request.label, bidPrice: request.price, actual: stopped ? 'created' : null,
    cur: stopped ? 'stopped' : 'running', intended: stopped ? 'stopped' : 'running', message: null, steps: [],
    queued: false, outbid: false, offline: false, holdsGpus: !stopped, runSeconds: 0, life: 1,
    keys: world.accountKeys, hostKey: null, sshPort: 0, upBytes: 0, downBytes: 0, upGbBilled: 0, downGbBilled: 0, charges: {}, goneAt: null,
  };
  if (!stopped) {
    const imageFails = request.image.includes('does-not-exist') || world.faults.strike('image_error');
    record.steps = bootSteps(record, now, world.bootSeconds, imageFails);
  }
  return record;
};

/** Rents an offer. Throws ApiError for every documented refusal; a bid that is too low rents a stopped instance and says so. */
export const rent = (world: World, askId: number, body: unknown): RentAnswer => {
  if (!isObject(body)) throw invalid(askId, 'the body must be an object');
  const ask = openAsk(world, askId);
  const request = parse(body, ask);
  const offered = offerRow(ask, world.clock.now(), { storageGb: request.diskGb, bid: request.price !== null });
  if (request.diskGb > Number(offered['disk_space'])) throw invalid(askId, `disk ${request.diskGb} is more than the ${String(offered['disk_space'])} GB on offer`);
  if (world.credit <= 0) throw noCredit();
  const loses = request.price !== null && request.price < Number(offered['min_bid']);
  if (loses && request.cancelUnavailable) {
    throw new ApiError(400, 'resources_unavailable', `Your bid of ${String(request.price)} is below the lowest winning bid.`, { ask_id: askId });
  }
  const record = newRecord(world, ask, request, loses || request.startStopped);
  world.add(record, askId);
  const contract = { new_contract: record.id, instance_api_key: record.apiKey };
  return loses ? { success: false, error: 'bid_too_low', msg: 'Your bid is not winning; the instance waits stopped.', ...contract } : { success: true, ...contract };
};
