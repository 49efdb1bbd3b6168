// A real Secret Service whose state a test changes while it is used: locked, hanging, dead.
import { execFileSync } from 'node:child_process';
import { startKeyring } from '../../support/keyring';
import { killTree, startProgram, waitGone } from '../../support/processes';

export interface SecretService {
  /** Environment in which libsecret finds it. */
  readonly env: NodeJS.ProcessEnv;
  lock(): void;
  /** The daemon stops answering (SIGSTOP) until `go`. */
  hang(): void;
  go(): void;
  /** Watches the bus; what it gives waits until the next search for a secret is on its way to the daemon, answered or not. */
  watch(): Promise<() => Promise<void>>;
  /** The daemon dies; the session stays. */
  killDaemon(): Promise<void>;
  end(): Promise<void>;
}

/** Starts an unlocked one. */
export const startSecretService = async (): Promise<SecretService> => {
  const keyring = await startKeyring('unlocked');
  const env = { ...process.env, DISPLAY: undefined, WAYLAND_DISPLAY: undefined, ...keyring.env };
  const ask = (destination: string, object: string, ...rest: readonly string[]): string =>
    execFileSync('dbus-send', ['--session', '--print-reply', `--dest=${destination}`, object, ...rest], { env, encoding: 'utf8', timeout: 10_000 });
  const reply = ask('org.freedesktop.DBus', '/', 'org.freedesktop.DBus.GetConnectionUnixProcessID', 'string:org.freedesktop.secrets');
  const daemon = Number(/uint32 (\d+)/.exec(reply)?.[1]);
  if (!Number.isInteger(daemon)) throw new Error(`No process of the Secret Service in: ${reply}`);
  return {
    env,
    lock: () => void ask('org.freedesktop.secrets', '/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.Lock', 'array:objpath:/org/freedesktop/secrets/collection/login'),
    hang: () => void process.kill(daemon, 'SIGSTOP'),
    go: () => void process.kill(daemon, 'SIGCONT'),
    watch: async () => {
      const monitor = startProgram('dbus-monitor', ['--session', "type='method_call',member='SearchItems'"], { env });
      // The bus greets it: from then on it hears everything.
      await monitor.line(/member=Name(?:Acquired|Lost)/);
      return async () => {
        await monitor.line(/member=SearchItems/);
        await killTree(monitor);
      };
    },
    killDaemon: async () => {
      process.kill(daemon, 'SIGKILL');
      await waitGone([daemon], 5000);
    },
    end: () => keyring.stop(),
  };
};
