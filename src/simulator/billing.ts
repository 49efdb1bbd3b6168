// What instances cost by the second: GPU while running, disk while they exist, traffic by the byte.
import type { DayCharges, InstanceRecord } from './instance-record';
import { offerNumber } from './instance-record';
import { hoursPerMonth } from './offer-row';

const daySeconds = 86_400;
const bytesPerGb = 1_000_000_000;
const gpuStates = new Set(['running', 'frozen', 'rebooting', 'recycling']);

/** $/h of the GPU part: the bid of an interruptible one, else the rented offer's price. */
export const gpuHourPrice = (record: InstanceRecord): number => record.bidPrice ?? offerNumber(record, 'dph_base');

/** $/h of the rented disk. */
export const diskHourPrice = (record: InstanceRecord): number => (offerNumber(record, 'storage_cost') * record.diskGb) / hoursPerMonth;

/** Whether the GPU is billed now. Booting is free; so is a host that is offline. */
export const gpuBilled = (record: InstanceRecord): boolean => {
  if (record.goneAt !== null || record.offline || record.cur !== 'running' || record.actual === null) return false;
  // An exited container under a running contract is billed, unless it is on its way up.
  return gpuStates.has(record.actual) || (record.actual === 'exited' && record.steps.length === 0);
};

/** Whether the disk is billed now: always, but for an offline host. */
export const diskBilled = (record: InstanceRecord): boolean => record.goneAt === null && !record.offline;

/** $/h this instance costs now, without traffic. */
export const hourRate = (record: InstanceRecord): number =>
  (gpuBilled(record) ? gpuHourPrice(record) : 0) + (diskBilled(record) ? diskHourPrice(record) : 0);

const dayOf = (record: InstanceRecord, at: number): DayCharges => {
  const key = String(Math.floor(at / daySeconds) * daySeconds);
  const known = record.charges[key];
  if (known) return known;
  const fresh: DayCharges = { gpu: 0, disk: 0, up: 0, down: 0, gpuHours: 0, diskHours: 0, upGb: 0, downGb: 0 };
  record.charges[key] = fresh;
  return fresh;
};

const chargeTime = (record: InstanceRecord, from: number, to: number): number => {
  let cost = 0;
  const [gpu, disk] = [gpuBilled(record), diskBilled(record)];
  if (!gpu && !disk) return 0;
  for (let start = from; start < to; ) {
    const end = Math.min(to, (Math.floor(start / daySeconds) + 1) * daySeconds);
    const hours = (end - start) / 3600;
    const day = dayOf(record, start);
    if (gpu) {
      day.gpuHours += hours;
      day.gpu += hours * gpuHourPrice(record);
      cost += hours * gpuHourPrice(record);
    }
    if (disk) {
      day.diskHours += hours;
      day.disk += hours * diskHourPrice(record);
      cost += hours * diskHourPrice(record);
    }
    start = end;
  }
  return cost;
};

const chargeTraffic = (record: InstanceRecord, at: number): number => {
  if (record.upBytes === 0 && record.downBytes === 0) return 0;
  const day = dayOf(record, at);
  const [upGb, downGb] = [record.upBytes / bytesPerGb, record.downBytes / bytesPerGb];
  record.upBytes = 0;
  record.downBytes = 0;
  record.upGbBilled += upGb;
  record.downGbBilled += downGb;
  const [up, down] = [upGb * offerNumber(record, 'inet_up_cost'), downGb * offerNumber(record, 'inet_down_cost')];
  day.upGb += upGb;
  day.downGb += downGb;
  day.up += up;
  day.down += down;
  return up + down;
};

/** Charges one instance for a stretch of time in which its state did not change (epoch seconds); answers the dollars. */
export const charge = (record: InstanceRecord, from: number, to: number): number => chargeTime(record, from, to) + chargeTraffic(record, to);

const chargeItem = (type: string, day: string, amount: number, description: string) => ({
  start: Number(day), end: Number(day) + daySeconds - 1, type, source: null, description, amount, metadata: {}, items: [],
});

/** The rows of `/charges/` for one instance between two instants (epoch seconds): one per day, split by kind. */
export const chargeRows = (record: InstanceRecord, from: number, to: number): readonly Record<string, unknown>[] =>
  Object.entries(record.charges)
    .filter(([day]) => Number(day) + daySeconds > from && Number(day) <= to)
    .map(([day, sums]) => ({
      start: Number(day),
      end: Number(day) + daySeconds - 1,
      type: 'instance',
      source: `instance-${record.id}`,
      description: `Instance ${record.id} Charges - 1 days`,
      amount: sums.gpu + sums.disk + sums.up + sums.down,
      metadata: { label: record.label },
      items: [
        chargeItem('gpu', day, sums.gpu, `${sums.gpuHours.toFixed(3)} hours at $${gpuHourPrice(record).toFixed(3)}/hour`),
        chargeItem('disk', day, sums.disk, `${sums.diskHours.toFixed(3)} hours at $${diskHourPrice(record).toFixed(4)}/hour`),
        chargeItem('bwd', day, sums.down, `${sums.downGb.toFixed(3)} GB at $${offerNumber(record, 'inet_down_cost').toFixed(4)}/GB`),
        chargeItem('bwu', day, sums.up, `${sums.upGb.toFixed(3)} GB at $${offerNumber(record, 'inet_up_cost').toFixed(4)}/GB`),
      ],
    }));

/** Dollars an instance has cost so far. */
export const totalCharged = (record: InstanceRecord): number =>
  Object.values(record.charges).reduce((sum, day) => sum + day.gpu + day.disk + day.up + day.down, 0);
