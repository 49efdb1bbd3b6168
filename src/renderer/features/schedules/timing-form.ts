// The times of a schedule as the editor shows them: presets with a time of day, or a pattern; and back. Pure.
import type { Timing } from '../../../contract';

export const presets = ['hourly', 'six_hours', 'daily', 'weekly', 'every', 'cron'] as const;
export type Preset = (typeof presets)[number];

export interface TimingForm {
  readonly preset: Preset;
  /** `HH:MM`, of daily and weekly. */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Of "every". */
  readonly minutes: number;
  readonly pattern: string;
}

export const firstForm: TimingForm = { preset: 'daily', time: '03:00', weekday: 0, minutes: 120, pattern: '0 3 * * *' };

const timeOf = (hour: string, minute: string): string => `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;

/** What a time in the form means; null while its text is not a time. */
export const timingOf = (form: TimingForm): Timing | null => {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(form.time.trim());
  const [hour, minute] = [Number(clock?.[1] ?? 0), Number(clock?.[2] ?? 0)];
  switch (form.preset) {
    case 'hourly':
      return { type: 'cron', pattern: '0 * * * *' };
    case 'six_hours':
      return { type: 'cron', pattern: '0 */6 * * *' };
    case 'daily':
      return clock === null ? null : { type: 'cron', pattern: `${minute} ${hour} * * *` };
    case 'weekly':
      return clock === null ? null : { type: 'cron', pattern: `${minute} ${hour} * * ${form.weekday}` };
    case 'every':
      return Number.isInteger(form.minutes) && form.minutes >= 5 && form.minutes <= 527_040 ? { type: 'every', minutes: form.minutes } : null;
    case 'cron':
      return form.pattern.trim() === '' ? null : { type: 'cron', pattern: form.pattern.trim() };
  }
};

/** The form that shows a timing, as the plainest preset that means the same. */
export const formOf = (timing: Timing): TimingForm => {
  if (timing.type === 'every') return { ...firstForm, preset: 'every', minutes: timing.minutes };
  const { pattern } = timing;
  if (pattern === '0 * * * *') return { ...firstForm, preset: 'hourly', pattern };
  if (pattern === '0 */6 * * *') return { ...firstForm, preset: 'six_hours', pattern };
  const at = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[0-6])$/.exec(pattern);
  if (at === null) return { ...firstForm, preset: 'cron', pattern };
  const [, minute = '', hour = '', day = ''] = at;
  const time = timeOf(hour, minute);
  return day === '*' ? { ...firstForm, preset: 'daily', time, pattern } : { ...firstForm, preset: 'weekly', time, weekday: Number(day), pattern };
};
