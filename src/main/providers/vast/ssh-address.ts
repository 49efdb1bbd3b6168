// Where an instance's SSH server answers, as the official client works it out; refuses anything that is no host and port.
import { isIP } from 'node:net';

/** What a row says about addresses; nothing of it is trusted. */
export interface AddressFields {
  readonly publicIp: unknown;
  readonly ports: unknown;
  readonly sshHost: unknown;
  readonly sshPort: unknown;
  readonly runtype: string | null;
}

const hostName = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** The host when it is an address or a DNS name, after trimming: never an option, a space or a line break. */
export const validHost = (value: unknown): string | null => {
  if (typeof value !== 'string' || value.length > 300) return null;
  const host = value.trim();
  return isIP(host) !== 0 || hostName.test(host) ? host : null;
};

/** A TCP port from a number or a string of digits. */
export const validPort = (value: unknown): number | null => {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
};

const mappedPort = (ports: unknown): number | null => {
  if (typeof ports !== 'object' || ports === null) return null;
  const bindings = (ports as Record<string, unknown>)['22/tcp'];
  const first: unknown = Array.isArray(bindings) ? bindings[0] : null;
  return typeof first === 'object' && first !== null ? validPort((first as Record<string, unknown>)['HostPort']) : null;
};

/** Direct when port 22 is mapped, else through the proxy, whose port is one higher for jupyter run types; null without SSH. */
export const sshAddress = (fields: AddressFields): { readonly host: string; readonly port: number; readonly user: string; readonly command: string } | null => {
  if (fields.runtype !== null && !fields.runtype.includes('ssh') && !fields.runtype.includes('jupyter')) return null;
  const at = (host: string | null, port: number | null) =>
    host === null || port === null ? null : { host, port, user: 'root', command: `ssh -p ${port} root@${host}` };
  const direct = at(validHost(fields.publicIp), mappedPort(fields.ports));
  if (direct) return direct;
  const proxyPort = validPort(fields.sshPort);
  const shifted = proxyPort !== null && fields.runtype?.includes('jupyter') === true ? validPort(proxyPort + 1) : proxyPort;
  return at(validHost(fields.sshHost), shifted);
};
