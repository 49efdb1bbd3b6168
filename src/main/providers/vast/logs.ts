// Fetches a container log from where Vast uploads it: without our key, only from an https address, a bounded tail.
import { isIP } from 'node:net';
import { AppError } from '../../domain/app-error';
import type { Clock } from '../../domain/ports';
import type { Connections } from './connections';

/** The most that is kept of a log, bytes: its end. */
const keptBytes = 2 * 1024 * 1024;
/** The most that is read of it, bytes. */
const readBytes = 64 * 1024 * 1024;
/** Uploads were seen to take 5 to 20 s. */
const uploadMs = 30_000;
const pollMs = 1000;

const loopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

/** The address of the log when it may be fetched: https, or on this computer when the API is too. */
export const logUrl = (value: unknown, baseUrl: string): URL | null => {
  if (typeof value !== 'string' || value.length > 4096 || !URL.canParse(value)) return null;
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') return null;
  if (loopback(url.hostname)) return loopback(new URL(baseUrl).hostname) && (url.protocol === 'http:' || url.protocol === 'https:') ? url : null;
  return url.protocol === 'https:' ? url : null;
};

const readTail = async (body: AsyncIterable<Buffer>): Promise<string> => {
  let chunks: Buffer[] = [];
  let kept = 0;
  let read = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    kept += chunk.length;
    read += chunk.length;
    if (kept > keptBytes * 2) {
      chunks = [Buffer.concat(chunks).subarray(-keptBytes)];
      kept = keptBytes;
    }
    if (read > readBytes) break;
  }
  return Buffer.concat(chunks).subarray(-keptBytes).toString('utf8');
};

/** The text of the log once it is there. Throws `vast_error` when it does not come, `vast_unreachable` when its host does not answer. */
export const fetchLog = async (url: URL, from: { readonly connections: Connections; readonly clock: Clock; readonly userAgent: string }, signal?: AbortSignal): Promise<string> => {
  const { connections, clock, userAgent } = from;
  const until = clock.now() + uploadMs;
  for (;;) {
    let status: number;
    try {
      const answer = await connections.send(url, { method: 'GET', headers: { 'user-agent': userAgent }, signal });
      status = answer.statusCode;
      if (status === 200) return await readTail(answer.body as AsyncIterable<Buffer>);
      await answer.body.dump();
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason as unknown;
      throw new AppError('vast_unreachable', 'The log could not be fetched.', { attempts: 1 }, { cause: error });
    }
    const pending = status === 403 || status === 404 || status === 429 || status >= 500;
    if (!pending || clock.now() >= until) {
      throw new AppError('vast_error', 'Vast.ai did not provide the log.', { status, slug: null, detail: 'the log was not uploaded in time' });
    }
    await clock.sleep(pollMs, signal);
  }
};
