// A real Secret Service (gnome-keyring in a D-Bus session of its own) in a chosen state, for specs of the keychain.
import path from 'node:path';
import { killTree, startProgram, type Ended } from './processes';

/** `unlocked` answers, `locked` holds its secrets back, `stopped` hangs for ever, `none` is a session bus without the service. */
export type KeyringState = 'unlocked' | 'locked' | 'stopped' | 'none';

/** A session that stays until `stop`. */
export interface Keyring {
  /** Variables that make a program use it; lay them over `process.env`. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

// From the project's root: the bench runs bundled, in a folder as deep as this one.
const script = path.resolve(import.meta.dirname, '../..', 'test/support/with-keyring.sh');

/** Variables that lead to no Secret Service at all, not even the developer's own. */
export const noKeyringEnv: Readonly<Record<string, string>> = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/dumont-test-bus' };

/** Starts a session in the given state. */
export const startKeyring = async (state: KeyringState): Promise<Keyring> => {
  const program = startProgram(script, [state, 'sh', '-c', 'echo "bus $DBUS_SESSION_BUS_ADDRESS"; echo "run $XDG_RUNTIME_DIR"; cat >/dev/null'], { input: true });
  try {
    const bus = await program.line(/^bus (.+)$/);
    const run = await program.line(/^run (.+)$/);
    return {
      env: { DBUS_SESSION_BUS_ADDRESS: bus[1] ?? '', XDG_RUNTIME_DIR: run[1] ?? '' },
      stop: async () => {
        program.child.stdin?.end();
        await program.ended;
      },
    };
  } catch (error) {
    await killTree(program);
    throw error;
  }
};

/** Runs one command inside a session in the given state; gives its exit code and output. */
export const runWithKeyring = async (
  state: KeyringState,
  command: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> => {
  const program = startProgram(script, [state, ...command], options);
  const end = await program.ended;
  return { ...end, stdout: program.stdout(), stderr: program.stderr() };
};
