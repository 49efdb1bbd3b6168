// What a page in a browser tells by itself: news that it takes from main, and ends and questions of operations that it saw. See [Note: Taken notices].
import { notifications } from '@mantine/notifications';
import { api, isDesktop } from '../client';
import { noticeWords } from './notice-words';
import { notify, notifyTogether } from './notify';
import type { OwnNotice } from './operation-notices';
import { useOperationsDrawer } from './operations-drawer-store';
import { useSession } from './session-store';

/** So many at once are shown each by itself. */
const EACH_UP_TO = 3;
/** Contract: notices.ts. */
const OWN_AT_ONCE = 200;

/** What this page saw and has not told yet; null is what its user looks at anyway, so that no page needs to tell it. */
const own = new Map<string, OwnNotice | null>();
let isTaking = false;
let again = false;

/** A page that nobody looks at leaves the news to one that somebody does, or to later. */
const mayTell = (): boolean => !isDesktop && document.visibilityState === 'visible' && useSession.getState().token !== null;

function show(notices: readonly OwnNotice[]): void {
  if (notices.length > EACH_UP_TO) notifyTogether(notices);
  else notices.forEach(notify);
}

async function takeOnce(): Promise<void> {
  const { token } = useSession.getState();
  const mine = new Map([...own].slice(0, OWN_AT_ONCE));
  for (const id of mine.keys()) own.delete(id);
  again ||= own.size > 0;
  const ofMine = (ids: Iterable<string>): OwnNotice[] => [...ids].flatMap((id) => mine.get(id) ?? []);
  const isStill = (): boolean => useSession.getState().token === token;
  try {
    const taken = await api.notices.take({ own: [...mine.keys()] });
    if (!isStill()) return;
    // In the open drawer operations are seen anyway.
    const news = taken.notices.filter(({ operation }) => operation === null || !useOperationsDrawer.getState().opened);
    show([...ofMine(taken.own), ...news.map((notice) => noticeWords(notice, Date.now()))]);
  } catch {
    // What the page saw it can say without main.
    if (isStill()) show(ofMine(mine.keys()));
  }
}

/** Takes what is to be told and tells it. One question at a time: calls meanwhile lead to one more. Never throws. */
export async function tellNews(): Promise<void> {
  again = true;
  if (isTaking) return;
  isTaking = true;
  try {
    while (again && mayTell()) {
      again = false;
      await takeOnce();
    }
  } finally {
    isTaking = false;
  }
}

/** Tells what this page saw: in the window at once, in a browser unless another page of this user was first. `isSeen`: its user looks at it. */
export function tellOwn(notices: readonly OwnNotice[], isSeen: boolean): void {
  if (notices.length === 0) return;
  if (isDesktop) {
    if (!isSeen) notices.forEach(notify);
    return;
  }
  for (const notice of notices) own.set(notice.id, isSeen ? null : notice);
  void tellNews();
}

useSession.subscribe((now, before) => {
  if (now.token === before.token) return;
  own.clear();
  // They are one user's own.
  if (before.token !== null) notifications.clean();
});
