// The desktop entry for start at login: what is written is on, what another program switched off is off.
import { expect, test } from 'vitest';
import { autostartEntry, isAutostart, mendedEntry } from './autostart-entry';

test('what is written starts the app hidden, whatever its path holds', () => {
  const entry = autostartEntry(['/opt/Dumont "Cloud" 100%/$app', '--hidden']);
  expect(entry).toContain('Exec="/opt/Dumont \\\\"Cloud\\\\" 100%%/\\\\$app" "--hidden"\n');
  expect(isAutostart(entry)).toBe(true);
});

test.each(['', '[Desktop Entry]\nExec=\n', `${autostartEntry(['/app'])}Hidden=true\n`, autostartEntry(['/app']).replace('enabled=true', 'enabled=false')])('is off: %j', (entry) => expect(isAutostart(entry)).toBe(false));

test('an entry of another program is mended, with what else stands in it; one that is right, off or not there is left', () => {
  const old = `${autostartEntry(['/home/ana/dumont-1.0.AppImage', '--hidden'])}X-GNOME-Autostart-Delay=5\n`;
  const mended = mendedEntry(old, ['/home/ana/dumont $&-1.1.AppImage', '--hidden']);
  expect(mended).toBe(`${autostartEntry(['/home/ana/dumont $&-1.1.AppImage', '--hidden'])}X-GNOME-Autostart-Delay=5\n`);
  expect(mendedEntry(mended ?? '', ['/home/ana/dumont $&-1.1.AppImage', '--hidden'])).toBeNull();
  expect(mendedEntry(`${old}Hidden=true\n`, ['/app'])).toBeNull();
  expect(mendedEntry('', ['/app'])).toBeNull();
});
