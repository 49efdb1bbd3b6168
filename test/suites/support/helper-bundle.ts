// The keychain process as plain Node can run it: built from its source into the project's ignored folder, once per test run.
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds keychain-helper.ts and gives the path of the script. Inside the project, so that it finds keytar. */
export const buildKeychainHelper = async (): Promise<string> => {
  const outDir = path.join(root, '.cache', 'keychain-helper', String(process.pid));
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true, external: ['keytar'], target: 'node' },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      rollupOptions: { input: { 'keychain-helper': path.join(root, 'src/main/providers/secrets/keychain-helper.ts') }, external: ['keytar'], output: { format: 'es', entryFileNames: '[name].mjs' } },
    },
  });
  return path.join(outDir, 'keychain-helper.mjs');
};
