// A changed host key that somebody accepts: by its fingerprint, and only once the host has shown that very key again.
import { reachable } from './host-target';
import type { Caller, Log } from './ports';
import type { HostKeysService, InstancesService } from './services';
import type { RemoteHosts } from './snapshot-ports';

export class HostKeys implements HostKeysService {
  constructor(private readonly parts: { readonly instances: Pick<InstancesService, 'get'>; readonly hosts: Pick<RemoteHosts, 'trust'>; readonly log: Log }) {}

  async trust(caller: Caller, instanceId: number, fingerprint: string): Promise<{ readonly instance_id: number; readonly fingerprint: string }> {
    const target = reachable(caller.userId, await this.parts.instances.get(caller, instanceId));
    await this.parts.hosts.trust(target, fingerprint);
    this.parts.log.info('ssh.host_key_accepted', { instance_id: instanceId, fingerprint });
    return { instance_id: instanceId, fingerprint };
  }
}
