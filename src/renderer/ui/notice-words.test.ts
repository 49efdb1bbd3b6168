// Every notice in both languages: a line and a sentence without a gap, and the same words for an operation as the page has.
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { noticeRule } from '../../contract/notices';
import type { Notice, Operation } from '../../contract/types';
import { startI18n } from '../i18n/i18n';
import { words as en } from '../i18n/words-en';
import { words as pt } from '../i18n/words-pt-br';
import { noticeWords } from './notice-words';
import { askingNotice, endedNotice } from './operation-notices';

const noon = Date.parse('2026-11-20T12:00:00Z');
const at = (ms: number): string => new Date(ms).toISOString();
const account: NonNullable<Notice['account']> = { credit: 1, credit_as_of: at(noon), burn_per_hour: 0.34, runway_hours: 3, as_of: at(noon), stale: false, problem: null };
const news = (change: Partial<Notice>): Notice => ({ id: 'x', rule: 'host_offline', urgent: false, route: '#/instances/7', label: 'train', schedule: null, problem: null, at: at(noon - 3_600_000), operation: null, account: null, ...change });
const operation: Operation = { id: 'a', kind: 'snapshot', state: 'failed', instance_id: 7, snapshot_id: null, title: 'train: /workspace', progress: null, cancellable: false, asks: null, error: { code: 'source_missing', message: '', data: {} }, warnings: [], created_at: at(noon), ended_at: at(noon) };

beforeAll(async () => {
  await startI18n();
  for (const [language, words] of [['en', en], ['pt-BR', pt]] as const) for (const [namespace, texts] of Object.entries(words)) i18next.addResourceBundle(language, namespace, texts);
});

describe.each(['en', 'pt-BR'])('in %s', (language) => {
  beforeAll(() => i18next.changeLanguage(language));

  it.each(noticeRule.options)('%s is said whole', (rule) => {
    const { title, message = '' } = noticeWords(news({ rule, problem: rule === 'account_problem' ? 'vault_locked' : 'missed', account }), noon);
    expect(`${title} ${message}`).not.toMatch(/\{\{|notices|undefined|–| {2}/);
    expect(title).not.toBe('');
  });
});

describe('in English', () => {
  beforeAll(() => i18next.changeLanguage('en'));

  it('quotes the figures', () => {
    expect(noticeWords(news({ rule: 'credit_low', account }), noon)).toMatchObject({ title: 'Credit low: lasts 3 hr', message: '$1.00 left at $0.34 per hour.', tone: 'warn', stays: true });
    expect(noticeWords(news({ rule: 'credit_low', account: { ...account, credit_as_of: at(noon - 7_200_000) } }), noon).message).toBe('$1.00 left at $0.34 per hour. The credit is what Vast.ai said 2 hours ago.');
    expect(noticeWords(news({ rule: 'contract_ending', at: at(noon + 7_200_000) }), noon).title).toBe('Contract ends in 2 hr: train');
  });
  it('says loudly what is urgent or failed', () => {
    expect([noticeWords(news({ urgent: true }), noon).tone, noticeWords(news({ rule: 'snapshot_failed', problem: 'missed' }), noon)]).toMatchObject(['bad', { tone: 'bad', message: 'It was missed.' }]);
  });
  it('shows what disguises a label, and names a schedule of no folder', () => {
    expect(noticeWords(news({ label: 'a\u202Eb' }), noon).title).toBe('Host offline: a⟨U+202E⟩b');
    expect(noticeWords(news({ rule: 'schedule_asks', label: '', schedule: 'prune' }), noon).title).toBe('Missed runs: Free space');
  });
  it('says of an operation what the page says that saw it', () => {
    expect(noticeWords(news({ rule: 'snapshot_failed', operation }), noon)).toEqual(endedNotice(operation));
    expect(endedNotice(operation)).toMatchObject({ id: 'a', title: 'Snapshot · train: /workspace', line: 'Failed: Snapshot · train: /workspace', tone: 'bad', route: '#/operations/a' });
    const asking: Operation = { ...operation, kind: 'create', state: 'running', asks: 'still_loading' };
    expect(noticeWords(news({ rule: 'still_loading', operation: asking }), noon)).toEqual(askingNotice(asking));
    expect(askingNotice(asking).id).toBe('a:still_loading');
  });
});
