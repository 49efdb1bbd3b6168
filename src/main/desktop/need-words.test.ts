// Every reason is a sentence in both languages, and no code or other word of the program is shown to a user.
import { describe, expect, it } from 'vitest';
import * as errors from '../../contract/errors';
import { scheduleKind } from '../../contract/schedules';
import { needWords, problemWords } from './need-words';

const languages = ['en', 'pt-BR'] as const;
const { sshErrors, resticErrors, repositoryErrors, restoreErrors, proofErrors, retentionErrors, vastErrors, rentErrors, endingErrors, secretErrors, lookupErrors } = errors;
/** What snapshots, restores, repositories, their care, and actions on instances can end with. */
const ends = Object.keys({ ...sshErrors, ...resticErrors, ...repositoryErrors, ...restoreErrors, ...proofErrors, ...retentionErrors, ...vastErrors, ...rentErrors, ...endingErrors, ...secretErrors, ...lookupErrors, internal: 0 });
const reasons = ['missed', 'superseded', 'not_running', 'instance_gone', 'still_running', 'declined', 'interrupted', 'contract_end', 'credit_end'];

describe.each(languages)('in %s', (language) => {
  const unknown = problemWords('a_code_of_a_later_version', language);
  it('a reason that is not known shows no code', () => expect(unknown).toMatch(/^\p{Lu}[^_{}]+\.$/u));
  it.each([...ends, ...reasons])('%s is a sentence of its own', (code) => {
    expect(problemWords(code, language)).toMatch(/^\p{L}[^_{}]+\.$/u);
    expect(problemWords(code, language)).not.toBe(unknown);
  });
  it('a snapshot that was taken with warnings is not called failed', () => {
    const said = (rule: 'snapshot_first_failed' | 'snapshot_first_warned') => needWords({ rule, label: 'train', kind: 'destroy', problem: null, at: 0 }, null, language, 0).body;
    expect(said('snapshot_first_failed')).toMatch(/failed|falhou/);
    for (const text of [said('snapshot_first_warned'), problemWords('snapshot_first_warned', language)]) {
      expect(text).toMatch(/warnings|avisos/);
      expect(text).not.toMatch(/failed|falhou/);
    }
  });
  it.each(Object.keys(errors.errorTable))('%s is never shown as it is', (code) => expect(problemWords(code, language)).not.toMatch(/[_{}]/));
  it.each(scheduleKind.options)('a schedule of the kind %s has a name', (schedule) => {
    const { title } = needWords({ rule: 'schedule_asks', label: '', schedule, kind: null, problem: null, at: 0 }, null, language, 0);
    expect(title).toMatch(/: \p{Lu}[^_{}]+$/u);
  });
});
