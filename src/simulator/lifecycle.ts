// The instance state machine: what a boot, stop, start, reboot and failure do, as steps due at instants of simulated time.
import type { InstanceRecord, Step } from './instance-record';

/** Seconds from a stop order to the container's exit. */
export const stopSeconds = 1;
/** Seconds a reboot or recycle takes. */
export const restartSeconds = 3;

const runningMessage = (record: InstanceRecord): string => {
  const kind = record.runtype.includes('jupyter') ? 'jupyter' : record.runtype === 'args' ? 'args' : 'ssh';
  return `success, running ${record.image.replace(':', '_')}/${kind}`;
};

/** The way of a new instance from nothing to running within `seconds`, or to a failed image. */
export const bootSteps = (record: InstanceRecord, now: number, seconds: number, imageFails: boolean): readonly Step[] => {
  const at = (part: number): number => now + part * seconds;
  const created: Step = { at: at(0.15), actual: 'created', message: '' };
  if (imageFails) {
    const message = `Error response from daemon: manifest for ${record.image} not found: manifest unknown: manifest unknown`;
    return [created, { at: at(0.6), cur: 'stopped', intended: 'stopped', message, release: true }];
  }
  return [
    created,
    { at: at(0.3), actual: 'loading', message: '4f4fb700ef54: Pulling fs layer' },
    { at: at(0.5), message: 'a2abf6c4d29d: Downloading [=================>          ]  1.21GB/1.94GB' },
    { at: at(0.7), message: 'a2abf6c4d29d: Pull complete' },
    { at: at(0.85), message: `Status: Downloaded newer image for ${record.image}` },
    { at: at(1), actual: 'running', message: runningMessage(record) },
  ];
};

/** Begins a start of a stopped instance whose GPUs are free: contract runs at once, container follows. */
export const beginStart = (record: InstanceRecord, now: number, seconds: number): void => {
  record.cur = 'running';
  record.intended = 'running';
  record.queued = false;
  record.outbid = false;
  record.holdsGpus = true;
  record.steps = [
    { at: now + 0.3 * seconds, actual: 'loading', message: 'starting container' },
    { at: now + 0.7 * seconds, actual: 'running', message: runningMessage(record) },
  ];
};

/** Begins a stop: intended flips at once, the container exits a second later. Nothing to do on a stopped one but to leave the queue. */
export const beginStop = (record: InstanceRecord, now: number): void => {
  record.intended = 'stopped';
  record.queued = false;
  record.outbid = false;
  if (record.cur === 'stopped') return;
  record.steps = [{ at: now + stopSeconds, actual: 'exited', cur: 'stopped', release: true }];
};

/** Restarts in place, keeping the GPUs; a recycle throws the container's files away. */
export const beginRestart = (record: InstanceRecord, now: number, kind: 'reboot' | 'recycle'): void => {
  record.actual = kind === 'reboot' ? 'rebooting' : 'recycling';
  record.steps = [{ at: now + restartSeconds, actual: 'running', message: runningMessage(record), wipe: kind === 'recycle' }];
};

/** Displaces an instance: stopped with its disk kept, until its bid wins again. */
export const beginOutbid = (record: InstanceRecord, now: number): void => {
  beginStop(record, now);
  record.outbid = true;
};

/** Carries out one due step. */
export const applyStep = (record: InstanceRecord, step: Step): void => {
  if (step.actual !== undefined) record.actual = step.actual;
  if (step.cur !== undefined) record.cur = step.cur;
  if (step.intended !== undefined) record.intended = step.intended;
  if (step.message !== undefined) record.message = step.message;
  if (step.release === true) record.holdsGpus = false;
  if (step.wipe === true) {
    record.life += 1;
    record.runSeconds = 0;
  }
  record.steps = record.steps.filter((other) => other !== step);
};

/** True while the container is up and its host answers. */
export const isUp = (record: InstanceRecord): boolean => record.actual === 'running' && !record.offline && record.goneAt === null;

/** The earliest due step of an instance, or null. */
export const nextStep = (record: InstanceRecord): Step | null => {
  let earliest: Step | null = null;
  for (const step of record.steps) if (!earliest || step.at < earliest.at) earliest = step;
  return earliest;
};
