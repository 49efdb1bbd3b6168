// The page /docs: Swagger UI from its npm package, offline, with an index and a script of our own because the policy forbids inline scripts.
import { createRequire } from 'node:module';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { fileBelow } from './app-files';
import { sendBytes, sendFile } from './http-files';

const swaggerFiles = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png']);

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Dumont Cloud API</title>
    <link rel="icon" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** `validatorUrl: null`: else the page would ask a server on the internet. */
const script = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#api', validatorUrl: null, deepLinking: false, tryItOutEnabled: true, persistAuthorization: false });
`;

const folder = (): string => path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Whether a path belongs to the documentation. */
export function isDocs(urlPath: string): boolean {
  return urlPath === '/docs' || urlPath.startsWith('/docs/') || urlPath === '/api/v1/openapi.json';
}

/** False when there is no such page; nothing was answered then. */
export async function sendDocs(response: ServerResponse, urlPath: string): Promise<boolean> {
  if (urlPath === '/api/v1/openapi.json') {
    // Read when it is asked for: the generator is large, and few ever do.
    const { openapiText } = await import('./openapi');
    sendBytes(response, await openapiText(), '.json', 'no-cache');
    return true;
  }
  const name = urlPath.slice('/docs'.length);
  if (name === '' || name === '/') {
    sendBytes(response, page, '.html', 'no-cache');
    return true;
  }
  if (name === '/start.js') {
    sendBytes(response, script, '.js', 'no-cache');
    return true;
  }
  const file = swaggerFiles.has(name) ? fileBelow(folder(), name) : null;
  return file !== null && sendFile(response, file);
}
