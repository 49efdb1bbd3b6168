// What electron-builder itself makes of our manifest and settings for Linux, without packing: the desktop entry, and what deb and rpm ask for.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { scheduleExtension } from '../../src/main/domain/schedule-file';
import { makeTempDir } from '../support/temp-dir';

const root = path.resolve(import.meta.dirname, '../..');
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));

type Manifest = Readonly<Record<string, string>>;
interface Settings {
  readonly productName: string;
  readonly linux: object;
  readonly fileAssociations: readonly { readonly ext: string; readonly mimeType: string }[];
}
interface FpmPart {
  computeFpmMetaInfoOptions(): Promise<{ readonly url: string; readonly maintainer: string }>;
}
interface EntryPart {
  getDesktopFileName(): string;
  computeDesktopEntry(options: object): Promise<string>;
  readonly mimeTypeFiles: Promise<string | null>;
}

const staged = async (): Promise<Manifest> => {
  const { manifest } = (await import(pathToFileURL(path.join(root, 'scripts/package/stage.mjs')).href)) as { manifest: () => Manifest };
  return manifest();
};
const settings = (builder('js-yaml') as { load: (text: string) => Settings }).load(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8'));

/** As electron-builder sees the app where git has no remote: it could take an address from there. */
const packagerOf = (metadata: Manifest): object => {
  const { AppInfo } = builder('app-builder-lib/out/appInfo.js') as { AppInfo: { prototype: object } };
  const appInfo: unknown = Object.assign(Object.create(AppInfo.prototype) as object, { info: { metadata, devMetadata: {}, repositoryInfo: Promise.resolve(null) }, productName: settings.productName });
  return { appInfo, info: { metadata }, config: settings, platformSpecificBuildOptions: settings.linux, fileAssociations: settings.fileAssociations, executableName: metadata['name'] };
};

test('deb and rpm have the page and the maintainer that they cannot be made without', async () => {
  const { default: FpmTarget } = builder('app-builder-lib/out/targets/FpmTarget.js') as { default: { prototype: object } };
  const part = Object.assign(Object.create(FpmTarget.prototype) as FpmPart, { packager: packagerOf(await staged()), options: settings.linux });
  expect(await part.computeFpmMetaInfoOptions()).toMatchObject({ url: 'https://dumont.cloud', maintainer: 'Dumont Cloud <noreply@dumont.cloud>' });
});

test('the desktop entry has the name by which windows and notifications are grouped, and takes our links and files', async () => {
  const metadata = await staged();
  expect(metadata['desktopName']).toBe('dumont-cloud.desktop');
  const { LinuxTargetHelper } = builder('app-builder-lib/out/targets/LinuxTargetHelper.js') as { LinuxTargetHelper: { prototype: object } };
  const part = Object.assign(Object.create(LinuxTargetHelper.prototype) as EntryPart, { packager: packagerOf(metadata) });
  expect(`${part.getDesktopFileName()}.desktop`).toBe(metadata['desktopName']);
  const entry = await part.computeDesktopEntry(settings.linux);
  expect(entry).toMatch(/^StartupWMClass=dumont-cloud$/m);
  expect(entry).toMatch(/^MimeType=application\/vnd\.dumont-cloud\.schedule\+json;x-scheme-handler\/dumont;$/m);
  // Without a place for them the system could not hand a file over.
  expect(entry).toMatch(/^Exec=.* %U$/m);
});

test('deb and rpm say which files are ours: those that a schedule is dragged out as', async () => {
  const folder = makeTempDir('dumont-mime');
  try {
    const { LinuxTargetHelper } = builder('app-builder-lib/out/targets/LinuxTargetHelper.js') as { LinuxTargetHelper: new (packager: object) => EntryPart };
    const file = await new LinuxTargetHelper({ ...packagerOf(await staged()), getTempFile: () => Promise.resolve(folder.at('mime.xml')) }).mimeTypeFiles;
    const written = readFileSync(file ?? '', 'utf8');
    expect(written).toContain('<mime-type type="application/vnd.dumont-cloud.schedule+json">');
    expect(written).toContain(`<glob pattern="*.${scheduleExtension}"/>`);
  } finally {
    folder.remove();
  }
});
