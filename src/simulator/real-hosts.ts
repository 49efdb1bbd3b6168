// Hosts for tests against a real OpenSSH server: every instance is that one server, and attached keys go to its file.
import { appendFileSync, readFileSync } from 'node:fs';
import type { Hosts } from './hosts';

/** A real sshd that stands for all instances. */
export interface RealSshd {
  readonly host: string;
  readonly port: number;
  /** Path of its authorized_keys file; keys are appended, never removed. */
  readonly authorizedKeys: string;
}

/** Hosts that are one real sshd. */
export const realHosts = (sshd: RealSshd): Hosts => {
  const attach = (publicKey: string): void => {
    let present = '';
    try {
      present = readFileSync(sshd.authorizedKeys, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (present.split('\n').includes(publicKey)) return;
    appendFileSync(sshd.authorizedKeys, `${present === '' || present.endsWith('\n') ? '' : '\n'}${publicKey}\n`, { mode: 0o600 });
  };
  return {
    address: sshd.host,
    sync: async (records) => {
      for (const record of records) {
        if (record.sshPort !== 0) continue;
        record.sshPort = sshd.port;
        for (const key of record.keys) attach(key.public_key);
      }
    },
    keyAttached: (_record, publicKey) => attach(publicKey),
    list: async () => 'the files of this host are on a real machine; use ssh\n',
    log: async (record) => `container ${record.image} started\n`,
    close: async () => {},
  };
};
