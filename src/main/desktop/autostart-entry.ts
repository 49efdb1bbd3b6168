// The desktop entry that starts the app at login on Linux, as text. Pure.

/** An argument of `Exec=`: quoted; `%` starts a field code (Desktop Entry Specification 1.5, "The Exec key"). */
const quoted = (word: string): string => `"${word.replaceAll(/["`$\\]/g, '\\$&').replaceAll('\\', '\\\\').replaceAll('%', '%%')}"`;

export function autostartEntry(command: readonly string[]): string {
  return `[Desktop Entry]\nType=Application\nName=Dumont Cloud\nExec=${command.map(quoted).join(' ')}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n`;
}

/** Whether an entry starts anything: settings programs switch one off by a line in it. */
export function isAutostart(entry: string): boolean {
  return /^Exec=\S/m.test(entry) && !/^Hidden=true\s*$/m.test(entry) && !/^X-GNOME-Autostart-enabled=false\s*$/m.test(entry);
}
