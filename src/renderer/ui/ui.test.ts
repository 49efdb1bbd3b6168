// The pure parts of the shared interface: routes, table keys, preferences, live hints, error words.
import { describe, expect, it } from 'vitest';
import { topic } from '../../contract/events';
import type { Operation } from '../../contract/types';
import { query } from '../client';
import { errorFacts, visible } from './error-message';
import { keysOfTopic, withProgress } from './live';
import { choicesAtStart, languageOf } from './preferences';
import { reconcile } from './preferences-sync';
import { parseRoute, routeHash } from './route';
import { keyNames, type PressedKey } from './keyboard';
import { commandOfKey, keysOf } from './shell/commands';
import { isActive, overallShare, shareDone } from './shell/running-operations';
import { columnTemplate, moveFocus } from './virtual-table';

const operation = (change: Partial<Operation> = {}): Operation => ({
  id: 'a', kind: 'snapshot', state: 'running', instance_id: 1, snapshot_id: null, title: 'box', progress: null, cancellable: true, asks: null, error: null, warnings: [], created_at: '2026-01-01T00:00:00Z', ended_at: null, ...change,
});
const progress = (change: Partial<NonNullable<Operation['progress']>>) => ({ phase: 'fetch', bytes_done: 0, bytes_total: null, files_done: 0, files_total: null, ...change });

describe('routes', () => {
  it('read back what they write, ids with slashes and spaces too', () => {
    for (const id of ['42', 'a b', 'x/y', 'ç%']) expect(parseRoute(routeHash('snapshots', id, { q: 'a&b' }))).toEqual({ section: 'snapshots', id, params: { q: 'a&b' } });
  });
  it('fall back to the first section', () => {
    for (const hash of ['', '#', '#/', '#/nonsense/1', '#//evil']) expect(parseRoute(hash).section).toBe('offers');
  });
  it('survive a broken escape', () => expect(parseRoute('#/offers/%E0%A4%A').id).toBe('%E0%A4%A'));
});

describe('keys', () => {
  const press = (key: string, held: Partial<PressedKey> = {}): PressedKey => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
  const inWindow = { typing: false, desktop: true, mac: false };
  const onMac = { ...inWindow, mac: true };
  const digits = ['1', '2', '3', '4', '5', '6', '7', ',', '8', 'x'];
  it.each([['Ctrl', { ctrlKey: true }, inWindow], ['Cmd on a Mac', { metaKey: true }, onMac]])('lead to the sections with %s', (_what, held, at) => expect(digits.map((key) => commandOfKey(press(key, held), at))).toEqual(['offers', 'instances', 'snapshots', 'schedules', 'repositories', 'operations', 'settings', 'settings', null, null]));
  it('are others with Shift, Alt or the key of another system', () => {
    expect(commandOfKey(press('K', { ctrlKey: true }), inWindow)).toBe('palette');
    expect(commandOfKey(press('k', { ctrlKey: true, shiftKey: true }), inWindow)).toBeNull();
    expect(commandOfKey(press('k', { metaKey: true }), inWindow)).toBeNull();
    expect(commandOfKey(press('k', { ctrlKey: true, metaKey: true }), inWindow)).toBeNull();
    expect(commandOfKey(press('Tab', { ctrlKey: true }), inWindow)).toBe('next_section');
    expect(commandOfKey(press('Tab', { ctrlKey: true, shiftKey: true }), inWindow)).toBe('previous_section');
    expect(commandOfKey(press('ArrowLeft', { altKey: true }), inWindow)).toBe('back');
    expect(commandOfKey(press('ArrowRight', { altKey: true }), inWindow)).toBe('forward');
    expect(commandOfKey(press('[', { metaKey: true }), inWindow)).toBeNull();
  });
  it('on a Mac are those of a Mac, and leave Ctrl and Option to the text', () => {
    expect(commandOfKey(press('k', { metaKey: true }), onMac)).toBe('palette');
    expect(['k', 'f', 'r', 'j', '1'].map((key) => commandOfKey(press(key, { ctrlKey: true }), onMac))).toEqual([null, null, null, null, null]);
    expect(['ArrowLeft', 'ArrowRight'].map((key) => commandOfKey(press(key, { altKey: true }), onMac))).toEqual([null, null]);
    expect(commandOfKey(press('[', { metaKey: true }), onMac)).toBe('back');
    expect(commandOfKey(press(']', { metaKey: true }), { ...onMac, typing: true })).toBe('forward');
    expect(commandOfKey(press('Tab', { ctrlKey: true }), onMac)).toBe('next_section');
  });
  it('never leave the page for Alt and an arrow while somebody types', () => {
    for (const at of [inWindow, onMac]) for (const key of ['ArrowLeft', 'ArrowRight']) expect(commandOfKey(press(key, { altKey: true }), { ...at, typing: true })).toBeNull();
    expect(commandOfKey(press('k', { ctrlKey: true }), { ...inWindow, typing: true })).toBe('palette');
  });
  it('show the sheet, but not while somebody types', () => {
    expect(commandOfKey(press('?', { shiftKey: true }), inWindow)).toBe('sheet');
    expect(commandOfKey(press('?', { shiftKey: true }), { ...inWindow, typing: true })).toBeNull();
    expect(commandOfKey(press('F1'), { ...inWindow, typing: true })).toBe('sheet');
  });
  it('leave a browser its own', () => expect([press('r', { ctrlKey: true }), press('F5'), press('Tab', { ctrlKey: true }), press('ArrowLeft', { altKey: true })].map((key) => commandOfKey(key, { typing: false, desktop: false, mac: false }))).toEqual([null, null, null, null]));
  it('are told in tooltips as each system has them', () => {
    expect((['palette', 'back', 'next_section'] as const).map((id) => keysOf(id, { desktop: true, mac: false }))).toEqual(['Ctrl+K', 'Alt+←', 'Ctrl+Tab']);
    expect((['palette', 'back', 'next_section'] as const).map((id) => keysOf(id, { desktop: true, mac: true }))).toEqual(['⌘K', '⌘[', '⌃Tab']);
    expect(keysOf('back', { desktop: false, mac: true })).toBe('');
  });
  it('are written as the keyboard calls them', () => {
    expect(keyNames('CmdOrCtrl+Shift+Left')).toEqual(['Ctrl', 'Shift', '←']);
    expect(keyNames('CmdOrCtrl+Shift+Left', true)).toEqual(['⌘', '⇧', '←']);
  });
  it('move in a table and stay inside it', () => {
    const size = { rows: 20_000, columns: 5, page: 20 };
    expect(moveFocus('ArrowUp', { row: 0, column: 2 }, size, false)).toEqual({ row: -1, column: 2 });
    expect(moveFocus('ArrowUp', { row: -1, column: 2 }, size, false)).toEqual({ row: -1, column: 2 });
    expect(moveFocus('PageDown', { row: 19_990, column: 0 }, size, false)).toEqual({ row: 19_999, column: 0 });
    expect(moveFocus('End', { row: 3, column: 0 }, size, true)).toEqual({ row: 19_999, column: 4 });
    expect(moveFocus('End', { row: 3, column: 0 }, size, false)).toEqual({ row: 3, column: 4 });
    expect(moveFocus('ArrowLeft', { row: 3, column: 0 }, size, false)).toEqual({ row: 3, column: 0 });
    expect(moveFocus('a', { row: 3, column: 0 }, size, false)).toBeNull();
  });
  it('share one column template', () => expect(columnTemplate([{ width: 80 }, { width: 120, grow: 2 }])).toBe('80px minmax(120px, 2fr)'));
});

