// A schedule as a file: what is written when it is dragged out, and what is taken from one that somebody opens. Pure.
import { scheduleFile } from '../../contract/schedules';
import type { OpenedFile, Schedule, ScheduleFile } from '../../contract';

/** Of our own, so that no other program's JSON is opened by us; electron-builder.yml registers it. */
export const scheduleExtension = 'dumont-schedule';

/** Bytes: a schedule is less than one kilobyte. */
export const longestScheduleFile = 64 * 1024;

/** What it does, where and when. Neither its history, nor ids of data that only this computer has, nor what is removed. */
export function scheduleFileOf({ kind, source, timing, time_zone, catch_up, power }: Schedule): ScheduleFile {
  return { dumont_cloud: 'schedule', version: 1, kind, instance_id: source?.instance_id ?? null, source_path: source?.path ?? null, timing, time_zone, catch_up, power };
}

/** Characters that are not shown as they are: a path or a pattern that holds one could show something else than it means. */
const unshown = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const isOfNewerForm = (value: unknown): boolean => typeof value === 'object' && value !== null && 'dumont_cloud' in value && value.dumont_cloud === 'schedule' && 'version' in value && typeof value.version === 'number' && value.version > 1;

/** What a file holds, or why it is not taken. The text may come from anybody. */
export function readScheduleFile(text: string): Pick<OpenedFile, 'schedule' | 'problem'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { schedule: null, problem: 'no_json' };
  }
  const read = scheduleFile.safeParse(value);
  if (!read.success) return { schedule: null, problem: isOfNewerForm(value) ? 'newer' : 'other_form' };
  const { timing, time_zone: zone, source_path: path } = read.data;
  const isShown = [path ?? '', timing.type === 'cron' ? timing.pattern : ''].every((word) => !unshown.test(word));
  return isShown && isTimeZone(zone) ? { schedule: read.data, problem: null } : { schedule: null, problem: 'other_form' };
}
