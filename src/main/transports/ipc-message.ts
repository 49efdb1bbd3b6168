// What an IPC message must look like before oRPC sees it: one that oRPC cannot decode would reject where nobody listens and end the process.
import { jsonProblem } from './json-limits';

/** Bytes, or UTF-16 units of a string. The preload script, which may import nothing, has the same number. */
export const maxMessageSize = 1024 * 1024;

/** oRPC's types of messages from a client. */
const request = 1;
const streamEvent = 3;
const abort = 4;

function textOf(data: unknown): string | null {
  if (typeof data === 'string') return data.length <= maxMessageSize ? data : null;
  if (!(data instanceof Uint8Array) && !(data instanceof ArrayBuffer)) return null;
  if (data.byteLength > maxMessageSize) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A call: an address, headers that are text, and JSON (no endpoint takes files or streams). */
function isCall(payload: unknown): boolean {
  if (!isRecord(payload) || typeof payload['u'] !== 'string' || !payload['u'].startsWith('/') || !URL.canParse(`http://orpc${payload['u']}`)) return false;
  const { h: headers, m: method } = payload;
  if (method !== undefined && (typeof method !== 'string' || !/^[A-Z]{1,10}$/.test(method))) return false;
  if (headers === undefined) return true;
  if (!isRecord(headers) || 'content-disposition' in headers) return false;
  if (!Object.entries(headers).every(([name, value]) => /^[a-z0-9-]{1,64}$/.test(name) && typeof value === 'string' && /^[\t\x20-\x7e]*$/.test(value))) return false;
  const type = headers['content-type'];
  return type === undefined || type === 'application/json';
}

/**
 * The message as text, or null when it is not one that our own client sends: text (or its bytes) of at most 1 MiB, JSON of bounded depth
 * without prototype names, with an id and one of the three types.
 */
export function readMessage(data: unknown): string | null {
  const text = textOf(data);
  if (text === null) return null;
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(message) || jsonProblem(message) !== null) return null;
  const { i: id, t: type = request, p: payload } = message;
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return null;
  if (type === abort) return text;
  if (type === streamEvent) return isRecord(payload) ? text : null;
  return type === request && isCall(payload) ? text : null;
}
