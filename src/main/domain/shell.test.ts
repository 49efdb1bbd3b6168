// The group `shell`: the window gets what the desktop does, everybody else is told that only it can.
import { expect, test } from 'vitest';
import type { UpdateState } from '../../contract';
import { aSchedule } from '../../../test/fakes/desk-samples';
import { logLine, operation } from '../../../test/fakes/samples';
import { AppError } from './app-error';
import type { Caller, Shell } from './ports';
import { readScheduleFile, scheduleFileOf } from './schedule-file';
import type { Services } from './services';
import { DesktopShell } from './shell';

const opened: string[] = [];
const noUpdates: UpdateState = { kind: 'off', possible: false, version: null, notes: null, percent: null, problem: null, waits: false, checked_at: null };
const dragged: string[] = [];
const services = {
  operations: { get: () => ({ ...operation, log: [logLine] }) },
  schedules: { get: () => { throw new AppError('not_found', 'There is no such schedule.', { kind: 'schedule', id: 'x' }); } },
} as unknown as Pick<Services, 'schedules' | 'operations'>;
const desktop: Shell = {
  pickFolder: () => Promise.resolve('/tmp/out'),
  openExternal: (url) => Promise.resolve(void opened.push(url)),
  openFolder: (folder) => Promise.resolve(void opened.push(folder)),
  setStartAtLogin: (enabled) => Promise.resolve(enabled),
  updates: () => noUpdates,
  update: (step) => Promise.resolve({ ...noUpdates, kind: step === 'check' ? 'none' : 'ready' }),
  dragOut: (name, text) => Promise.resolve(void dragged.push(name, text)),
  openedFile: (number) => Promise.resolve({ name: `${String(number)}.dumont-schedule`, schedule: null, problem: 'link' }),
  startsAtLogin: () => Promise.resolve(true),
  async *commands() {
    yield await Promise.resolve('refresh' as const);
  },
};
const inWindow: Caller = { userId: 'ana', email: 'ana@example.com', transport: 'ipc' };
const overHttp: Caller = { ...inWindow, transport: 'http' };

test('the window gets what the desktop does', async () => {
  const shell = new DesktopShell(desktop, services);
  expect(await shell.pickFolder(inWindow)).toEqual({ folder: '/tmp/out' });
  expect(await shell.startAtLogin(inWindow, true)).toEqual({ enabled: true });
  expect(await shell.startsAtLogin(inWindow)).toEqual({ enabled: true });
  expect(await shell.commands(inWindow).next()).toEqual({ done: false, value: { command: 'refresh' } });
  expect(shell.updates(inWindow).kind).toBe('off');
  expect((await shell.update(inWindow, 'check')).kind).toBe('none');
  await shell.openExternal(inWindow, 'https://cloud.vast.ai/');
  await shell.openFolder(inWindow, '/tmp/out');
  expect(opened).toEqual(['https://cloud.vast.ai/', '/tmp/out']);
});

test.each([['over HTTP', desktop, overHttp], ['headless', null, inWindow], ['headless over HTTP', null, overHttp]] as const)('%s nothing of it is done', async (_where, port, caller) => {
  opened.length = 0;
  const shell = new DesktopShell(port, services);
  for (const call of [shell.pickFolder(caller), shell.openExternal(caller, 'https://cloud.vast.ai/'), shell.openFolder(caller, '/tmp'), shell.startAtLogin(caller, true), shell.startsAtLogin(caller), shell.update(caller, 'install'), shell.dragOut(caller, { what: 'operation', id: operation.id }), shell.openedFile(caller, 1)]) {
    await expect(call).rejects.toMatchObject({ code: 'desktop_only' });
  }
  expect(() => shell.updates(caller)).toThrow(expect.objectContaining({ code: 'desktop_only' }) as Error);
  expect(() => shell.commands(caller)).toThrow(expect.objectContaining({ code: 'desktop_only' }) as Error);
  expect(opened).toEqual([]);
});

test('what is dragged out is made from an id, under a name made here', async () => {
  const shell = new DesktopShell(desktop, services);
  await shell.dragOut(inWindow, { what: 'operation', id: operation.id });
  expect(dragged[0]).toMatch(/^snapshot-[0-9a-f]{8}\.log$/);
  expect(dragged[1]).toContain(`${logLine.at} remote info hello\n`);
  await expect(shell.dragOut(inWindow, { what: 'schedule', id: operation.id })).rejects.toMatchObject({ code: 'not_found' });
  expect(dragged).toHaveLength(2);
});

test('a schedule that is dragged out is a file that the app opens again', async () => {
  const schedule = aSchedule();
  dragged.length = 0;
  await new DesktopShell(desktop, { ...services, schedules: { get: () => ({ ...schedule, runs: [] }) } } as unknown as typeof services).dragOut(inWindow, { what: 'schedule', id: schedule.id });
  expect(dragged[0]).toBe('schedule-22222222.dumont-schedule');
  expect(readScheduleFile(dragged[1] ?? '')).toEqual({ schedule: scheduleFileOf(schedule), problem: null });
});
