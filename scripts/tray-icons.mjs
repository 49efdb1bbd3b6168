// `npm run tray-icons`: draws every icon of the tray from resources/tray/tray.svg with Chromium: templates for macOS, .ico for Windows, PNG for Linux, for light and dark panels.
import './tools/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { icoOf } from './tools/ico.mjs';
import { at, main } from './tools/project.mjs';

const folder = at('resources', 'tray');
const states = ['idle', 'spending', 'attention'];
/** Windows takes the one that fits the scale of the screen. */
const windowsSizes = [16, 20, 24, 32, 48];
const linuxSize = 48;
/** macOS: points at one and two pixels each. */
const templates = [[18, ''], [36, '@2x']];

const draw = async (page, svg, classes, size) => {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg.replace('<svg ', `<svg class="${classes}" `)}`);
  return page.screenshot({ omitBackground: true, type: 'png' });
};

await main(async () => {
  const svg = readFileSync(`${folder}/tray.svg`, 'utf8');
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ deviceScaleFactor: 1 });
    for (const state of states) {
      for (const [size, suffix] of templates) writeFileSync(`${folder}/${state}Template${suffix}.png`, await draw(page, svg, `${state} template`, size));
      for (const panel of ['light', 'dark']) {
        writeFileSync(`${folder}/${state}-${panel}.png`, await draw(page, svg, `${state} ${panel}`, linuxSize));
        const pictures = [];
        for (const size of windowsSizes) pictures.push({ size, png: await draw(page, svg, `${state} ${panel}`, size) });
        writeFileSync(`${folder}/${state}-${panel}.ico`, icoOf(pictures));
      }
    }
  } finally {
    await browser.close();
  }
  process.stdout.write(`Icons of ${states.length} states drawn in ${folder}\n`);
  return 0;
});
