// Stages that work in the caller's own thread: in the capture worker, and in tests.
import { LocalStage } from './capture-stage';
import type { CaptureStages } from './capture-ports';
import type { Mirrors, RemoteHosts } from './snapshot-ports';
import { mannerOf } from './host-manner';

/** A stage on these hosts and mirrors. */
export const localStages = (hosts: Pick<RemoteHosts, 'host'>, mirrors: Mirrors): CaptureStages => ({
  open: async (job, hooks) => new LocalStage(hosts.host(job.target, mannerOf(job.options)), await mirrors.open(job.userId, job.sourceId), job.options, hooks),
});
