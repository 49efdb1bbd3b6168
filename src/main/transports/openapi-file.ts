// What docs/openapi.json must hold; `npm run openapi` writes it and a test compares it.
export { openapiText } from './openapi';
