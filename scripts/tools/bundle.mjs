// Bundles one TypeScript file of the project for Node and gives the path of the result, for scripts that run such a file.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { at, root } from './project.mjs';

/** Packages that stay in node_modules: native code, files read from disk, and tools that find themselves by their path. */
const external = ['electron', 'keytar', '@photostructure/sqlite', '@node-rs/argon2', 'ssh2', 'swagger-ui-dist', 'playwright', 'playwright-core', '@playwright/test', 'vite', '@vitejs/plugin-react'];

/**
 * Bundles `entry` (below the root) into `.cache/<name>/`.
 * @returns {Promise<string>} Absolute path of the module to run or import. Throws vite's error when it cannot be built.
 */
export const bundleForNode = async (entry, name) => {
  // Taken from the installed packages only now: set-up has to run before.
  const { build } = await import(pathToFileURL(at('node_modules', 'vite', 'dist', 'node', 'index.js')).href);
  const outDir = at('.cache', name);
  await rm(outDir, { recursive: true, force: true });
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    ssr: { noExternal: true, external, target: 'node' },
    build: {
      ssr: at(entry),
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rollupOptions: { output: { format: 'es', entryFileNames: 'run.mjs', chunkFileNames: 'chunks/[name]-[hash].mjs' } },
    },
  });
  return path.join(outDir, 'run.mjs');
};
