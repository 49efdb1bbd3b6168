// The menus as values: roles, every command of the page with its keys, both languages, and context menus that offer only what can be done.
import { describe, expect, it, test } from 'vitest';
import { operationId } from '../../../test/fakes/samples';
import { pageCommandIds } from '../../contract';
import { contextMenuModel, menuModel, type ClickedPlace, type MenuEntry, type MenuState } from './menu-model';

const state = (changes: Partial<MenuState> = {}): MenuState => ({ language: 'en', platform: 'linux', signedIn: true, hasNotices: false, ...changes });
const entries = (changes: Partial<MenuState> = {}): readonly MenuEntry[] => menuModel(state(changes)).flatMap((part) => part.entries);
const actions = (changes: Partial<MenuState> = {}) => entries(changes).filter((entry) => entry.kind === 'action');
const roles = (of: readonly MenuEntry[]): readonly string[] => of.filter((entry) => entry.kind === 'role').map(({ role }) => role);

describe.each(['linux', 'win32', 'darwin'] as const)('the application menu on %s', (platform) => {
  it('has every command of the page once, and each key once', () => {
    const ids = actions({ platform }).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([...pageCommandIds]));
    expect(new Set(ids).size).toBe(ids.length);
    const keys = actions({ platform }).map(({ keys }) => keys).filter((key) => key !== undefined);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('has the roles without which copy, paste, closing and quitting do not work', () => {
    expect(roles(entries({ platform }))).toEqual(expect.arrayContaining(['undo', 'redo', 'cut', 'copy', 'paste', 'selectAll', 'togglefullscreen', 'minimize', 'close', 'quit']));
  });

  it('shows the keys that the page acts on without taking them from it', () => {
    for (const { id, keys, ownKeys } of actions({ platform })) expect([id, ownKeys ?? false]).toEqual([id, keys !== undefined && (pageCommandIds as readonly string[]).includes(id)]);
  });

  it('shows the keys of this system for going back', () => {
    const shown = actions({ platform }).filter(({ id }) => id === 'back' || id === 'forward').map(({ keys }) => keys);
    expect(shown).toEqual(platform === 'darwin' ? ['Cmd+[', 'Cmd+]'] : ['Alt+Left', 'Alt+Right']);
  });

  it('never reloads the page nor opens tools for developers', () => {
    expect(roles(entries({ platform })).filter((role) => /reload|devtools/i.test(role))).toEqual([]);
  });
});

test('nobody signed in: what asks something of the page is greyed, the rest is not', () => {
  const enabled = actions({ signedIn: false }).filter((entry) => entry.enabled).map(({ id }) => id);
  expect(enabled).toEqual(['zoom_in', 'zoom_in_1', 'zoom_out', 'zoom_reset', 'vast_help', 'restic_help', 'logs', 'about']);
});

test('a package, which carries them, leads to the licences of its parts', () => {
  expect(actions().map(({ id }) => id)).not.toContain('licences');
  expect(actions({ hasNotices: true }).find(({ id }) => id === 'licences')).toMatchObject({ label: 'Licences', enabled: true, action: { type: 'licences' } });
});

test('both languages have words for the same entries, and mnemonics that differ', () => {
  const [en, pt] = [menuModel(state()), menuModel(state({ language: 'pt-BR' }))];
  expect(pt.map(({ id, entries }) => [id, entries.length])).toEqual(en.map(({ id, entries }) => [id, entries.length]));
  for (const model of [en, pt]) {
    const letters = model.map(({ label }) => /&(.)/.exec(label)?.[1]?.toLowerCase());
    expect(new Set(letters).size).toBe(letters.length);
  }
  expect(pt.map(({ label }) => label)).toContain('&Arquivo');
});

describe('a context menu', () => {
  const place = (changes: Partial<ClickedPlace> = {}): ClickedPlace => ({ isEditable: false, selectionText: '', linkURL: '', editFlags: { canUndo: false, canCut: true, canCopy: true, canPaste: true, canSelectAll: true }, ...changes });
  const copies = (url: string) => contextMenuModel(place({ linkURL: url }), 'en').map((entry) => (entry.kind === 'action' && entry.action.type === 'copy' ? entry.action.text : null));

  it('of an input offers what can be done there', () => {
    const menu = contextMenuModel(place({ isEditable: true }), 'en');
    expect(roles(menu)).toEqual(['undo', 'cut', 'copy', 'paste', 'selectAll']);
    expect(menu[0]).toMatchObject({ role: 'undo', enabled: false });
    expect(contextMenuModel(place({ isEditable: true }), 'pt-BR')[2]).toMatchObject({ label: 'Recortar' });
  });

  it('of selected text copies it, and of nothing does not open', () => {
    expect(roles(contextMenuModel(place({ selectionText: 'ssh -p 22' }), 'en'))).toEqual(['copy']);
    expect(contextMenuModel(place({ selectionText: ' \n ' }), 'en')).toEqual([]);
  });

  it('of a link copies a link that leads back, or the address out there', () => {
    expect(copies('dumont://app/#/instances/12?x=1')).toEqual(['dumont://instance/12']);
    expect(copies(`dumont://app/#/operations/${operationId}`)).toEqual([`dumont://operation/${operationId}`]);
    expect(copies('https://cloud.vast.ai/billing/')).toEqual(['https://cloud.vast.ai/billing/']);
  });

  it.each(['dumont://app/#/settings', 'javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'http://example.com/', 'https://exa\u202Emple.com/'])('of %s offers nothing', (url) => expect(copies(url)).toEqual([]));
});
