// How each bundle is built (`vite build --mode renderer|main|preload|simulator`) and how vitest finds its projects.
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';
import type { ViteUserConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Packages that stay in node_modules: native code, or files read from disk at run time. */
const unbundled = ['electron', 'keytar', '@photostructure/sqlite', '@node-rs/argon2', 'ssh2', 'swagger-ui-dist'];

const nodeBundle = (input: Record<string, string>, outDir: string, format: 'es' | 'cjs'): UserConfig => ({
  configFile: false,
  publicDir: false,
  ssr: { noExternal: true, external: unbundled, target: 'node' },
  build: {
    ssr: true,
    outDir: at(outDir),
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    rollupOptions: {
      input,
      external: [...unbundled, ...builtinModules, ...builtinModules.map((name) => `node:${name}`)],
      output: {
        format,
        entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
        // A package's own file may have a dot in the name that the chunk takes from it; ours have none.
        chunkFileNames: ({ name }) => `chunks/${name.replaceAll('.', '-')}-[hash].js`,
        // Half the bytes to read at each start; names stay, so that a stack in a log can be read.
        minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
});

const bundles: Record<string, UserConfig> = {
  renderer: {
    root: at('src/renderer'),
    base: './',
    publicDir: at('resources/public'),
    plugins: [react()],
    build: {
      outDir: at('dist/renderer'),
      emptyOutDir: true,
      target: 'chrome130',
      sourcemap: false,
      chunkSizeWarningLimit: 1500,
      // What nearly every view uses, in one file: each file of its own is one more round through the main process.
      rollupOptions: { output: { codeSplitting: { groups: [{ name: 'common', test: /node_modules|src.renderer.ui/, minShareCount: 4 }] } } },
    },
  },
  main: nodeBundle(
    {
      main: at('src/main/main.ts'),
      headless: at('src/main/headless.ts'),
      'keychain-helper': at('src/main/providers/secrets/keychain-helper.ts'),
      'compare-worker': at('src/main/providers/rehearsal/compare-worker.ts'),
      'capture-worker': at('src/main/providers/ssh/capture-worker.ts'),
      'file-writer': at('src/main/providers/ssh/file-writer.ts'),
      'index-worker': at('src/main/providers/index/index-worker.ts'),
    },
    'dist/main',
    'es',
  ),
  preload: nodeBundle({ preload: at('src/preload/preload.ts') }, 'dist/preload', 'cjs'),
  simulator: nodeBundle({ simulator: at('src/simulator/simulator.ts') }, 'dist/simulator', 'es'),
};

const project = (name: string, include: string[], more: object = {}): object => ({
  test: { name, include, environment: 'node', testTimeout: 30_000, hookTimeout: 60_000, ...more },
});

const tests: ViteUserConfig = {
  test: {
    projects: [
      project('unit', ['src/**/*.test.ts', 'scripts/**/*.test.mjs'], { exclude: ['src/main/handlers/**', 'src/main/transports/**', 'src/renderer/**'] }),
      { plugins: [react()], ...project('ui', ['src/renderer/**/*.test.{ts,tsx}'], { environment: 'happy-dom' }) },
      project('contract', ['src/main/handlers/**/*.test.ts', 'src/main/transports/**/*.test.ts']),
      project('suites', ['test/suites/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 }),
      project('faults', ['test/faults/**/*.test.ts'], { testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false }),
    ] as NonNullable<ViteUserConfig['test']>['projects'],
  },
};

export default defineConfig(({ mode }) => bundles[mode] ?? (tests as UserConfig));
