// The OpenAPI document: what it says of security and errors, and that docs/openapi.json is what the contract gives.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { contractCases } from '../../../test/fakes/contract-cases';
import { errorTable } from '../../contract';
import { openapiText } from './openapi';
import { routes } from './routes';

interface Endpoint {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = JSON.parse(await openapiText()) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Endpoint>>>>;
  readonly security: unknown;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: unknown };
};

const forHttp = routes.filter((route) => !route.name.startsWith('shell.') && route.name !== 'auth.resume');

test('docs/openapi.json is what the contract gives (else: npm run openapi)', async () => {
  expect(await readFile(fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url)), 'utf8')).toBe(await openapiText());
});

test('it holds every endpoint that HTTP answers, and no other', () => {
  const found = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, endpoint]) => `${endpoint.operationId} ${method.toUpperCase()} ${path}`));
  expect(found.toSorted()).toEqual(forHttp.map((route) => `${route.name} ${route.method} ${route.path}`).toSorted());
});

test('the bearer token is asked for wherever the handlers ask for it', () => {
  expect(document.security).toEqual([{ bearer: [] }]);
  expect(document.components.securitySchemes).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  for (const route of forHttp) {
    expect([route.name, document.paths[route.path]?.[route.method.toLowerCase()]?.security]).toEqual([route.name, contractCases[route.name]?.open === true ? [] : undefined]);
  }
});

test('every reference leads somewhere, and errors have their one form', () => {
  const text = JSON.stringify(document);
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(document.components.schemas).toHaveProperty([name]);
  for (const code of Object.keys(errorTable)) {
    expect(document.components.schemas[`error_${code}`]).toMatchObject({ required: ['error', 'details'], properties: { details: { required: ['code', 'data'], properties: { code: { const: code } } } } });
  }
  expect(text).not.toContain('"defined"');
});
