// Calls a running simulator the way a client does; used by the tests of its routes.
import type { Row } from './offer-row';
import type { Simulator } from './start';

/** An answer of the API. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  /** The parsed body, `{}` when it was not JSON. */
  readonly json: Row;
  readonly text: string;
}

/** Requests that tests repeat. */
export interface ApiCaller {
  readonly call: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly offers: (query: object) => Promise<readonly Row[]>;
  /** Rents a cheap single GPU without SSH unless told otherwise; answers the instance's id. */
  readonly create: (body?: object) => Promise<number>;
  readonly list: (query?: string) => Promise<Row>;
  readonly show: (id: number) => Promise<Row | null>;
  /** Advances the simulator's clock. */
  readonly later: (seconds: number) => Promise<Answer>;
  readonly faults: (set: object) => Promise<Answer>;
}

/** Requests to the simulator that `current` answers, with its key. */
export const apiCaller = (current: () => Simulator): ApiCaller => {
  const call: ApiCaller['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${current().url}${path}`, {
      method, headers: { authorization: `Bearer ${current().apiKey}`, ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type');
    return { status: response.status, type, text, json: type === 'application/json' ? (JSON.parse(text) as Row) : {} };
  };
  const offers: ApiCaller['offers'] = async (query) => (await call('POST', '/api/v0/bundles/', query)).json['offers'] as Row[];
  return {
    call,
    offers,
    create: async (body = {}) => {
      const [offer] = await offers({ num_gpus: { eq: '1' }, dph_total: { lt: '1' }, allocated_storage: 20, limit: 1 });
      const request = { client_id: 'me', image: 'pytorch/pytorch:2.4.0', disk: 20, runtype: 'args', ...body };
      return (await call('PUT', `/api/v0/asks/${String(offer?.['id'])}/`, request)).json['new_contract'] as number;
    },
    list: async (query = '') => (await call('GET', `/api/v1/instances/?${query}`)).json,
    show: async (id) => (await call('GET', `/api/v0/instances/${id}/?owner=me`)).json['instances'] as Row | null,
    later: (seconds) => call('POST', '/sim/clock', { advance_s: seconds }),
    faults: (set) => call('POST', '/sim/faults', set),
  };
};
