// Reads and parses the JSON body of a request within its limits, before any handler is entered.
import type { IncomingMessage } from 'node:http';
import { badRequest, bodyTooLarge, type Refusal } from './http-errors';
import { hasBody } from './http-guards';
import { jsonProblem } from './json-limits';

/** Bytes. */
export const maxBodyBytes = 1024 * 1024;

export type BodyRead = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly refusal: Refusal };

const refused = (refusal: Refusal): BodyRead => ({ ok: false, refusal });

async function readBytes(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Not `for await`: leaving its loop early destroys the socket, and the answer with it.
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBodyBytes) {
        chunks.push(chunk);
        return;
      }
      // The rest is read and dropped, so that the client gets to read the answer.
      chunks.length = 0;
      resolve(null);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection was closed before the body was complete')));
  });
}

function parse(bytes: Buffer): BodyRead {
  if (bytes.length === 0) return { ok: true, value: {} };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refused(badRequest('The body is not JSON.'));
  }
  const problem = jsonProblem(value);
  return problem === null ? { ok: true, value } : refused(badRequest(`The body holds ${problem}.`));
}

/** The parsed body; `{}` when there is none. Rejects when the client goes in between. */
export async function readBody(request: IncomingMessage): Promise<BodyRead> {
  if (!hasBody(request)) return { ok: true, value: {} };
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return refused(bodyTooLarge(maxBodyBytes));
  const bytes = await readBytes(request);
  return bytes === null ? refused(bodyTooLarge(maxBodyBytes)) : parse(bytes);
}
