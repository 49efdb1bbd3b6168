// What a page tells its user by itself, where no desktop does so beside its window: each thing once, to one page.
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { flag, instant, text, textOrNull } from './common';
import { sessionErrors } from './errors';
import { account } from './instances';
import { operation } from './operations';
import { scheduleKind } from './schedules';

/** What needs the user, or `finished`: an operation ended well, which is told at the level `all` only. */
export const noticeRule = z.enum([
  'snapshot_failed', 'snapshot_overdue', 'host_offline', 'outbid', 'stuck_scheduling', 'credit_low', 'credit_ending', 'contract_ending', 'destroy_pending', 'still_loading',
  'snapshot_first_failed', 'snapshot_first_warned', 'schedule_asks', 'action_failed', 'account_problem', 'finished',
]);

/** Of an operation that ended its id, of one that asks its id and its question with a colon between. */
const newsId = text.min(1).max(500);

export const notice = z.object({
  id: newsId.describe('Another one each time that it happens again'),
  rule: noticeRule,
  urgent: flag.describe('Money or data is lost within the hour: told in quiet hours too'),
  route: text.describe('Where the page shows it, such as #/instances/7'),
  label: text.describe('Of an instance, or what the operation or schedule is about; empty where it is about the account, or about a schedule of no folder'),
  schedule: scheduleKind.nullable().describe('What a schedule of no folder does'),
  problem: textOrNull.describe('Code of an error, or of why a scheduled run came to nothing'),
  at: instant.nullable().describe('When it began or will happen'),
  operation: operation.nullable().describe('The one that it is about'),
  account: account.nullable().describe('The figures, where it is about the credit'),
});

export const notices = {
  take: oc
    .route({ tags: ['notices'], method: 'POST', path: '/api/v1/notices/take', summary: 'Take what is to be told now, by the level and the quiet hours of the settings; what was taken is given to nobody again' })
    .input(z.object({ own: z.array(newsId).max(200).default([]).describe('Ends and questions of operations that the page saw by itself and is about to tell') }))
    .output(z.object({ notices: z.array(notice), own: z.array(newsId).describe('Those of its own that nobody has told yet') }))
    .errors(sessionErrors),
};
