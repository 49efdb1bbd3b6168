// Short messages at the edge of the window. Errors stay until they are closed.
import { Anchor } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';

export interface Notice {
  readonly title: string;
  readonly message?: string;
  /** What it is called among others; without it, its title. */
  readonly line?: string;
  readonly tone?: 'ok' | 'warn' | 'bad' | 'info';
  /** Takes the place of an earlier one with the same id. */
  readonly id?: string;
  /** Where the page shows what it is about: the hash, such as `#/instances/7`. */
  readonly route?: string;
  /** Until it is closed, also when nothing went wrong. */
  readonly stays?: boolean;
}

const COLOURS = { ok: 'green', warn: 'amber', bad: 'red', info: 'petrol' } as const;

/** The library's ids by ours: it leaves out a notice whose id is on the screen, and one that it updates goes away at the time of the former. */
const shown = new Map<string, string>();

const close = (id: string | undefined): void => {
  const here = id === undefined ? undefined : shown.get(id);
  if (here !== undefined) notifications.hide(here);
};

/** Lines of a summary that name what they are about. */
const LINES = 4;

/** Only places of this page. */
const isPlace = (route: string | undefined): route is string => route?.startsWith('#/') === true;

/** A way to what it is about; the notice is done with when it is gone. */
function Message({ notice: { title, message = '', route, id } }: Readonly<{ notice: Notice }>) {
  const t = i18next.getFixedT(null, ['notices']);
  if (!isPlace(route)) return message;
  return <>{message === '' ? '' : `${message} `}<Anchor href={route} size="sm" underline="always" aria-label={t('openWhat', { title })} onClick={() => close(id)}>{t('open')}</Anchor></>;
}

/** A way to each; the other ways stay when one is gone. */
function Lines({ notices }: Readonly<{ notices: readonly Notice[] }>) {
  const more = notices.length - LINES;
  return (
    <>
      {notices.slice(0, LINES).map(({ title, line = title, route, id = title }) => <div key={id}>{isPlace(route) ? <Anchor href={route} size="sm" underline="always">{line}</Anchor> : line}</div>)}
      {more > 0 ? <div>{i18next.getFixedT(null, ['notices'])('more', { count: more })}</div> : null}
    </>
  );
}

function show(notice: Notice, message: React.ReactNode): void {
  const { title, tone = 'info', id, stays = false } = notice;
  close(id);
  const here = notifications.show({ title, message, color: COLOURS[tone], autoClose: stays || tone === 'bad' ? false : 8000, role: tone === 'bad' ? 'alert' : 'status', closeButtonProps: { 'aria-label': i18next.t('close') } });
  if (id !== undefined) shown.set(id, here);
}

/** Shows a notice: eight seconds, or until closed when something went wrong. */
export const notify = (notice: Notice): void => show(notice, <Message notice={notice} />);

/** Shows several as one, with a way to each of the first; it stays until closed. */
export function notifyTogether(notices: readonly Notice[]): void {
  const id = `together-${notices.map((notice) => notice.id ?? notice.title).join(' ')}`;
  const title = i18next.getFixedT(null, ['notices'])('several', { count: notices.length });
  show({ id, title, tone: notices.some(({ tone }) => tone === 'bad') ? 'bad' : 'warn', stays: true }, <Lines notices={notices} />);
}
