// What each version of restic can do: one table, so that no other file compares versions.

/** What the adapter may ask of a restic. Source: facts of the changelog, and runs of 0.14.0, 0.18.0 and 0.19.1. */
export interface ResticCaps {
  readonly version: string;
  /** Repositories of format 2; below it nothing is supported. */
  readonly supported: boolean;
  /** Exit codes 10, 11 and 12 are told apart. */
  readonly advised: boolean;
  readonly noScan: boolean;
  /** It can wait for somebody else's lock. */
  readonly retryLock: boolean;
  readonly restoreJson: boolean;
  /** `stats --mode raw-data` says what compression saved. */
  readonly rawStats: boolean;
  /** User name and password of a REST server by environment. */
  readonly restEnvironment: boolean;
  /** `repair index` and `repair snapshots`; before: `rebuild-index` only. */
  readonly repairSnapshots: boolean;
  readonly repairPacks: boolean;
  /** `check --json` names broken packs. */
  readonly checkJson: boolean;
  /** `dump` and others print a line about the password before their output. */
  readonly saysReadingPassword: boolean;
}

/** The oldest restic that takes a REST server's user name and password from its environment. */
export const restEnvironmentSince = '0.16.0';

/** The oldest restic that can be used. */
export const minimumVersion = '0.14.0';

/** Parses the text of `restic version`; null when it is not restic's. */
export const parseVersion = (text: string): string | null => /^restic (\d+\.\d+\.\d+)/m.exec(text)?.[1] ?? null;

const atLeast = (version: string, wanted: string): boolean => {
  const a = version.split('.').map(Number);
  const b = wanted.split('.').map(Number);
  for (let at = 0; at < 3; at += 1) if ((a[at] ?? 0) !== (b[at] ?? 0)) return (a[at] ?? 0) > (b[at] ?? 0);
  return true;
};

export const capsOf = (version: string): ResticCaps => ({
  version,
  supported: atLeast(version, minimumVersion),
  advised: atLeast(version, '0.17.1'),
  noScan: atLeast(version, '0.15.0'),
  retryLock: atLeast(version, '0.16.0'),
  restoreJson: atLeast(version, '0.16.0'),
  rawStats: atLeast(version, '0.15.0'),
  restEnvironment: atLeast(version, restEnvironmentSince),
  repairSnapshots: atLeast(version, '0.16.0'),
  repairPacks: atLeast(version, '0.17.0'),
  checkJson: atLeast(version, '0.18.0'),
  saysReadingPassword: !atLeast(version, '0.18.0'),
});