describe('preferences', () => {
  it('take the system language when it is one of ours, else English', () => {
    expect(languageOf('system', ['de-DE', 'pt-PT', 'en'])).toBe('pt-BR');
    expect(languageOf('system', ['fr'])).toBe('en');
    expect(languageOf('system', ['en-GB', 'pt-BR'])).toBe('en');
    expect(languageOf('pt-BR', ['en'])).toBe('pt-BR');
  });
  it('begin with what the page kept, else with the language of the address', () => {
    expect(choicesAtStart(null, '?notice=crashed&language=pt-BR')).toEqual({ language: 'pt-BR', theme: 'system', unsaved: false });
    expect(choicesAtStart(JSON.stringify({ language: 'system', theme: 'dark' }), '?language=pt-BR')).toEqual({ language: 'system', theme: 'dark', unsaved: false });
    expect(choicesAtStart('no json', '?language=en').language).toBe('en');
    expect(choicesAtStart(null, '?language=xx').language).toBe('system');
  });
  it('save what was chosen before signing in, else take what is kept', () => {
    const kept = { language: 'en', theme: 'dark' } as const;
    expect(reconcile({ language: 'pt-BR', theme: 'system', unsaved: true }, kept)).toEqual({ page: { theme: 'dark' }, save: { language: 'pt-BR' } });
    expect(reconcile({ language: 'pt-BR', theme: 'light', unsaved: false }, kept)).toEqual({ page: { language: 'en', theme: 'dark' }, save: {} });
    expect(reconcile({ ...kept, unsaved: true }, kept)).toEqual({ page: {}, save: {} });
  });
});

describe('live hints', () => {
  it('make something old for every topic', () => {
    expect(topic.options.filter((name) => name !== 'notices' && keysOfTopic[name].length === 0)).toEqual([]);
    expect(keysOfTopic.instances.map((key) => JSON.stringify(key()))).toContain(JSON.stringify(query.proofs.safety.key()));
  });
  it('put progress in its place, and a new operation first', () => {
    const list = [operation({ id: 'a' }), operation({ id: 'b' })];
    expect(withProgress(list, operation({ id: 'b', state: 'succeeded' })).map(({ id, state }) => `${id} ${state}`)).toEqual(['a running', 'b succeeded']);
    expect(withProgress(list, operation({ id: 'c' })).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  });
});

describe('progress', () => {
  it('goes by bytes, else by files, else is not known', () => {
    expect(shareDone(progress({ bytes_done: 5, bytes_total: 10, files_done: 9, files_total: 10 }))).toBe(0.5);
    expect(shareDone(progress({ files_done: 1, files_total: 4 }))).toBe(0.25);
    expect(shareDone(progress({ bytes_done: 5 }))).toBeNull();
    expect(shareDone(progress({ bytes_done: 15, bytes_total: 10 }))).toBe(1);
    expect(overallShare([operation({ progress: progress({ files_done: 1, files_total: 2 }) }), operation()])).toBe(0.5);
  });
  it('counts what is not known to have ended as active', () => {
    expect(isActive({ state: 'unknown' })).toBe(true);
    expect(isActive({ state: 'warnings' })).toBe(false);
  });
});

describe('text from elsewhere', () => {
  it('shows control and direction characters as signs', () => {
    expect(visible('a\u001b[31mb\u202ec\u0007')).toBe('a␛[31mb⟨U+202E⟩c␇');
    expect(visible('tab\tand\nline é 漢')).toBe('tab\tand\nline é 漢');
  });
  it('quotes facts as words', () => {
    expect(errorFacts({ shown_dph: 0.4, retry_after_s: 90, missing: ['tar', 'find'], path: '/x\u0007' }, 'en')).toEqual({ shown_dph: '$0.40', retry_after_s: '1 min 30 sec', missing: 'tar, find', path: '/x␇' });
  });
});
