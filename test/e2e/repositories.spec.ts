// Repositories and schedules in a browser: made, renamed, given a recovery key, chosen for a snapshot and for care of its own.
import { expectAccessible } from '../support/axe';
import { makeTempDir } from '../support/temp-dir';
import { destroyOne, expect, openSection, rentOne, test, waitState, type World } from './world';

test.describe.configure({ timeout: 180_000 });

/** Removes the schedules, and every repository but the app's own: whoever shares this world next has neither a place that is gone nor work on it. */
const forgetAll = async (world: World): Promise<void> => {
  const { body: plans } = await world.rest('GET', '/schedules');
  for (const { id } of plans['schedules'] as readonly { id: string }[]) await world.rest('DELETE', `/schedules/${id}`);
  const { body: places } = await world.rest('GET', '/repositories');
  for (const { id, is_default: isOwn } of places['repositories'] as readonly { id: string; is_default: boolean }[]) if (!isOwn) await world.rest('DELETE', `/repositories/${id}`);
};

test('a second repository is made, renamed, given a recovery key, and chosen for a snapshot and a schedule', async ({ page, world }) => {
  const folder = makeTempDir('dumont-spec');
  const id = await rentOne(world, 'keeps-elsewhere');
  try {
    await openSection(page, world, '#/repositories');
    const cards = page.getByTestId('repository');
    await expect(cards).toHaveCount(1);
    await page.getByRole('button', { name: 'New repository' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('second disk');
    await dialog.getByRole('textbox', { name: 'Folder' }).fill(folder.at('kept'));
    await dialog.getByRole('button', { name: 'Make it' }).click();
    const card = page.getByRole('article', { name: 'second disk' });
    await expect(card.getByText('Ready')).toBeVisible();
    await expect(card.getByText('never')).toHaveCount(2);

    await card.getByRole('button', { name: 'Actions for second disk' }).click();
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    const field = page.getByRole('dialog', { name: 'Rename' }).getByLabel('Name');
    await expect(field).toBeFocused();
    await field.fill('the vault');
    await page.keyboard.press('Enter');
    const renamed = page.getByRole('article', { name: 'the vault' });
    await expect(renamed).toBeVisible();
    await renamed.getByRole('button', { name: 'Actions for the vault' }).click();
    await page.getByRole('menuitem', { name: 'Recovery key…' }).click();
    const keys = page.getByRole('dialog', { name: 'Recovery key of the vault' });
    await keys.getByLabel('Your sign-in password').fill('not the password');
    await keys.getByRole('button', { name: 'Make the key' }).click();
    await expect(keys.getByRole('alert')).toBeVisible();
    await keys.getByLabel('Your sign-in password').fill('a long pass phrase');
    await keys.getByRole('button', { name: 'Make the key' }).click();
    await expect(keys.getByTestId('recovery-key')).toHaveText(/^\S{12,}/);
    await expectAccessible(page, 'the recovery key of a repository');
    await keys.getByRole('button', { name: 'I have kept it' }).click();
    await expect(renamed.getByText('made', { exact: true })).toBeVisible();

    await openSection(page, world, '#/schedules');
    await page.getByRole('button', { name: 'New schedule' }).first().click();
    const editor = page.getByRole('dialog', { name: 'New schedule' });
    await editor.getByRole('combobox', { name: 'What' }).click();
    await page.getByRole('option', { name: 'Free space' }).click();
    await editor.getByRole('combobox', { name: 'Repository' }).click();
    await page.getByRole('option', { name: /^the vault/ }).click();
    await expectAccessible(page, 'the editor of schedules');
    await editor.getByRole('button', { name: 'Save' }).click();
    await expect(editor).toBeHidden();
    const { body } = await world.rest('GET', '/schedules');
    const [vault] = ((await world.rest('GET', '/repositories')).body['repositories'] as { id: string; name: string }[]).filter(({ name }) => name === 'the vault');
    expect(body['schedules']).toMatchObject([{ kind: 'prune', repository_id: vault?.id }]);

    await waitState(world, id, 'running');
    await openSection(page, world, `#/snapshots?take=${id}`);
    const taking = page.getByRole('dialog', { name: 'Take a snapshot' });
    await taking.getByRole('combobox', { name: 'Repository' }).click();
    await page.getByRole('option', { name: /^the vault/ }).click();
    await taking.getByRole('button', { name: 'Take it' }).click();
    const inVault = async (): Promise<unknown> => ((await world.rest('GET', '/snapshots')).body['snapshots'] as { repository_id: string }[]).filter(({ repository_id: where }) => where === vault?.id);
    await expect.poll(inVault, { timeout: 60_000 }).toMatchObject([{ instance_id: id, result: 'ok' }]);
  } finally {
    await destroyOne(world, id);
    await forgetAll(world);
    folder.remove();
  }
});
