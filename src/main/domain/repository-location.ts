// Where a repository may lie: which backend a location names, which credentials that backend takes, and that no secret stays in the location. Pure.
import path from 'node:path';
import type { RepositoryKind } from '../../contract';
import { AppError } from './app-error';

/** A place that was looked at: the location is safe to show, to keep and to put into argv. */
export interface ParsedPlace {
  readonly kind: RepositoryKind;
  readonly location: string;
  /** By name of restic's variable. */
  readonly credentials: Readonly<Record<string, string>>;
}

const openStack = [
  'OS_AUTH_URL', 'OS_REGION_NAME', 'OS_USERNAME', 'OS_USER_ID', 'OS_PASSWORD', 'OS_TENANT_ID', 'OS_TENANT_NAME', 'OS_USER_DOMAIN_NAME', 'OS_USER_DOMAIN_ID', 'OS_PROJECT_NAME', 'OS_PROJECT_DOMAIN_NAME',
  'OS_PROJECT_DOMAIN_ID', 'OS_TRUST_ID', 'OS_APPLICATION_CREDENTIAL_ID', 'OS_APPLICATION_CREDENTIAL_NAME', 'OS_APPLICATION_CREDENTIAL_SECRET', 'ST_AUTH', 'ST_USER', 'ST_KEY',
];

/** What each backend may be given. Source: restic's documentation, "Preparing a new repository". `SSH_IDENTITY_FILE` is ours: a path for ssh's `-i`. */
export const credentialNames: Readonly<Record<RepositoryKind, readonly string[]>> = {
  local: [],
  sftp: ['SSH_IDENTITY_FILE'],
  rest: ['RESTIC_REST_USERNAME', 'RESTIC_REST_PASSWORD'],
  s3: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_DEFAULT_REGION'],
  b2: ['B2_ACCOUNT_ID', 'B2_ACCOUNT_KEY'],
  azure: ['AZURE_ACCOUNT_NAME', 'AZURE_ACCOUNT_KEY', 'AZURE_ACCOUNT_SAS', 'AZURE_ENDPOINT_SUFFIX'],
  gs: ['GOOGLE_PROJECT_ID', 'GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_ACCESS_TOKEN'],
  swift: openStack,
  rclone: ['RCLONE_CONFIG_PASS'],
  other: [],
};

type Refusal = 'form' | 'scheme' | 'relative' | 'password_in_location' | 'credential_name' | 'host';

const refuse = (reason: Refusal, sentence: string): AppError => new AppError('repository_location', sentence, { reason });

/** A host or user that ssh cannot take for an option. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const isHost = (text: string): boolean => plainName.test(text) || /^\[[0-9A-Fa-f:.]+\]$/.test(text);

/** Where restic logs in over sftp. */
export interface SftpTarget {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
}

/** Of `sftp:user@host:/folder` and `sftp://user@host:port//folder`; null when it is neither, or has a password in it. */
export const sftpTarget = (location: string): SftpTarget | null => {
  const match = /^sftp:\/\/(?:([^@/:]+)@)?(\[[^\]]+\]|[^:/@]+)(?::(\d{1,5}))?\/.+$/.exec(location) ?? /^sftp:(?!\/\/)(?:([^@/:]+)@)?(\[[^\]]+\]|[^:/@]+)():.+$/.exec(location);
  const [, user, host, port] = match ?? [];
  if (host === undefined || !isHost(host) || (user !== undefined && !plainName.test(user))) return null;
  const number = port === undefined || port === '' ? null : Number(port);
  return number !== null && (number < 1 || number > 65_535) ? null : { user: user ?? null, host: host.replaceAll(/[[\]]/g, ''), port: number };
};

/** User name and password of a `rest:` location become credentials: in the location everybody on this computer could read them. */
const parseRest = (location: string): Omit<ParsedPlace, 'kind'> => {
  const text = location.slice('rest:'.length);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) throw refuse('form', 'A REST location looks like rest:https://host:8000/name/.');
  const { username, password } = url;
  url.username = '';
  url.password = '';
  return {
    location: `rest:${url.href}`,
    credentials: { ...(username === '' ? {} : { RESTIC_REST_USERNAME: decodeURIComponent(username) }), ...(password === '' ? {} : { RESTIC_REST_PASSWORD: decodeURIComponent(password) }) },
  };
};

