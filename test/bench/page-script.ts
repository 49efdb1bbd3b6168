// Bundles page-bench.ts into one script that a spec can evaluate in a page.
import path from 'node:path';
import { build } from 'vite';

/** The script's text. */
export async function pageScript(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    root: process.cwd(),
    build: { write: false, target: 'chrome130', minify: false, lib: { entry: path.resolve('test/bench/page-bench.ts'), formats: ['iife'], name: 'pageBenchScript' } },
  });
  const output = (Array.isArray(result) ? result : [result]).flatMap((one) => ('output' in one ? one.output : []));
  const script = output.find((file) => file.type === 'chunk');
  if (script === undefined || script.type !== 'chunk') throw new Error('the page bench was not bundled');
  return script.code;
}
