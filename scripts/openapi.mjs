// `npm run openapi`: writes docs/openapi.json from the contract; `-- --check` compares instead and fails with a short diff.
import './tools/node-version.mjs';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureInstalled } from './setup.mjs';
import { bundleForNode } from './tools/bundle.mjs';
import { at, main, ScriptError, tell } from './tools/project.mjs';

const target = at('docs', 'openapi.json');

/** The first differing lines, old and new; enough to see what moved. */
const shortDiff = (before, after) => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const part = (lines, mark) => lines.slice(start, start + 8).map((line) => `${mark} ${line}`);
  return [`at line ${start + 1}:`, ...part(a, '-'), ...part(b, '+')].join('\n');
};

/** Compares docs/openapi.json with the contract; undefined when equal, else what differs. */
const checkDrift = (text) => {
  const before = existsSync(target) ? readFileSync(target, 'utf8') : '';
  return before === text ? undefined : `docs/openapi.json is not what the contract gives (run \`npm run openapi\`); ${shortDiff(before, text)}`;
};

await main(async (argv) => {
  const unknown = argv.find((word) => word !== '--check');
  if (unknown !== undefined) throw new ScriptError(`Unknown argument ${unknown}; there is only --check`, 2);
  await ensureInstalled();
  const { openapiText } = await import(pathToFileURL(await bundleForNode('src/main/transports/openapi-file.ts', 'openapi')).href);
  const made = await openapiText();
  const text = made.endsWith('\n') ? made : `${made}\n`;
  if (argv.includes('--check')) {
    const drift = checkDrift(text);
    if (drift !== undefined) throw new ScriptError(drift);
    return;
  }
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  tell('docs/openapi.json is written');
});
