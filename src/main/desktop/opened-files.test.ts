// Files that the system hands over: which words are one, where they lead, and what of them is refused before it is read.
import { execFileSync } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { aSchedule } from '../../../test/fakes/desk-samples';
import { makeTempDir, type TempDir } from '../../../test/support/temp-dir';
import { longestScheduleFile, scheduleFileOf } from '../domain/schedule-file';
import { readOpenedFile } from './opened-file';
import { fileOfArgument, OpenedFiles } from './opened-files';

const schedule = scheduleFileOf(aSchedule());
const text = JSON.stringify(schedule);

describe('an argument', () => {
  it.each([
    ['nightly.dumont-schedule', '/home/ana/nightly.dumont-schedule'], ['/tmp/a b.DUMONT-SCHEDULE', '/tmp/a b.DUMONT-SCHEDULE'], ['../x.dumont-schedule', '/home/x.dumont-schedule'],
    ['file:///tmp/a%20b.dumont-schedule', '/tmp/a b.dumont-schedule'], ['FILE:///tmp/x.dumont-schedule', '/tmp/x.dumont-schedule'],
  ])('%s is a file', (word, file) => expect(fileOfArgument(word, '/home/ana')).toBe(file));
  it.each([
    '', '.', '--x.dumont-schedule', '--data-dir=/tmp/x.dumont-schedule', '/tmp/x.json', 'dumont-schedule', '.dumont-schedule', '/etc/passwd', 'x.dumont-schedule\0.txt', 'dumont://offer/1', 'dumont://x.dumont-schedule',
    'https://evil.example/x.dumont-schedule', 'file://evil.example/x.dumont-schedule', 'file:///tmp/x.json', 'file:///tmp/%2e%2e%2fx.dumont-schedule', 'file:///tmp/%ZZ.dumont-schedule',
  ])('%j is none', (word) => expect(fileOfArgument(word, '/home/ana')).toBeNull());
});

describe('an opened file', () => {
  let folder: TempDir;
  let file: string;
  beforeEach(() => {
    folder = makeTempDir('dumont-opened');
    file = folder.at('nightly.dumont-schedule');
    writeFileSync(file, text);
  });
  afterEach(() => folder.remove());
  const refused = (name: string, problem: string) => ({ name, schedule: null, problem });

  it('is read when the page asks for its number; each opening has another, and the newest counts', async () => {
    const files = new OpenedFiles();
    expect(files.routeOf(['/opt/dumont-cloud', '--hidden'], folder.path)).toBeNull();
    expect(files.routeOf(['/opt/dumont-cloud', 'nightly.dumont-schedule'], folder.path)).toBe('#/schedules?file=1');
    expect(files.open(file)).toBe('#/schedules?file=2');
    expect(await files.read(2)).toEqual({ name: 'nightly.dumont-schedule', schedule, problem: null });
    expect(await files.read(1)).toEqual(refused('', 'missing'));
    expect(await new OpenedFiles().read(1)).toEqual(refused('', 'missing'));
  });
  it('that is gone, a folder, too large, or no text, is refused', async () => {
    mkdirSync(folder.at('folder.dumont-schedule'));
    writeFileSync(folder.at('large.dumont-schedule'), `${text}${' '.repeat(longestScheduleFile)}`);
    writeFileSync(folder.at('bytes.dumont-schedule'), Buffer.concat([Buffer.from(text), Buffer.from([0xff])]));
    writeFileSync(folder.at('full.dumont-schedule'), text.padEnd(longestScheduleFile));
    const problem = async (name: string) => (await readOpenedFile(folder.at(`${name}.dumont-schedule`))).problem;
    expect(await Promise.all(['none', 'folder', 'large', 'bytes', 'full'].map(problem))).toEqual(['missing', 'no_file', 'too_large', 'no_json', null]);
  });
  test.skipIf(process.platform === 'win32')('that is a link, to whatever, or a pipe nobody writes to, is refused at once', async () => {
    symlinkSync(file, folder.at('link.dumont-schedule'));
    symlinkSync('/dev/zero', folder.at('zero.dumont-schedule'));
    execFileSync('mkfifo', [folder.at('pipe.dumont-schedule')]);
    for (const [name, problem] of [['link', 'link'], ['zero', 'link'], ['pipe', 'no_file']] as const) {
      expect(await readOpenedFile(folder.at(`${name}.dumont-schedule`))).toEqual(refused(`${name}.dumont-schedule`, problem));
    }
  });
  test.runIf(process.getuid?.() === 0)('of another user of this computer is refused, by another name too', async () => {
    chownSync(file, 65_534, 65_534);
    linkSync(file, folder.at('mine.dumont-schedule'));
    expect(await readOpenedFile(file)).toEqual(refused('nightly.dumont-schedule', 'other_user'));
    expect(await readOpenedFile(folder.at('mine.dumont-schedule'))).toEqual(refused('mine.dumont-schedule', 'other_user'));
  });
});
