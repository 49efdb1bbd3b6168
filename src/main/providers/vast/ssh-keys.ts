// Our public key on the account and on an instance; being there already is a success.
import { isAppError } from '../../domain/app-error';
import type { Log } from '../../domain/ports';
import { endpoints, type Endpoint } from './endpoints';
import { asObject, parseJson } from './failures';
import type { Call } from './http';

/** Calls of one key. */
export interface Asks {
  ask(endpoint: Endpoint, call: Omit<Call, 'key' | 'signal'>): Promise<unknown>;
  readonly log: Log;
}

/** Type and data of a public key, without its comment. */
const essence = (publicKey: string): string => publicKey.trim().split(/\s+/).slice(0, 2).join(' ');

const holds = (rows: unknown, publicKey: string): boolean =>
  Array.isArray(rows) &&
  rows.some((row) => [asObject(row)['key'], asObject(row)['public_key']].some((value) => typeof value === 'string' && essence(value) === essence(publicKey)));

const already = (error: unknown): boolean => isAppError(error, 'vast_error') && /already|duplicate|exist/i.test(error.data.detail);

/** What may fail without harm: the key is then put on each instance by itself. */
const tolerable = (error: unknown): boolean => isAppError(error, 'vast_permission', 'vast_error', 'not_found');

/** Adds the key to the account unless it is there. A key of the API that may not do so is noted, not fatal. */
export const addToAccount = async (asks: Asks, publicKey: string): Promise<void> => {
  try {
    // An account without keys answers 404.
    const keys = await asks.ask(endpoints.accountKeys, { path: '/api/v0/ssh/' }).catch((error: unknown) => {
      if (tolerable(error)) return [];
      throw error;
    });
    if (holds(keys, publicKey)) return;
    await asks.ask(endpoints.addAccountKey, { path: '/api/v0/ssh/', body: { ssh_key: publicKey } });
  } catch (error) {
    if (already(error)) return;
    if (!tolerable(error)) throw error;
    asks.log.warn('vast.account_key_not_added', { code: isAppError(error) ? error.code : null });
  }
};

const keysOfInstance = (answer: unknown): unknown => {
  const rows = asObject(answer)['ssh_keys'];
  return typeof rows === 'string' ? parseJson(rows) : rows;
};

/** Puts the key on an instance unless it is there. */
export const attach = async (asks: Asks, id: number, publicKey: string): Promise<void> => {
  const path = `/api/v0/instances/${id}/ssh/`;
  const present = await asks.ask(endpoints.instanceKeys, { path }).catch((error: unknown) => {
    if (isAppError(error, 'vast_permission', 'vast_error')) return null;
    throw error;
  });
  if (holds(keysOfInstance(present), publicKey)) return;
  try {
    await asks.ask(endpoints.attachKey, { path, body: { ssh_key: publicKey } });
  } catch (error) {
    if (!already(error)) throw error;
  }
};
