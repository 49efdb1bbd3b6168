// Where the programs of worker threads lie.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundle of this name beside a module, or above it where that is a chunk; null when the sources run as they are, in tests. `module`: its `import.meta.url`. */
export const bundledProgram = (name: string, module: string): string | null =>
  [`./${name}.js`, `../${name}.js`, `./${name}.mjs`].map((file) => fileURLToPath(new URL(file, module))).find((file) => existsSync(file)) ?? null;
