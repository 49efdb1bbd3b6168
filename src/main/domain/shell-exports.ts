// What can be dragged out of the window as a file, as text: made here from ids, so that a page never says what a file holds or where it lies.
import type { DragSubject } from '../../contract';
import type { Caller } from './ports';
import { scheduleExtension, scheduleFileOf } from './schedule-file';
import type { Services } from './services';

export interface ExportedText {
  /** Safe as a file name on every system. */
  readonly name: string;
  readonly text: string;
}

const shown = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The file of a schedule, which the app opens again, or the text of an operation's log. `not_found` where the caller has none such. */
export function exportOf(services: Pick<Services, 'schedules' | 'operations'>, caller: Caller, subject: DragSubject): ExportedText {
  if (subject.what === 'schedule') {
    return { name: `schedule-${subject.id.slice(0, 8)}.${scheduleExtension}`, text: shown(scheduleFileOf(services.schedules.get(caller, subject.id))) };
  }
  const { log, ...operation } = services.operations.get(caller, subject.id);
  const lines = log.map((line) => `${line.at} ${line.src} ${line.level} ${line.text}`);
  return { name: `${operation.kind}-${subject.id.slice(0, 8)}.log`, text: `${shown(operation)}${lines.join('\n')}\n` };
}
