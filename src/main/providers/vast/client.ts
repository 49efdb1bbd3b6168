// Vast.ai behind the domain's port: each method is one endpoint, its body as the official client sends it, its answer translated at once.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, isAppError } from '../../domain/app-error';
import type { Clock, Log, OfferQuery, RentedInstance, RentRequest, Vast } from '../../domain/ports';
import type { Offer } from '../../../contract';
import { endpoints, type Endpoint } from './endpoints';
import { asObject, failureOf, parseJson, problemOf, type FailureContext } from './failures';
import { VastHttp, type Answered, type Call } from './http';
import { readInstance } from './instance-row';
import { fetchLog, logUrl } from './logs';
import { readOffer } from './offer-row';
import { rentBody, readRental } from './rental';
import { addToAccount, attach } from './ssh-keys';

export interface VastClientOptions {
  /** Without a path, such as `https://console.vast.ai`. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
  /** 0..1; for the jitter of repeats. */
  readonly random?: () => number;
  readonly userAgent: string;
  /** Milliseconds of silence after which a call has no answer; 30 s when absent. */
  readonly silenceMs?: number;
}

/** Rows per page of the list: the most Vast gives. */
const pageSize = 25;
/** Pages read before the list is taken for endless. */
const mostPages = 200;
const sliceMs = 8;

export class VastClient implements Vast {
  private readonly http: VastHttp;

  constructor(private readonly options: VastClientOptions) {
    this.http = new VastHttp({ ...options, random: options.random ?? Math.random });
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  async search(key: string | null, query: OfferQuery, signal?: AbortSignal): Promise<{ readonly offers: readonly Offer[]; readonly unreadable: number }> {
    const body = { ...query.filters, type: query.type, order: query.order, limit: query.limit, allocated_storage: query.allocatedStorage };
    const answer = await this.ask(endpoints.search, { key, path: '/api/v0/bundles/', body, signal });
    const { offers } = asObject(answer);
    if (!Array.isArray(offers)) throw odd('the search answered no list of offers');
    const read = await readInSlices(offers, (row) => readOffer(row, query.allocatedStorage));
    const readable = read.filter((offer) => offer !== null);
    if (readable.length < read.length) this.options.log.warn('vast.offers_unreadable', { count: read.length - readable.length });
    return { offers: readable, unreadable: read.length - readable.length };
  }

  async rent(key: string, request: RentRequest, signal?: AbortSignal): Promise<{ readonly instanceId: number; readonly accepted: boolean; readonly detail: string | null }> {
    const answer = await this.http.call(endpoints.rent, { key, path: `/api/v0/asks/${request.offerId}/`, body: rentBody(request), signal });
    const rental = readRental(answer, key);
    if (rental !== null) return rental;
    const succeeded = asObject(parseJson(answer.body))['success'] !== false && answer.status < 400;
    // A success that names no instance, or an answer cut short, leaves the outcome open: the domain looks for the label.
    if (succeeded || answer.status >= 500 || answer.status === 408) {
      throw new AppError('vast_unreachable', 'Vast.ai did not say what became of the rental.', { attempts: 1 }, { cause: new Error(`status ${answer.status}`) });
    }
    throw failureOf(answer, { ...this.context(endpoints.rent, key, answer), offerId: request.offerId });
  }

  async list(key: string, signal?: AbortSignal): Promise<readonly RentedInstance[]> {
    const rows: RentedInstance[] = [];
    let token: string | null = null;
    for (let page = 0; page < mostPages; page += 1) {
      const query: Record<string, string> = { select_filters: '{}', order_by: '[{"col": "id", "dir": "asc"}]', limit: String(pageSize), ...(token === null ? {} : { after_token: token }) };
      const answer = asObject(await this.ask(endpoints.list, { key, path: '/api/v1/instances/', query, signal }));
      if (!Array.isArray(answer['instances'])) throw odd('the list has no instances');
      const read = answer['instances'].map(readInstance);
      if (read.includes(null)) this.options.log.warn('vast.instances_unreadable', { count: read.filter((row) => row === null).length });
      rows.push(...read.filter((row) => row !== null));
      const next: unknown = answer['next_token'];
      if (typeof next !== 'string' || next === '' || next === token || next.length > 4096) return [...new Map(rows.map((row) => [row.id, row])).values()];
      token = next;
    }
    throw odd('the list has no end');
  }

  async get(key: string, id: number, signal?: AbortSignal): Promise<RentedInstance | null> {
    try {
      const answer = asObject(await this.ask(endpoints.show, { key, path: `/api/v0/instances/${id}/`, query: { owner: 'me' }, signal }, { instanceId: id }));
      if (answer['instances'] === null) return null;
      const row = readInstance(Array.isArray(answer['instances']) ? answer['instances'].find((item) => asObject(item)['id'] === id) : answer['instances']);
      if (row?.id !== id) throw odd('the answer is not about this instance');
      return row;
    } catch (error) {
      if (isAppError(error, 'not_found')) return null;
      throw error;
    }
  }

  async start(key: string, id: number, signal?: AbortSignal): Promise<'accepted' | 'queued'> {
    const call = { key, path: `/api/v0/instances/${id}/`, body: { state: 'running' }, signal };
    const answer = await this.http.call(endpoints.update, call);
    if (problemOf(answer, key).slug === 'resources_unavailable' && answer.status < 400) return 'queued';
    this.inspect(endpoints.update, key, answer, { instanceId: id });
    return 'accepted';
  }

  async stop(key: string, id: number, signal?: AbortSignal): Promise<void> {
    await this.ask(endpoints.update, { key, path: `/api/v0/instances/${id}/`, body: { state: 'stopped' }, signal }, { instanceId: id });
  }

  async destroy(key: string, id: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.ask(endpoints.destroy, { key, path: `/api/v0/instances/${id}/`, body: {}, signal }, { instanceId: id });
    } catch (error) {
      const documented = isAppError(error, 'vast_error') && error.data.status === 404 && error.data.slug === 'not_found';
      if (!documented && !isAppError(error, 'not_found')) throw error;
    }
  }

