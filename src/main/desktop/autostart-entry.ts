// The desktop entry that starts the app at login on Linux, as text. Pure.

/** An argument of `Exec=`: quoted; `%` starts a field code (Desktop Entry Specification 1.5, "The Exec key"). */
const quoted = (word: string): string => `"${word.replaceAll(/["`$\\]/g, '\\$&').replaceAll('\\', '\\\\').replaceAll('%', '%%')}"`;

const execLine = (command: readonly string[]): string => `Exec=${command.map(quoted).join(' ')}`;

export function autostartEntry(command: readonly string[]): string {
  return `[Desktop Entry]\nType=Application\nName=Dumont Cloud\n${execLine(command)}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n`;
}

/** Whether an entry starts anything: settings programs switch one off by a line in it. */
export function isAutostart(entry: string): boolean {
  return /^Exec=\S/m.test(entry) && !/^Hidden=true\s*$/m.test(entry) && !/^X-GNOME-Autostart-enabled=false\s*$/m.test(entry);
}

/** The entry with this command in place of another (an update may have renamed the program), the rest as it was; null where nothing is to be changed. */
export function mendedEntry(entry: string, command: readonly string[]): string | null {
  if (!isAutostart(entry)) return null;
  const mended = entry.replace(/^Exec=.*$/m, () => execLine(command));
  return mended === entry ? null : mended;
}
