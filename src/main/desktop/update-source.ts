// The source of updates on Electron: electron-updater, which believes only a description that our key signed.
import { existsSync, readFileSync } from 'node:fs';
import type { AppUpdater, ResolvedUpdateFileInfo, UpdateInfo } from 'electron-updater';
import type { ProviderRuntimeOptions } from 'electron-updater/out/providers/Provider';
import * as z from 'zod';
import { filesFor, readDescription, UpdateError, type UpdateDescription } from './update-description';
import type { UpdateSource } from './updates';

/** Written into a package that has a place for updates, see scripts/package/stage.mjs. */
const place = z.object({ url: z.url(), key: z.string().includes('PUBLIC KEY') });

/** Descriptions and files are fetched within this many milliseconds of silence. */
const patience = 60_000;
const systems: Partial<Record<NodeJS.Platform, string>> = { win32: 'latest.json', darwin: 'latest-mac.json' };

/** Null where the package has no place for updates, and in a portable Windows program: the installer would put another copy beside it. */
export function updatePlace(file: string, env: NodeJS.ProcessEnv = process.env): { readonly url: string; readonly key: string } | null {
  if (env['PORTABLE_EXECUTABLE_DIR'] !== undefined || !existsSync(file)) return null;
  const read = place.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return read.success ? read.data : null;
}

async function textAt(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'follow', headers: { 'cache-control': 'no-cache' } });
  if (!answer.ok) throw new Error(`status ${String(answer.status)}`);
  return answer.text();
}

/** The newest description at an address, with its signature beside it. */
export async function newestAt(url: string, key: string, platform: NodeJS.Platform = process.platform): Promise<UpdateDescription> {
  const name = systems[platform] ?? 'latest-linux.json';
  let texts: readonly [string, string];
  try {
    texts = await Promise.all([textAt(`${url}/${name}`), textAt(`${url}/${name}.sig`)]);
  } catch (cause) {
    throw new UpdateError('unreachable', { cause });
  }
  return readDescription(...texts, key);
}

/** electron-updater reads its description from here, so that it never sees one that was not checked. */
async function pointed(updater: AppUpdater, url: string, found: UpdateDescription): Promise<void> {
  const { Provider } = await import('electron-updater');
  class Checked extends Provider<UpdateInfo> {
    constructor(_options: unknown, _updater: unknown, runtime: ProviderRuntimeOptions) {
      super(runtime);
    }
    getLatestVersion(): Promise<UpdateInfo> {
      return Promise.resolve({ version: found.version, files: filesFor(found, process.arch).map(({ url: name, sha512, size }) => ({ url: name, sha512, ...(size === undefined ? {} : { size }) })), path: '', sha512: '', releaseDate: found.releaseDate });
    }
    resolveFiles(info: UpdateInfo): ResolvedUpdateFileInfo[] {
      return info.files.map((file) => ({ url: new URL(`${url}/${file.url}`), info: file }));
    }
  }
  updater.setFeedURL({ provider: 'custom', updateProvider: Checked });
}

/** Electron's own, loaded only when there is something to fetch: it costs a start nothing. */
export function electronUpdates({ url, key }: { readonly url: string; readonly key: string }): UpdateSource {
  const updater = async (): Promise<AppUpdater> => {
    const { autoUpdater } = await import('electron-updater');
    Object.assign(autoUpdater, { autoDownload: false, autoInstallOnAppQuit: false, allowDowngrade: false, allowPrerelease: false, disableWebInstaller: true, logger: null });
    // Its id of this installation is nobody's business.
    autoUpdater.requestHeaders = { 'x-user-staging-id': '' };
    return autoUpdater;
  };
  let heard: ((error: unknown) => void) | null = null;
  const hear = (loaded: AppUpdater, onFailed: typeof heard): void => {
    if (heard !== null) loaded.off('error', heard);
    if (onFailed !== null) loaded.on('error', onFailed);
    heard = onFailed;
  };
  return {
    newest: () => newestAt(url, key),
    async download(found, onPercent) {
      const loaded = await updater();
      // What goes wrong with a download is thrown as well.
      hear(loaded, null);
      await pointed(loaded, url, found);
      loaded.on('download-progress', ({ percent }) => onPercent(Math.round(percent)));
      const check = await loaded.checkForUpdates();
      if (check === null || !check.isUpdateAvailable) throw new UpdateError('older');
      try {
        await loaded.downloadUpdate();
      } catch (cause) {
        throw new UpdateError(cause instanceof Error && /checksum|sha512/i.test(cause.message) ? 'damaged' : 'unreachable', { cause });
      } finally {
        loaded.removeAllListeners('download-progress');
      }
    },
    async install(onFailed) {
      const loaded = await updater();
      // What goes wrong with the installer is told by this event alone, some of it only later.
      hear(loaded, onFailed);
      loaded.quitAndInstall(false, true);
    },
  };
}
