// `npm run icons`: draws resources/icon.svg at every size with Chromium and writes the PNGs, the .ico of Windows and the .icns of macOS.
import './tools/node-version.mjs';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { at, main, ScriptError, tell } from './tools/project.mjs';

/** Pixels. Linux takes all of them, Windows up to 256, macOS what its table names. */
const sizes = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const windowsSizes = [16, 24, 32, 48, 64, 128, 256];
/** Apple's four letters for a PNG of that size; the second of a size is its doubled smaller one. */
const appleTypes = [['icp4', 16], ['icp5', 32], ['icp6', 64], ['ic07', 128], ['ic08', 256], ['ic09', 512], ['ic10', 1024], ['ic11', 32], ['ic12', 64], ['ic13', 256], ['ic14', 512]];

/** An .ico whose images are PNGs: a header, a row of 16 bytes for each, the images. */
export const icoOf = (images) => {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { size, png }] of images.entries()) {
    const row = 6 + 16 * index;
    head.writeUInt8(size === 256 ? 0 : size, row);
    head.writeUInt8(size === 256 ? 0 : size, row + 1);
    head.writeUInt16LE(1, row + 4);
    head.writeUInt16LE(32, row + 6);
    head.writeUInt32LE(png.length, row + 8);
    head.writeUInt32LE(offset, row + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
};

/** An .icns: its name and length, then name, length and PNG of each image. */
export const icnsOf = (images) => {
  const block = (name, data) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32BE(8 + data.length, 4);
    return Buffer.concat([head, data]);
  };
  return block('icns', Buffer.concat(images.map(({ type, png }) => block(type, png))));
};

const chromiumFile = () => {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => file !== undefined && existsSync(file));
  if (found === undefined) throw new ScriptError('No Chromium was found: install it, or say where it is in CHROMIUM');
  return found;
};

const drawAll = async (svg) => {
  const { chromium } = await import('playwright');
  const browser = await chromium.launch({ executablePath: chromiumFile(), args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const drawn = new Map();
    for (const size of sizes) {
      await page.setViewportSize({ width: size, height: size });
      await page.setContent(`<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
      drawn.set(size, await page.screenshot({ omitBackground: true, clip: { x: 0, y: 0, width: size, height: size } }));
    }
    return drawn;
  } finally {
    await browser.close();
  }
};

await main(async () => {
  const drawn = await drawAll(readFileSync(at('resources/icon.svg'), 'utf8'));
  mkdirSync(at('resources/icons'), { recursive: true });
  for (const [size, png] of drawn) writeFileSync(path.join(at('resources/icons'), `${size}x${size}.png`), png);
  writeFileSync(at('resources/icon.ico'), icoOf(windowsSizes.map((size) => ({ size, png: drawn.get(size) }))));
  writeFileSync(at('resources/icon.icns'), icnsOf(appleTypes.map(([type, size]) => ({ type, png: drawn.get(size) }))));
  tell(`Icons of ${sizes.length} sizes, icon.ico and icon.icns`);
});
