// The OpenAPI document, made from the contract: served at /api/v1/openapi.json and kept in docs/openapi.json.
import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import * as z from 'zod';
import { contract, errorTable } from '../../contract';
import { instance } from '../../contract/instances';
import { offer } from '../../contract/offers';
import { logLine, operation } from '../../contract/operations';
import { settingsValues } from '../../contract/settings';
import { snapshot } from '../../contract/snapshots';
import { routes } from './routes';

/** Endpoints without a session. */
export const openRoutes: ReadonlySet<string> = new Set(['system.health', 'system.welcome', 'auth.register', 'auth.login']);

/** What only the window can call answers 501 over HTTP, so the document leaves it out. */
const isForHttp = (path: readonly string[]): boolean => path[0] !== 'shell' && path.join('.') !== 'auth.resume';

type Json = Record<string, unknown>;

const schemaOf = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

/** The form of an error's data, without the dialect's name, which the document gives once. */
function dataSchema(data: z.ZodType): Json {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(data, { io: 'output' });
  return schema;
}

/** One schema per code: `{"error", "details": {"code", "data"}}`. */
function errorComponents(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(errorTable).map(([code, { message, data }]) => [
      `error_${code}`,
      {
        type: 'object',
        properties: {
          error: { type: 'string', description: 'One English sentence.', examples: [message] },
          details: { type: 'object', properties: { code: { const: code }, data: dataSchema(data) }, required: ['code', 'data'] },
        },
        required: ['error', 'details'],
      },
    ]),
  );
}

/** What a status can mean: one branch per code that has it. */
function errorSchema(codes: readonly string[]): Json {
  const branches = codes.map((code) => schemaOf(`error_${code}`));
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

/** Shapes that several endpoints give, written once. */
const commonSchemas = Object.fromEntries(Object.entries({ instance, offer, operation, logLine, snapshot, settings: settingsValues }).map(([name, schema]) => [name, { schema, strategy: 'output' as const }]));

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
    commonSchemas,
    customErrorResponseBodySchema: (errors) => errorSchema(errors.map(([code]) => code)),
  });
  markOpen(document as ApiDocument);
  Object.assign(document.components?.schemas ?? {}, errorComponents());
  return `${JSON.stringify(inOrder(document), null, 2)}\n`;
}

let text: Promise<string> | undefined;

/** The document as JSON in a stable order; made once. */
export function openapiText(): Promise<string> {
  text ??= generate();
  return text;
}