  async relabel(key: string, id: number, fullLabel: string, signal?: AbortSignal): Promise<void> {
    await this.ask(endpoints.update, { key, path: `/api/v0/instances/${id}/`, body: { label: fullLabel }, signal }, { instanceId: id });
  }

  async logs(key: string, id: number, options: { readonly tail: number; readonly filter?: string }, signal?: AbortSignal): Promise<string> {
    const body = { tail: String(options.tail), ...(options.filter === undefined ? {} : { filter: options.filter }) };
    const answer = asObject(await this.ask(endpoints.requestLogs, { key, path: `/api/v0/instances/request_logs/${id}/`, body, signal }, { instanceId: id }));
    const url = logUrl(answer['result_url'], this.options.baseUrl);
    if (url === null) throw odd('the log is not at an https address');
    return fetchLog(url, { connections: this.http.connections, clock: this.options.clock, userAgent: this.options.userAgent }, signal);
  }

  async credit(key: string, signal?: AbortSignal): Promise<{ readonly credit: number | null; readonly email: string | null }> {
    const { credit, email } = asObject(await this.ask(endpoints.account, { key, path: '/api/v0/users/current/', signal }));
    const known = typeof credit === 'number' && Number.isFinite(credit) && Math.abs(credit) < 1e9;
    return { credit: known ? credit : null, email: typeof email === 'string' && email.length <= 320 ? email : null };
  }

  async attachSshKey(key: string, id: number, publicKey: string, signal?: AbortSignal): Promise<void> {
    const asks = { ask: (endpoint: Endpoint, call: Omit<Call, 'key' | 'signal'>) => this.ask(endpoint, { ...call, key, signal }, { instanceId: id }), log: this.options.log };
    await addToAccount(asks, publicKey);
    await attach(asks, id, publicKey);
  }

  async addSshKey(key: string, publicKey: string, signal?: AbortSignal): Promise<void> {
    await addToAccount({ ask: (endpoint, call) => this.ask(endpoint, { ...call, key, signal }), log: this.options.log }, publicKey);
  }

  /** The JSON of a good answer; everything else is thrown as the error it stands for. */
  private async ask(endpoint: Endpoint, call: Call, about: { readonly instanceId?: number } = {}): Promise<unknown> {
    return this.inspect(endpoint, call.key, await this.http.call(endpoint, call), about);
  }

  private inspect(endpoint: Endpoint, key: string | null, answer: Answered, about: { readonly instanceId?: number }): unknown {
    const parsed = parseJson(answer.body);
    if (answer.status >= 300 || asObject(parsed)['success'] === false) throw failureOf(answer, { ...this.context(endpoint, key, answer), ...about });
    if (typeof parsed !== 'object' || parsed === null) throw odd('the answer is not JSON');
    return parsed;
  }

  private context(endpoint: Endpoint, key: string | null, answer: Answered): FailureContext {
    return { now: this.options.clock.now(), key, attempts: answer.attempts, retryAfterS: (endpoint.penaltyMs ?? Math.max(1000, endpoint.intervalMs)) / 1000 };
  }
}

/** Thousands of rows take half a second: read in slices, so that nothing else in this process waits longer than one of them. */
const readInSlices = async <Result>(rows: readonly unknown[], read: (row: unknown) => Result): Promise<Result[]> => {
  const results: Result[] = [];
  let since = performance.now();
  for (const row of rows) {
    results.push(read(row));
    if (performance.now() - since < sliceMs) continue;
    await nextTurn();
    since = performance.now();
  }
  return results;
};

const odd = (detail: string): AppError => new AppError('vast_error', `Vast.ai gave an answer that cannot be read: ${detail}.`, { status: 200, slug: null, detail });
