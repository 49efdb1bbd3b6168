// What the API needs from the rented hosts: reachable while their instance is up, gone when it is not.
import type { InstanceRecord } from './instance-record';

/** The SSH side of the simulator: its own servers, or one real sshd that stands for all instances. */
export interface Hosts {
  /** The address that instances report. */
  readonly address: string;
  /** Opens servers of instances that are up and closes all others; sets `sshPort` and `hostKey` of a record. */
  sync(records: readonly InstanceRecord[]): Promise<void>;
  /** Makes an attached key work. */
  keyAttached(record: InstanceRecord, publicKey: string): void;
  /** Answers `ls` and `du` on the files of an instance. */
  list(record: InstanceRecord, words: readonly string[]): Promise<string>;
  /** Text for the instance's log. */
  log(record: InstanceRecord): Promise<string>;
  /** Closes everything. */
  close(): Promise<void>;
}
