// Which restic program is run: found in the settings, by a flag or on PATH, and asked once for its version.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../domain/app-error';
import type { ResticTool } from '../../domain/snapshot-ports';
import { runProgram } from '../process/execa';
import { capsOf, minimumVersion, parseVersion, type ResticCaps } from './restic-caps';
import { resticEnvironment, resticMissing } from './restic-process';

export interface FoundRestic {
  readonly file: string;
  readonly from: ResticTool['from'];
  readonly caps: ResticCaps;
}

/** How long `restic version` may take, milliseconds. */
const versionPatience = 15_000;

/** The one that came with the package, where the package has one; null outside of a package. */
export const bundledRestic = (): string | null => {
  const { resourcesPath } = process as { readonly resourcesPath?: string };
  return resourcesPath === undefined ? null : path.join(resourcesPath, 'restic', `${process.platform}-${process.arch}`, process.platform === 'win32' ? 'restic.exe' : 'restic');
};

/** The restic programs of this computer. */
export class ResticPrograms {
  private readonly probed = new Map<string, { readonly stamp: string; readonly caps: ResticCaps }>();

  /**
   * Order: the user's setting, then `program` (a flag or DUMONT_RESTIC), then PATH, which `find` looks through, then the one that came with the package.
   *
   * The first two are someone's wish and are taken as they are; one on PATH that is too old gives way to the package's.
   */
  constructor(private readonly options: { readonly program: string | null; readonly find: (name: string) => Promise<string | null>; readonly bundled?: string | null }) {}

  /** Null when there is none. */
  async locate(resticPath: string | null): Promise<FoundRestic | null> {
    const { program, find, bundled } = this.options;
    if (resticPath !== null) return await this.probe(resticPath, 'settings');
    if (program !== null) return await this.probe(program, 'flag');
    const onPath = await this.probe(await find('restic'), 'path');
    if (onPath?.caps.supported === true) return onPath;
    return (await this.probe(bundled ?? null, 'bundled')) ?? onPath;
  }

  private async probe(file: string | null, from: FoundRestic['from']): Promise<FoundRestic | null> {
    const facts = file === null ? null : await stat(file).catch(() => null);
    if (file === null || facts === null || !facts.isFile()) return null;
    const stamp = `${facts.size}:${facts.mtimeMs}`;
    const known = this.probed.get(file);
    if (known?.stamp === stamp) return { file, from, caps: known.caps };
    const result = await runProgram(file, ['version'], { timeout: versionPatience, env: resticEnvironment() });
    const version = parseVersion(result.stdout ?? '');
    if (version === null) return null;
    const caps = capsOf(version);
    this.probed.set(file, { stamp, caps });
    return { file, from, caps };
  }

  /** `restic_missing` or `restic_too_old` when there is none to use. */
  async usable(resticPath: string | null): Promise<FoundRestic> {
    const found = await this.locate(resticPath);
    if (found === null) throw resticMissing();
    if (!found.caps.supported) throw new AppError('restic_too_old', `This restic is too old: ${found.caps.version}.`, { version: found.caps.version, minimum: minimumVersion });
    return found;
  }
}
