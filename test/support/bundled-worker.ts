// The capture worker as it ships: bundled by itself, for suites that run it in a thread.
import path from 'node:path';
import { build } from 'vite';

/** Bundles it into a folder; gives the file. */
export const bundleCaptureWorker = async (folder: string): Promise<string> => {
  const entry = path.resolve(import.meta.dirname, '../../src/main/providers/ssh/capture-worker.ts');
  await build({
    configFile: false, logLevel: 'error', publicDir: false, ssr: { noExternal: true, target: 'node' },
    build: { ssr: true, outDir: folder, target: 'node20', minify: false, rollupOptions: { input: { 'capture-worker': entry }, output: { format: 'es', entryFileNames: '[name].mjs' } } },
  });
  return path.join(folder, 'capture-worker.mjs');
};
