// The simulator's command line.
import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './start';

/** A command line that is not understood; its message is one line for the user. */
export class BadFlag extends Error {}

const numberFlag = (name: string, text: string | undefined, low: number, high: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high)) throw new BadFlag(`--${name} must be a number from ${low} to ${high}`);
  return value;
};

const portFlag = (name: string, text: string | undefined, low: number): number | undefined => {
  const value = numberFlag(name, text, low, 65_535);
  if (value !== undefined && !Number.isInteger(value)) throw new BadFlag(`--${name} must be a whole number`);
  return value;
};

const flags = {
  port: { type: 'string' }, seed: { type: 'string' }, state: { type: 'string' }, 'api-key': { type: 'string' }, 'boot-seconds': { type: 'string' },
  credit: { type: 'string' }, 'ssh-host': { type: 'string' }, 'ssh-port': { type: 'string' }, 'authorized-keys': { type: 'string' },
  'exit-with-parent': { type: 'boolean' },
} as const;

/** Reads the simulator's command line (without node and script). Throws {@link BadFlag}. */
export const readFlags = (args: readonly string[]): { readonly options: SimulatorOptions; readonly exitWithParent: boolean } => {
  let values: ReturnType<typeof parseArgs<{ options: typeof flags; strict: true }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new BadFlag(((error as Error).message.split('\n')[0] ?? '').replace(/\. To specify.*$/, ''));
  }
  const [host, port, keys] = [values['ssh-host'], portFlag('ssh-port', values['ssh-port'], 1), values['authorized-keys']];
  const some = host !== undefined || port !== undefined || keys !== undefined;
  if (some && (host === undefined || port === undefined || keys === undefined)) throw new BadFlag('--ssh-host, --ssh-port and --authorized-keys go together');
  const apiKey = values['api-key'];
  if (apiKey !== undefined && !/^[\w.-]{8,256}$/.test(apiKey)) throw new BadFlag('--api-key must be 8 to 256 letters and digits');
  const sshd = host !== undefined && port !== undefined && keys !== undefined ? { host, port, authorizedKeys: keys } : undefined;
  const given = {
    port: portFlag('port', values.port, 0), seed: values.seed, state: values.state, apiKey,
    bootSeconds: numberFlag('boot-seconds', values['boot-seconds'], 0, 86_400), credit: numberFlag('credit', values.credit, 0, 1_000_000), sshd,
  };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as SimulatorOptions;
  return { options, exitWithParent: values['exit-with-parent'] === true };
};
