// Workers as they ship: each bundled by itself, for suites that run it in a thread.
import path from 'node:path';
import { build } from 'vite';

/** Found beside the sources, so that a bundle with it has to lie below them. */
const native = ['@photostructure/sqlite'];

const bundle = async (folder: string, name: string, source: string): Promise<string> => {
  const entry = path.resolve(import.meta.dirname, '../../src/main/providers', source);
  await build({
    configFile: false, logLevel: 'error', publicDir: false, ssr: { noExternal: true, external: [...native], target: 'node' },
    build: { ssr: true, outDir: folder, target: 'node20', minify: false, rollupOptions: { input: { [name]: entry }, output: { format: 'es', entryFileNames: '[name].mjs' } } },
  });
  return path.join(folder, `${name}.mjs`);
};

/** Bundles the thread that writes small files into a folder; gives the file. */
export const bundleFileWriter = (folder: string): Promise<string> => bundle(folder, 'file-writer', 'ssh/file-writer.ts');

/** Bundles the capture worker into a folder, with the thread that it starts; gives the file. */
export const bundleCaptureWorker = async (folder: string): Promise<string> => {
  await bundleFileWriter(folder);
  return await bundle(folder, 'capture-worker', 'ssh/capture-worker.ts');
};

/** Bundles the worker of rehearsals into a folder; gives the file. */
export const bundleCompareWorker = (folder: string): Promise<string> => bundle(folder, 'compare-worker', 'rehearsal/compare-worker.ts');

/** Bundles the worker of the index of files into a folder of this checkout; gives the file. */
export const bundleIndexWorker = (folder: string): Promise<string> => bundle(folder, 'index-worker', 'index/index-worker.ts');
