// Vast's error answers as the app's errors. Decided by slug and text first, by status last: a 404 may mean a wrong key.
import { AppError } from '../../domain/app-error';
import { cleanText, redact } from './clean-text';
import { longestHoldS, retryAfterSeconds } from './retry';

/** One answer of the server, its body as text. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | null;
}

/** What a failure is about, to name it. */
export interface FailureContext {
  readonly now: number;
  /** Never shown, wherever it appears. */
  readonly key: string | null;
  readonly attempts: number;
  readonly offerId?: number;
  readonly instanceId?: number;
  /** Seconds to say for a 429 that gives none. */
  readonly retryAfterS: number;
}

const detailLimit = 300;

/** The body as JSON; undefined when it is none. */
export const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
};

/** The body when it is a JSON object, else an empty one. */
export const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const isPage = (body: string): boolean => /<[a-z!]/i.test(body.slice(0, 4000));
const plain = (body: string): string => (isPage(body) ? 'an HTML page' : body);

/** Slug and text of an error body, both cleaned. Of JSON only the texts meant for people are taken: the rest may hold a key. */
export const problemOf = (answer: Answer, key: string | null): { readonly slug: string | null; readonly detail: string } => {
  const parsed = parseJson(answer.body);
  const body = asObject(parsed);
  const slug = typeof body['error'] === 'string' && /^[a-z][a-z0-9_]{0,59}$/.test(body['error']) ? body['error'] : null;
  const said = [body['msg'], body['message'], body['detail'], body['error']].find((value): value is string => typeof value === 'string' && value.trim() !== '');
  const detail = cleanText(redact(said ?? (parsed === undefined ? plain(answer.body.slice(0, 4000)) : ''), key === null ? [] : [key]), detailLimit);
  return { slug, detail: detail || 'no text' };
};

/** The error of a call that is too much now, and may be tried again in so many seconds. */
export const tooMuch = (seconds: number): AppError => new AppError('vast_rate_limited', 'Vast.ai asks for fewer requests.', { retry_after_s: Math.ceil(seconds) });

const rateLimited = (answer: Answer, context: FailureContext, detail: string): AppError => {
  const threshold = /threshold=(\d+(?:\.\d+)?)/.exec(detail)?.[1];
  const seconds = retryAfterSeconds(answer.retryAfter, context.now) ?? Math.max(context.retryAfterS, Number(threshold ?? 0));
  return tooMuch(Math.min(longestHoldS, seconds));
};

/** Texts by which a key is refused, whatever the status. */
const keyRefused = /invalid user key|session expired|two factor|requires login/i;
const scopeMissing = /lacks the|route access/i;

/**
 * Whether this is not Vast speaking but something in between: a page of a proxy, a gateway or a network that wants a sign-in first, or a refusal in no form of
 * Vast's. Vast refuses in JSON; what is known of its plain texts is looked for before.
 */
const isFromInBetween = ({ status, body }: Answer): boolean =>
  parseJson(body) === undefined && (isPage(body) || status === 401 || status === 403 || status === 407);

const unreachable = ({ status }: Answer, { attempts }: FailureContext, detail: string): AppError =>
  new AppError('vast_unreachable', `Vast.ai answered with status ${status}.`, { attempts }, { cause: new Error(`status ${status}: ${detail}`) });

/** The error an answer stands for. `status` 200 is allowed: soft failures are answered so. */
export const failureOf = (answer: Answer, context: FailureContext): AppError => {
  const { slug, detail } = problemOf(answer, context.key);
  const { status } = answer;
  if (status === 429) return rateLimited(answer, context, detail);
  if (status >= 500 && slug !== 'server_error') return unreachable(answer, context, detail);
  if (keyRefused.test(detail)) return new AppError('vast_key_rejected', 'Vast.ai does not accept this API key.', {});
  if (scopeMissing.test(detail)) return new AppError('vast_permission', 'The Vast.ai API key lacks a permission for this.', { detail });
  if (isFromInBetween(answer)) return unreachable(answer, context, detail);
  if (slug === 'auth_error' || status === 401) return new AppError('vast_key_rejected', 'Vast.ai does not accept this API key.', {});
  if (slug === 'no_such_ask' || detail.includes('no_such_ask')) return new AppError('offer_gone', 'This offer is no longer available.', { offer_id: context.offerId ?? 0 });
  if (slug === 'no_such_instance') return new AppError('not_found', 'Vast.ai knows no such instance.', { kind: 'instance', id: context.instanceId ?? 0 });
  if (slug === 'insufficient_credit' || slug === 'missing_billing' || /lacks credit|insufficient credit/i.test(detail)) {
    return new AppError('insufficient_credit', 'The Vast.ai account lacks credit.', { credit: null });
  }
  if (status === 403) return new AppError('vast_permission', 'Vast.ai does not allow this.', { detail });
  return new AppError('vast_error', `Vast.ai answered: ${detail}`, { status, slug, detail });
};
