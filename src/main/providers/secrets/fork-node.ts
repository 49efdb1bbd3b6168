// The keychain process under plain Node: a child with a message channel, a short environment and no output.
import { fork } from 'node:child_process';
import type { HelperProcess } from './helper-calls';

/**
 * What libsecret, macOS and Windows need to find the user's keychain; nothing else of our environment is passed on. Not the display: with
 * one and without a session bus, libsecret would start a bus that outlives us.
 */
const passedOn = [
  'PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TMPDIR', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'GNOME_KEYRING_CONTROL',
  'SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'TEMP', 'TMP', 'USERDOMAIN', 'USERNAME',
];

/** The environment of the keychain process, out of `from`. */
export const keychainEnvironment = (from: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = from[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );

/** Starts a script with Node. Its end does not keep ours waiting. `from` is the environment of which the short list is passed on. */
export const forkNode = (script: string, from: NodeJS.ProcessEnv = process.env): HelperProcess => {
  const child = fork(script, [], { env: keychainEnvironment(from), execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  child.unref();
  child.channel?.unref();
  return {
    postMessage: (message) => {
      // A child that is just ending refuses the message; its exit tells the caller.
      child.send(message as object, () => undefined);
    },
    onMessage: (callback) => void child.on('message', callback),
    onExit: (callback) => {
      let told = false;
      const once = (): void => {
        if (told) return;
        told = true;
        callback();
      };
      child.once('exit', once);
      child.once('error', once);
    },
    kill: () => void child.kill('SIGKILL'),
  };
};
