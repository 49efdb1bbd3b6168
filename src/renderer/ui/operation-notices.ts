// What the page says of an operation that has ended or asks something, whether it saw that by itself or was told.
import i18next from 'i18next';
import type { Operation } from '../../contract/types';
import { visible, whatHappened } from './error-message';
import type { Notice } from './notify';
import { record } from '../record';
import { routeHash } from './route';
import { snapshotFirstTitle } from './snapshot-first-question';

/** A notice that is told once, and by its id known as told. */
export type OwnNotice = Notice & { readonly id: string };

const TONES = { failed: 'bad', warnings: 'warn', cancelled: 'info' } as const;

/** It ended. */
export function endedNotice({ id, kind, state, title, error }: Operation): OwnNotice {
  const t = i18next.getFixedT(null, ['operations']);
  const why = state === 'failed' && error !== null ? whatHappened(error.code, record(error.data)) : null;
  const tone = (TONES as Readonly<Record<string, Notice['tone']>>)[state] ?? 'ok';
  const what = `${t(`kind.${kind}`)} · ${visible(title)}`;
  return { id, title: what, message: why ?? t(`state.${state}`), line: `${t(`state.${state}`)}: ${what}`, tone, route: routeHash('operations', id) };
}

/** It asks. The id is another one for each question that an operation may ask. */
export function askingNotice(operation: Operation): OwnNotice {
  const t = i18next.getFixedT(null, ['operations', 'common']);
  const message = operation.asks === 'snapshot_first_failed' ? t(`common:${snapshotFirstTitle(operation)}`) : t('question.title');
  const title = visible(operation.title);
  return { id: `${operation.id}:${operation.asks ?? ''}`, title, message, line: `${message}: ${title}`, tone: 'warn', route: routeHash('operations', operation.id), stays: true };
}
