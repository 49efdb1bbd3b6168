// What is kept of a source's snapshots: the policy, and what it would remove.
import * as z from 'zod';
import { flag, instant, text, whole } from './common';

const count = whole.min(0).max(10_000);

/**
 * How many snapshots are kept: the newest, and the newest of each hour, day, week and month that has one; those that any rule names stay.
 *
 * At least three always stay, pinned ones too; a policy of zeros is refused all the same. Three, so that one or two bad runs never cost the last good snapshot.
 */
export const retentionPolicy = z.object({
  last: count.default(3),
  hourly: count.default(0),
  daily: count.default(0),
  weekly: count.default(0),
  monthly: count.default(0),
  within_days: count.default(0).describe('All of so many days before the newest one; 0 is no such rule'),
});

export const retentionRow = z.object({
  id: text,
  time: instant,
  reasons: z.array(text).describe('Why it is kept: last, hourly, daily, weekly, monthly, within, pinned, parent; none for what is removed'),
});

/** What a policy would do now. */
export const retentionPlan = z.object({
  source_id: z.uuid(),
  policy: retentionPolicy,
  keep: z.array(retentionRow),
  remove: z.array(retentionRow),
  token: text.describe('Names exactly this plan: give it back to carry it out'),
});

export const retentionView = z.object({
  source_id: z.uuid(),
  policy: retentionPolicy.nullable(),
  confirmed: flag.describe('What it removes was seen and confirmed once: from then on it works after each snapshot by itself'),
  last_run_at: instant.nullable(),
});
