// A schedule's file: what is written is read back; whatever else a file holds is refused with its reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSchedule } from '../../../test/fakes/desk-samples';
import { readScheduleFile, scheduleFileOf } from './schedule-file';

const file = scheduleFileOf(aSchedule({ timing: { type: 'cron', pattern: '30 4 * * 1' }, time_zone: 'America/Sao_Paulo', catch_up: 'ask', power: 'start_and_stop' }));
const read = (change: object) => readScheduleFile(JSON.stringify({ ...file, ...change }));

describe('a schedule', () => {
  it('is read back as it was written, and tells nothing of this computer', () => {
    expect(read({})).toEqual({ schedule: file, problem: null });
    expect(file).toEqual({
      dumont_cloud: 'schedule', version: 1, kind: 'snapshot', instance_id: 7, source_path: '/workspace', timing: { type: 'cron', pattern: '30 4 * * 1' }, time_zone: 'America/Sao_Paulo', catch_up: 'ask', power: 'start_and_stop',
    });
  });
  it('of no folder has none', () => {
    const care = scheduleFileOf(aSchedule({ kind: 'prune', source: null, timing: { type: 'every', minutes: 60 } }));
    expect(readScheduleFile(JSON.stringify(care))).toEqual({ schedule: care, problem: null });
  });
});

describe('is refused', () => {
  it.each(['', '{', 'undefined', '\0\0\0', `${JSON.stringify(file)}x`, '<html>'])('as no JSON: %j', (text) => expect(readScheduleFile(text)).toEqual({ schedule: null, problem: 'no_json' }));
  it.each(['null', '7', '"schedule"', '[]', '{}', JSON.stringify([file]), '{"__proto__":{"dumont_cloud":"schedule"}}'])('as something else: %s', (text) => expect(readScheduleFile(text)).toEqual({ schedule: null, problem: 'other_form' }));
  it.each<[string, object]>([
    ['another kind', { kind: 'destroy' }], ['a text for a number', { instance_id: '7' }], ['a negative id', { instance_id: -1 }], ['a snapshot of nothing', { instance_id: null, source_path: null }], ['care of a folder', { kind: 'prune' }],
    ['a relative path', { source_path: 'workspace' }], ['a path with a line end', { source_path: '/a\nb' }], ['a path that reads backwards', { source_path: '/work\u202Espace' }], ['a pattern with an invisible sign', { timing: { type: 'cron', pattern: '0 3 * * *\u200B' } }],
    ['too often', { timing: { type: 'every', minutes: 1 } }], ['a long pattern', { timing: { type: 'cron', pattern: '*'.repeat(201) } }], ['an unknown zone', { time_zone: 'Moon/Base' }], ['more than it may hold', { hook: 'rm -rf /' }], ['an id of ours', { id: file.kind }], ['an old version', { version: 0 }],
  ])('%s', (_name, change) => expect(read(change)).toEqual({ schedule: null, problem: 'other_form' }));
  it('of a newer version, and that is said', () => expect(read({ version: 2, more: true })).toEqual({ schedule: null, problem: 'newer' }));
  it('or taken, whatever it is: it never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.anything().map((value) => JSON.stringify(value) ?? ''), fc.record({ dumont_cloud: fc.constant('schedule'), version: fc.anything(), timing: fc.anything() }).map((value) => JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)))), (text) => {
      const { schedule, problem } = readScheduleFile(text);
      return (schedule === null) !== (problem === null);
    }));
  });
});
