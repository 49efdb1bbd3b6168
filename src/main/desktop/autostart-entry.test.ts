// The desktop entry for start at login: what is written is on, what another program switched off is off.
import { expect, test } from 'vitest';
import { autostartEntry, isAutostart } from './autostart-entry';

test('what is written starts the app hidden, whatever its path holds', () => {
  const entry = autostartEntry(['/opt/Dumont "Cloud" 100%/$app', '--hidden']);
  expect(entry).toContain('Exec="/opt/Dumont \\\\"Cloud\\\\" 100%%/\\\\$app" "--hidden"\n');
  expect(isAutostart(entry)).toBe(true);
});

test.each(['', '[Desktop Entry]\nExec=\n', `${autostartEntry(['/app'])}Hidden=true\n`, autostartEntry(['/app']).replace('enabled=true', 'enabled=false')])('is off: %j', (entry) => expect(isAutostart(entry)).toBe(false));
