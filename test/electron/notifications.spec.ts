// Notifications on a real Electron: each told once, its click opens the right place, by what happens to machines of the simulator.
import { expect, test } from '@playwright/test';
import type { DesktopApp } from '../support/electron-app';
import { clickNotification, clickTray, enterDemo, launchDemo, notificationTitles, passTime, placeOf, rentOne, restOf, simulatorOf, trayIcon, trayText, untilState } from './desk';

const soon = { timeout: 30_000 };
const minute = 60_000;

test.describe.serial('with one app', () => {
  let desktop: DesktopApp;
  let rest: Awaited<ReturnType<typeof restOf>>;
  let simulator: Awaited<ReturnType<typeof simulatorOf>>;
  let demand = 0;
  let bid = 0;
  const titles = (): Promise<readonly string[]> => notificationTitles(desktop.app);
  const count = async (title: string): Promise<number> => (await titles()).filter((one) => one === title).length;
  const set = (settings: object): Promise<unknown> => rest.send('PUT', '/api/v1/settings', { settings });
  /** Such as 09:05, by this computer's clock, so many minutes from now. */
  const timeIn = (minutes: number): string => new Date(Date.now() + minutes * minute).toTimeString().slice(0, 5);

  test.beforeAll(async () => {
    desktop = await launchDemo({ port: true });
    await enterDemo(desktop.page);
    rest = await restOf(desktop);
    simulator = await simulatorOf(desktop, rest);
    await simulator.rate(10);
    demand = await rentOne(rest, 'on demand');
    bid = await rentOne(rest, 'a bid', true);
  });
  test.afterAll(() => desktop.stop());

  test('nothing is told while all is well', async () => {
    await expect.poll(() => trayText(desktop.app), soon).toContain('a bid · running');
    expect(await titles()).toEqual([]);
  });

  test('a host that goes offline is told once, and a click opens the instance', async () => {
    await simulator.faults({ host_offline: [demand] });
    await untilState(rest, demand, 'offline');
    await expect.poll(titles, soon).toEqual(['Host offline: on demand']);
    expect(await trayIcon(desktop.app)).toBe('attention');
    await untilState(rest, demand, 'offline');
    await passTime(desktop.app, minute);
    expect(await titles()).toHaveLength(1);
    await clickNotification(desktop.app, 'Host offline: on demand');
    await expect.poll(() => placeOf(desktop.page), soon).toBe(`#/instances/${String(demand)}`);
  });

  test('it is told again only after it was over for a while', async () => {
    await simulator.faults({ host_offline: null });
    await untilState(rest, demand, 'running');
    await expect.poll(() => trayIcon(desktop.app), soon).toBe('spending');
    await passTime(desktop.app, 6 * minute);
    await simulator.faults({ host_offline: [demand] });
    await untilState(rest, demand, 'offline');
    await expect.poll(() => count('Host offline: on demand'), soon).toBe(2);
    await simulator.faults({ host_offline: null });
    await untilState(rest, demand, 'running');
  });

  test('a lost bid is told', async () => {
    await simulator.faults({ outbid: [bid] });
    await untilState(rest, bid, 'stopped');
    await expect.poll(() => count('Outbid: a bid'), soon).toBe(1);
    await simulator.faults({ outbid: null });
    await untilState(rest, bid, 'running');
    await expect.poll(() => trayText(desktop.app), soon).not.toContain('⚠ Outbid');
  });

  test('at the level "all" an end is told, and a start that waits for its GPU after ten minutes', async () => {
    await set({ notifications: 'all' });
    await clickTray(desktop.app, `pause-${String(demand)}`);
    await expect.poll(() => count('Pause: on demand'), soon).toBe(1);
    await simulator.faults({ queued_start: true });
    await clickTray(desktop.app, `resume-${String(demand)}`);
    await untilState(rest, demand, 'scheduling');
    await expect.poll(() => trayText(desktop.app), soon).toContain('on demand · waiting for its GPU');
    expect(await count('Still waiting for its GPU: on demand')).toBe(0);
    await passTime(desktop.app, 11 * minute);
    await expect.poll(() => count('Still waiting for its GPU: on demand'), soon).toBe(1);
    await simulator.faults({ queued_start: null });
    await expect.poll(() => count('Resume: on demand'), soon).toBe(1);
  });

  test('credit below the threshold of the settings is told', async () => {
    const { runway_hours: runway } = await rest.get<{ runway_hours: number }>('/api/v1/account');
    expect(runway).toBeLessThan(720);
    await set({ credit_warning_hours: 720 });
    await expect.poll(async () => (await titles()).some((title) => title.startsWith('Credit low: lasts ')), soon).toBe(true);
    await set({ credit_warning_hours: 1 });
    await expect.poll(() => trayText(desktop.app), soon).not.toContain('⚠ Credit low');
  });

  test('switched off, nothing is told; the tray marks it all the same', async () => {
    await set({ notifications: 'off' });
    await passTime(desktop.app, 6 * minute);
    const before = (await titles()).length;
    await simulator.faults({ host_offline: [bid] });
    await untilState(rest, bid, 'offline');
    await expect.poll(() => trayText(desktop.app), soon).toContain('⚠ Host offline: a bid');
    expect(await titles()).toHaveLength(before);
    await simulator.faults({ host_offline: null });
    await untilState(rest, bid, 'running');
  });

  test('in quiet hours warnings wait, a pending destroy does not; the rest comes as one', async () => {
    // The app's clock is ahead by what passed above.
    await set({ notifications: 'warnings', quiet_hours: true, quiet_from: timeIn(0), quiet_to: timeIn(90) });
    await passTime(desktop.app, 6 * minute);
    const before = (await titles()).length;
    await simulator.faults({ host_offline: [bid, demand], destroy_lingers: 3600 });
    await untilState(rest, bid, 'offline');
    await untilState(rest, demand, 'offline');
    await expect.poll(() => trayText(desktop.app), soon).toContain('⚠ Host offline: on demand');
    expect(await titles()).toHaveLength(before);
    await rest.send('DELETE', `/api/v1/instances/${String(bid)}`);
    await expect.poll(() => trayText(desktop.app), soon).toContain('a bid: being destroyed, still billed');
    await passTime(desktop.app, 3 * minute);
    await expect.poll(async () => (await titles()).slice(before), soon).toEqual(['Not destroyed yet: a bid']);
    await set({ quiet_hours: false });
    await expect.poll(async () => (await titles()).slice(before), soon).toEqual(['Not destroyed yet: a bid', 'Host offline: on demand']);
  });
});
