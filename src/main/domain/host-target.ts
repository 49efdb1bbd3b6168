// Where a running instance answers over SSH.
import type { Instance } from '../../contract';
import { AppError } from './app-error';
import type { HostTarget } from './snapshot-ports';

/** `instance_state` for an instance that does not run, or whose address is not known. */
export const reachable = (userId: string, instance: Instance): HostTarget => {
  if (instance.state !== 'running' || instance.ssh === null) throw new AppError('instance_state', 'The instance must be running, with its SSH address known.', { state: instance.state });
  const { host, port, user } = instance.ssh;
  return { userId, instanceId: instance.id, host, port, user };
};
