// Every screen and dialog that has a picture: how to get to it in a demo with two instances and a few snapshots, in either language.
import { readFileSync } from 'node:fs';
import { at } from './project.mjs';

const namespaces = ['common', 'offers', 'instances', 'snapshots', 'files', 'schedules', 'repositories', 'operations', 'settings', 'session'];

/** The words of a language: `word('offers', 'dialog.label')`; placeholders are filled from `values`. */
export const wordsOf = (language) => {
  const files = Object.fromEntries(namespaces.map((name) => [name, JSON.parse(readFileSync(at('src/renderer/i18n', language, `${name}.json`), 'utf8'))]));
  return (namespace, key, values = {}) => {
    const text = key.split('.').reduce((found, part) => found?.[part], files[namespace]);
    if (typeof text !== 'string') throw new Error(`No word ${namespace}:${key} in ${language}`);
    return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name) => values[name] ?? whole);
  };
};

const market = '#/offers?gpu=RTX+4090,RTX+5090&max_price=1.2';
const button = (scope, name) => scope.getByRole('button', { name, exact: true });
const firstRow = (page) => page.getByRole('grid').locator('[aria-rowindex="2"]');
const card = (page) => page.getByRole('article').filter({ hasText: 'llama-finetune' }).first();

const openMarket = async ({ page, go }) => {
  await go(market, firstRow(page));
  await page.getByTestId('offers-count').filter({ hasText: /\d/ }).waitFor();
};

const openDetails = async (at) => {
  await openMarket(at);
  await firstRow(at.page).click();
  await at.page.getByRole('dialog').getByText(at.word('offers', 'details.bandwidth')).waitFor();
};

const openInstances = ({ page, go }) => go('#/instances', page.getByRole('article').nth(1));
const openSnapshots = async ({ page, go, word }) => {
  await go('#/snapshots', page.getByRole('region', { name: word('snapshots', 'repository.title') }));
  await page.getByRole('listitem').nth(2).waitFor();
};
const openOperations = ({ page, go }) => go('#/operations', page.getByRole('main').getByText('llama-finetune').first());
const inCard = async (at, key) => {
  await openInstances(at);
  const name = at.word('instances', `action.${key}`);
  const direct = button(card(at.page), name);
  if (await direct.isVisible()) await direct.click();
  else {
    await card(at.page).getByRole('button', { name: at.word('instances', 'action.more', { label: 'llama-finetune' }) }).click();
    await at.page.getByRole('menuitem', { name, exact: true }).click();
  }
  await at.page.getByRole('dialog').waitFor();
};

const openTake = async (at) => {
  await openSnapshots(at);
  await button(at.page, at.word('snapshots', 'take')).first().click();
  await at.page.getByRole('dialog').waitFor();
};
const openSettings = ({ page, go }) => go('#/settings', page.getByRole('main').getByRole('heading').first());
const openRepositories = ({ page, go }) => go('#/repositories', page.getByTestId('repository').first());
const openFirstSteps = async (at) => {
  await openSettings(at);
  await button(at.page.getByRole('main'), at.word('settings', 'account.open')).last().click();
  await at.page.getByRole('dialog').waitFor();
};
const repositoryDialog = (word) => async (at) => {
  await openRepositories(at);
  await button(at.page.getByRole('main'), at.word('repositories', word)).first().click();
  await at.page.getByRole('dialog').waitFor();
};
const repositoryAction = (action) => async (at) => {
  await openRepositories(at);
  await at.page.getByTestId('repository').first().getByRole('button', { name: new RegExp(`^${at.word('repositories', 'action.more', { name: '' }).trim()}`) }).click();
  await at.page.getByRole('menuitem', { name: at.word('repositories', `action.${action}`), exact: true }).click();
  await at.page.getByRole('dialog').waitFor();
};