const parseServer = (kind: RepositoryKind, location: string): Omit<ParsedPlace, 'kind'> => {
  if (kind === 'rest') return parseRest(location);
  const rest = location.slice(kind.length + 1);
  if (kind === 'sftp') {
    if (/^(?:\/\/)?[^@/]*:[^@/]*@/.test(rest)) throw refuse('password_in_location', 'restic logs in over SFTP with a key only: leave the password out.');
    if (sftpTarget(location) === null) throw refuse('host', 'An SFTP location looks like sftp:user@host:/folder.');
  } else if (kind === 'rclone') {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_ .+@-]*:/.test(rest)) throw refuse('form', 'An rclone location looks like rclone:remote:folder, with a remote of your own rclone configuration.');
  } else if (/^(?:[a-z]+:\/\/)?[^/]*@/.test(rest)) {
    throw refuse('password_in_location', 'Leave user names and keys out of the location: they have fields of their own.');
  } else if (!/^[A-Za-z0-9]/.test(rest)) {
    throw refuse('form', `After ${kind}: comes the name of a bucket, a container or a server.`);
  }
  return { location, credentials: {} };
};

/** Looks at a location and its credentials. `repository_location` says what is wrong. */
export const parsePlace = (given: string, credentials: Readonly<Record<string, string>> = {}): ParsedPlace => {
  const location = given.trim();
  // eslint-disable-next-line no-control-regex
  if (location === '' || /[\0-\x1f\x7f]/.test(location)) throw refuse('form', 'The location is empty, or has control characters.');
  if (path.isAbsolute(location)) {
    if (Object.keys(credentials).length > 0) throw refuse('credential_name', 'A folder of this computer takes no credentials.');
    return { kind: 'local', location: path.resolve(location), credentials: {} };
  }
  const scheme = /^([a-z0-9]+):/.exec(location)?.[1];
  if (scheme === undefined) throw refuse('relative', 'A folder is named from its root on.');
  if (scheme === 'local' || scheme === 'other' || !Object.hasOwn(credentialNames, scheme)) throw refuse('scheme', `restic has no backend ${scheme}: use sftp, rest, s3, b2, azure, gs, swift or rclone.`);
  const kind = scheme as RepositoryKind;
  const parsed = parseServer(kind, location);
  const all = { ...parsed.credentials, ...Object.fromEntries(Object.entries(credentials).filter(([, value]) => value !== '')) };
  const odd = Object.keys(all).find((name) => !credentialNames[kind].includes(name));
  if (odd !== undefined) throw refuse('credential_name', `${kind} takes no ${odd}: it takes ${credentialNames[kind].join(', ')}.`);
  return { kind, location: parsed.location, credentials: all };
};

/** One word for restic's own splitting of a command, which knows both quotes and no way to escape one. */
const word = (text: string): string => {
  if (text.includes('"') && text.includes("'")) throw refuse('form', 'A path with both kinds of quotes cannot be given to ssh.');
  return text.includes('"') ? `'${text}'` : `"${text}"`;
};

/** A path as ssh reads it in an option: quoted where it has blanks, without percent tokens. */
const sshPath = (text: string): string => (/\s/.test(text) ? `"${text}"` : text).replaceAll('%', '%%');

/**
 * restic's options for this backend, none of them secret.
 *
 * For sftp the whole ssh command: never asks (nobody could answer), pins the host's key at the first connection in a file of the app's, takes the user's own keys,
 * agent and ssh settings, and an identity file where one was named.
 */
export const backendOptions = (place: Pick<ParsedPlace, 'kind' | 'location' | 'credentials'>, knownHosts: string): readonly string[] => {
  const target = place.kind === 'sftp' ? sftpTarget(place.location) : null;
  if (target === null) return [];
  const identity = place.credentials.SSH_IDENTITY_FILE;
  const command = [
    'ssh', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=accept-new', '-o', word(`UserKnownHostsFile=${sshPath(knownHosts)}`), '-o', 'ConnectTimeout=20', '-o', 'ServerAliveInterval=30',
    ...(identity === undefined ? [] : ['-i', word(identity)]), ...(target.port === null ? [] : ['-p', String(target.port)]), ...(target.user === null ? [] : ['-l', target.user]), target.host, '-s', 'sftp',
  ];
  return [`sftp.command=${command.join(' ')}`];
};

/** What goes into restic's environment: the names that this backend takes, and nothing else. */
export const backendEnvironment = (kind: RepositoryKind, credentials: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(credentials).filter(([name]) => credentialNames[kind].includes(name) && name !== 'SSH_IDENTITY_FILE'));
