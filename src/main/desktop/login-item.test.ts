// What is started at login, and which starts stay hidden: each packed form names the file that is still there next time.
import { expect, test } from 'vitest';
import { loginCommand, loginItem, startsHidden } from './login-item';

test('Linux starts the AppImage itself, not the place it runs from; an unpacked build with its folder', () => {
  expect(loginCommand({ env: { APPIMAGE: '/home/ana/dumont.AppImage' }, execPath: '/tmp/.mount_x/dumont-cloud', appFolder: null })).toEqual(['/home/ana/dumont.AppImage', '--hidden']);
  expect(loginCommand({ env: {}, execPath: '/opt/electron', appFolder: '/src/app' })).toEqual(['/opt/electron', '/src/app', '--hidden']);
});

test('Windows starts the portable file itself', () => {
  expect(loginItem({ PORTABLE_EXECUTABLE_FILE: 'D:\\dumont-portable.exe' })).toEqual({ args: ['--hidden'], path: 'D:\\dumont-portable.exe' });
  expect(loginItem({})).toEqual({ args: ['--hidden'] });
});

test('on macOS a start by the login stays hidden; elsewhere the flag says it, and the system is not asked', () => {
  const unasked = (): boolean => { throw new Error('asked'); };
  expect(startsHidden(false, 'darwin', () => true)).toBe(true);
  expect(startsHidden(false, 'darwin', () => false)).toBe(false);
  expect(startsHidden(false, 'linux', unasked)).toBe(false);
  expect(startsHidden(true, 'win32', unasked)).toBe(true);
});