/** Screens in the order of a walk. `readme`: its picture is in README.md. `door`: before signing in. */
export const screens = [
  { name: 'sign-in', readme: true, door: true, open: ({ page, go, word }) => go('', button(page, word('session', 'demo.enter'))) },
  { name: 'offers', readme: true, open: openMarket },
  { name: 'offer-details', readme: true, open: openDetails },
  { name: 'rent', readme: true, open: async (at) => {
    await openDetails(at);
    await button(at.page, at.word('offers', 'rent')).click();
    await at.page.getByLabel(at.word('offers', 'dialog.label')).fill('llama-finetune-2');
  } },
  { name: 'no-offers', open: ({ page, go, word }) => go('#/offers?gpu=RTX+4090&max_price=0.01', page.getByText(word('offers', 'empty.title'))) },
  { name: 'instances', readme: true, open: async (at) => {
    await openInstances(at);
    await at.page.getByRole('progressbar').first().waitFor();
  } },
  { name: 'instance-logs', open: (at) => inCard(at, 'logs') },
  { name: 'instance-destroy', open: (at) => inCard(at, 'destroy') },
  { name: 'snapshots', readme: true, open: openSnapshots },
  { name: 'snapshot-take', open: openTake },
  { name: 'snapshot-restore', open: async (at) => {
    await openSnapshots(at);
    await at.page.getByRole('main').getByText(at.word('snapshots', 'action.restore'), { exact: true }).first().click();
    await at.page.getByRole('dialog').waitFor();
  } },
  { name: 'snapshot-files', readme: true, open: async ({ page, go, snapshot }) => {
    await go(`#/snapshots/${snapshot}`, firstRow(page));
    await firstRow(page).click();
  } },
  { name: 'snapshot-file', open: ({ page, go, snapshot }) => go(`#/snapshots/${snapshot}?file=t:README.md`, page.getByRole('heading', { name: 'README.md' })) },
  { name: 'snapshot-files-range', open: async ({ page, go, snapshot }) => {
    await go(`#/snapshots/${snapshot}`, firstRow(page));
    await page.locator('[data-cell="0:1"]').focus();
    await page.keyboard.press(' ');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.locator('[data-cell="2:1"]:focus').waitFor();
  } },
  { name: 'snapshot-preview', open: async (at) => {
    await openTake(at);
    await at.page.getByRole('dialog').getByText(at.word('snapshots', 'preview.look'), { exact: true }).first().click();
    await at.page.getByRole('dialog').getByText(at.word('snapshots', 'preview.again'), { exact: true }).first().waitFor();
  } },
  { name: 'source-options', open: async (at) => {
    await openSnapshots(at);
    await button(at.page.getByRole('main'), at.word('snapshots', 'source.settings')).last().click();
    const dialog = at.page.getByRole('dialog');
    await dialog.getByText(at.word('snapshots', 'preview.look'), { exact: true }).first().click();
    await dialog.getByText(at.word('snapshots', 'preview.again'), { exact: true }).first().waitFor();
    // A limit that whatever changed since the last snapshot is above.
    await dialog.getByLabel(at.word('snapshots', 'source.max_fetch'), { exact: true }).fill(at.word('snapshots', 'source.max_fetch').startsWith('M\u00e1') ? '0,000001' : '0.000001');
    await dialog.getByRole('status').waitFor();
  } },
  { name: 'search', open: async (at) => {
    await openSnapshots(at);
    await at.page.getByRole('searchbox').fill('py');
    await at.page.getByRole('list', { name: at.word('files', 'search.results') }).waitFor();
  } },
  { name: 'schedules', readme: true, open: ({ page, go }) => go('#/schedules', page.getByRole('main').getByText('llama-finetune').first()) },
  { name: 'schedule-new', open: async ({ page, go, word }) => {
    await go('#/schedules', page.getByRole('main').getByRole('heading').first());
    await button(page.getByRole('main'), word('schedules', 'add')).first().click();
    await page.getByRole('dialog').waitFor();
  } },
  { name: 'repositories', readme: true, open: ({ page, go }) => go('#/repositories', page.getByRole('main').getByRole('heading').first()) },
  { name: 'repository-new', open: repositoryDialog('new') },
  { name: 'repository-refused', open: async (at) => {
    await repositoryDialog('new')(at);
    const dialog = at.page.getByRole('dialog');
    await dialog.getByLabel(at.word('repositories', 'add.name'), { exact: true }).fill('backup');
    await dialog.getByLabel(at.word('repositories', 'add.kind'), { exact: true }).click();
    await at.page.getByRole('option', { name: at.word('repositories', 'kind.rclone'), exact: true }).click();
    await dialog.getByLabel(at.word('repositories', 'add.location'), { exact: true }).fill('rclone:nobody:snapshots');
    await button(dialog, at.word('repositories', 'add.create')).click();
    await dialog.getByRole('alert').waitFor();
  } },
  { name: 'repository-import', open: repositoryDialog('import') },
  { name: 'repository-password', open: repositoryAction('password') },
  { name: 'repository-key', open: repositoryAction('key') },
  { name: 'retention', open: async ({ page, go, word }) => {
    await go('#/schedules', page.getByRole('main').getByText('llama-finetune').first());
    await page.getByRole('main').getByText(word('schedules', 'retention.change'), { exact: true }).first().click();
    await page.getByRole('dialog').waitFor();
  } },
  { name: 'operations', readme: true, open: openOperations },
  { name: 'operation', open: async (at) => {
    await openOperations(at);
    await at.page.getByRole('main').getByText('llama-finetune').first().click();
    await at.page.getByTestId('operation').waitFor();
  } },
  { name: 'settings', readme: true, open: openSettings },
  { name: 'first-steps', open: openFirstSteps },
  { name: 'first-steps-place', open: async (at) => {
    await openFirstSteps(at);
    for (const name of ['key', 'tools', 'place']) {
      await button(at.page.getByRole('dialog'), at.word('settings', 'steps.next')).click();
      await at.page.getByRole('dialog').getByRole('heading', { name: at.word('settings', `steps.${name}.title`) }).waitFor();
    }
    await at.page.getByRole('dialog').getByRole('listitem').first().waitFor();
  } },
  { name: 'report', open: ({ page, go }) => go('#/settings?report=1', page.getByRole('dialog').getByText('dumont.sqlite')) },
  { name: 'sheet', open: async (at) => {
    const { page } = at;
    await openSettings(at);
    await page.keyboard.press('F1');
    await page.getByRole('dialog').waitFor();
  } },
  { name: 'palette', open: async (at) => {
    const { page } = at;
    await openSettings(at);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
  } },
  { name: 'account-menu', open: async (at) => {
    const { page, word } = at;
    await openSettings(at);
    await page.getByRole('button', { name: new RegExp(`^${word('common', 'bar.account')}`) }).click();
    await page.getByRole('menu').waitFor();
  } },
];
