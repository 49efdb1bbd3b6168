// The OpenAPI document, made from the contract: served at /api/v1/openapi.json and kept in docs/openapi.json.
import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { contract } from '../../contract';
import { routes } from './routes';

/** Endpoints without a session. */
export const openRoutes: ReadonlySet<string> = new Set(['system.health', 'system.welcome', 'auth.register', 'auth.login']);

/** What only the window can call answers 501 over HTTP, so the document leaves it out. */
const isForHttp = (path: readonly string[]): boolean => path[0] !== 'shell' && path.join('.') !== 'auth.resume';

type ErrorSchema = Record<string, unknown>;

/** `{"error", "details": {"code", "data"}}` of one status: one branch per code that can have it. */
function errorSchema(errors: readonly (readonly [code: string, message: string, dataRequired: boolean, data: unknown])[]): ErrorSchema {
  const branches = errors.map(([code, message, , data]) => ({
    type: 'object',
    properties: {
      error: { type: 'string', description: 'One English sentence.', examples: [message] },
      details: { type: 'object', properties: { code: { const: code }, data }, required: ['code', 'data'] },
    },
    required: ['error', 'details'],
  }));
  return branches.length === 1 && branches[0] !== undefined ? branches[0] : { oneOf: branches };
}

/** Objects with their names in order, so that the text changes only when the contract does. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, child]) => [name, inOrder(child)]));
}

interface Endpoint {
  security?: unknown;
  operationId?: string;
}

interface ApiDocument {
  readonly paths?: Record<string, Record<string, Endpoint>>;
}

/** Says which endpoints need no token. */
function markOpen(document: ApiDocument): void {
  for (const route of routes) {
    const endpoint = document.paths?.[route.path]?.[route.method.toLowerCase()];
    if (endpoint !== undefined && openRoutes.has(route.name)) endpoint.security = [];
  }
}

async function generate(): Promise<string> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = await generator.generate(contract, {
    info: {
      title: 'Dumont Cloud',
      version: '1',
      description: 'The API of Dumont Cloud on this computer: rent GPUs on Vast.ai, and keep snapshots of their files. Sign in, then send the token as `Authorization: Bearer`.',
    },
    filter: ({ path }) => isForHttp(path),
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    customErrorResponseBodySchema: (errors) => errorSchema(errors),
  });
  markOpen(document as ApiDocument);
  return `${JSON.stringify(inOrder(document), null, 2)}\n`;
}

let text: Promise<string> | undefined;

/** The document as JSON in a stable order; made once. */
export function openapiText(): Promise<string> {
  text ??= generate();
  return text;
}
