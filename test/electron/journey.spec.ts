// The whole job through the window of a real Electron: find, rent, snapshot, restore to a folder chosen in the native dialog, pause, resume, destroy.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { newestRestic } from '../support/restics';
import { makeTempDir } from '../support/temp-dir';
import { enterDemo, launchDemo, trayItems } from './desk';

test.describe.configure({ timeout: 300_000 });

/** Long enough for a boot, a capture and the app's own polls on a busy machine. */
const done = { timeout: 90_000 };

test('the whole job through the window', async () => {
  test.skip(process.platform !== 'linux', 'restic for the tests comes from Debian’s archive');
  const desktop = await launchDemo({ args: ['--restic', newestRestic().file] });
  const chosen = makeTempDir('dumont-restored');
  try {
    const { app, page } = desktop;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await enterDemo(page);
    const grid = page.getByRole('grid', { name: 'Offers of the market' });
    await expect(grid.getByRole('row').nth(1)).toBeVisible(done);
    await page.keyboard.press('ControlOrMeta+f');
    await page.keyboard.type('4090');
    await expect(grid.locator('[aria-rowindex="2"]')).toContainText('RTX 4090', done);
    await grid.locator('[aria-rowindex="2"]').click();
    await page.getByRole('button', { name: 'Rent', exact: true }).click();
    const rent = page.getByRole('dialog', { name: /^Rent 1× RTX 4090/ });
    await rent.getByLabel('Label').fill('through-the-window');
    await rent.getByRole('button', { name: /^Rent for \$/ }).click();

    const mine = page.getByRole('article', { name: 'through-the-window' });
    await expect(mine.getByTestId('state')).toHaveText('Running', done);
    await expect.poll(async () => (await trayItems(app)).map((item) => item.label).join('\n'), done).toContain('through-the-window · running');

    await mine.getByRole('button', { name: 'Snapshot', exact: true }).click();
    const taking = page.getByRole('dialog', { name: 'Take a snapshot' });
    await taking.getByRole('button', { name: 'Take it' }).click();
    await expect(taking).toBeHidden();
    const complete = page.getByRole('listitem').filter({ hasText: 'Complete' });
    await expect(complete).toBeVisible(done);

    await app.evaluate(({ dialog }, folder) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] });
    }, chosen.path);
    await complete.getByRole('button', { name: /^Restore the snapshot of/ }).click();
    const restore = page.getByRole('dialog', { name: /^Restore the snapshot of/ });
    await restore.getByRole('button', { name: 'Choose…' }).click();
    await restore.getByRole('button', { name: 'Restore' }).click();
    await expect(restore.getByText(/^Restored to /)).toBeVisible(done);
    const names = readdirSync(chosen.path, { recursive: true }).map(String);
    const script = names.find((name) => path.basename(name) === 'train.py');
    expect(script, names.join(' ')).toBeDefined();
    expect(readFileSync(path.join(chosen.path, script ?? ''), 'utf8')).toContain('import');
    await page.keyboard.press('Escape');

    await page.keyboard.press('ControlOrMeta+2');
    await mine.getByRole('button', { name: 'Pause' }).click();
    await expect(mine.getByTestId('state')).toHaveText('Paused', done);
    await mine.getByRole('button', { name: 'Resume' }).click();
    await expect(mine.getByTestId('state')).toHaveText('Running', done);
    await mine.getByRole('button', { name: 'Destroy' }).click();
    const destroy = page.getByRole('dialog', { name: 'Destroy through-the-window?' });
    await destroy.getByRole('textbox').fill('through-the-window');
    await destroy.getByRole('checkbox', { name: 'Destroy it all the same' }).check();
    await destroy.getByRole('button', { name: 'Destroy' }).click();
    await expect(page.getByRole('heading', { name: 'Nothing is rented' })).toBeVisible(done);
    await expect.poll(async () => (await trayItems(app)).map((item) => item.id), done).toContain('none');

    // SEC-01: the page loads parts of itself and nothing else.
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((url) => !url.startsWith('dumont://app/'))).toEqual([]);
  } finally {
    await desktop.stop();
    chosen.remove();
  }
});
