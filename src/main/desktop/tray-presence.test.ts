// Whether anything shows a tray: only a session bus that answers "nobody" means no, and it is not asked all the time.
import { describe, expect, it } from 'vitest';
import { startKeyring } from '../../../test/support/keyring';
import { askForTray, TrayPresence } from './tray-presence';

describe('presence of a tray', () => {
  it('is certain on macOS and Windows', async () => {
    expect(await askForTray('darwin', {})).toBe(true);
    expect(await askForTray('win32', {})).toBe(true);
  });
  it.runIf(process.platform === 'linux')('is denied by a session bus without a panel', async () => {
    const bus = await startKeyring('none');
    try {
      expect(await askForTray('linux', { PATH: process.env.PATH, ...bus.env })).toBe(false);
    } finally {
      await bus.stop();
    }
  });
  it('is unknown where there is no bus, or no program to ask it with', async () => {
    expect(await askForTray('linux', { PATH: process.env.PATH, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' })).toBeNull();
    expect(await askForTray('linux', { PATH: '/nonexistent' })).toBeNull();
  });
  it('is asked again after a minute, and an error is no answer', async () => {
    const answers: (boolean | Error)[] = [false, new Error('broken'), true];
    const time = { now: 0 };
    const presence = new TrayPresence(() => time.now, () => {
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? null);
    });
    expect(presence.isMissing).toBe(false);
    await presence.look();
    await presence.look();
    expect([presence.isMissing, answers.length]).toEqual([true, 2]);
    time.now = 60_000;
    await presence.look();
    expect(presence.isMissing).toBe(false);
    time.now = 120_000;
    await presence.look();
    expect([presence.isMissing, answers.length]).toEqual([false, 0]);
  });
});
