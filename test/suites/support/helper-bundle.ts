// The keychain process as plain Node can run it: built from its source into the project's ignored folder, for one test file.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { build } from 'vite';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A built script, and how to be rid of it. */
export interface BuiltHelper {
  readonly script: string;
  remove(): void;
}

/** Builds keychain-helper.ts. Inside the project, so that it finds keytar. */
export const buildKeychainHelper = async (): Promise<BuiltHelper> => {
  const outDir = path.join(root, '.cache', 'keychain-helper', randomUUID());
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
  return { script: path.join(outDir, 'keychain-helper.mjs'), remove: () => rmSync(outDir, { recursive: true, force: true }) };
};
