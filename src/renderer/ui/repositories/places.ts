// The kinds of places that a repository can be made in, and what their servers want.
import type { RepositoryKind } from '../../../contract/types';

/** Fields of each kind of place: restic's own names, which its documentation explains. `secret` ones are not shown while typed. */
export const credentialFields: Readonly<Record<Exclude<RepositoryKind, 'other'>, readonly Readonly<{ name: string; secret: boolean }>[]>> = {
  local: [],
  sftp: [{ name: 'SSH_IDENTITY_FILE', secret: false }],
  rest: [{ name: 'RESTIC_REST_USERNAME', secret: false }, { name: 'RESTIC_REST_PASSWORD', secret: true }],
  s3: [{ name: 'AWS_ACCESS_KEY_ID', secret: false }, { name: 'AWS_SECRET_ACCESS_KEY', secret: true }, { name: 'AWS_DEFAULT_REGION', secret: false }],
  b2: [{ name: 'B2_ACCOUNT_ID', secret: false }, { name: 'B2_ACCOUNT_KEY', secret: true }],
  azure: [{ name: 'AZURE_ACCOUNT_NAME', secret: false }, { name: 'AZURE_ACCOUNT_KEY', secret: true }],
  gs: [{ name: 'GOOGLE_PROJECT_ID', secret: false }, { name: 'GOOGLE_APPLICATION_CREDENTIALS', secret: false }],
  swift: [{ name: 'OS_AUTH_URL', secret: false }, { name: 'OS_USERNAME', secret: false }, { name: 'OS_PASSWORD', secret: true }, { name: 'OS_PROJECT_NAME', secret: false }, { name: 'OS_REGION_NAME', secret: false }],
  rclone: [{ name: 'RCLONE_CONFIG_PASS', secret: true }],
};

export type PlaceKind = keyof typeof credentialFields;

export const placeKinds = Object.keys(credentialFields) as PlaceKind[];

/** How a location of this kind looks. */
export const examples: Readonly<Record<PlaceKind, string>> = {
  local: '/mnt/disk/snapshots', sftp: 'sftp:me@nas:/snapshots', rest: 'rest:https://host:8000/me/', s3: 's3:https://s3.example.com/bucket/name', b2: 'b2:bucket:name', azure: 'azure:container:/', gs: 'gs:bucket:/',
  swift: 'swift:container:/', rclone: 'rclone:remote:folder',
};
