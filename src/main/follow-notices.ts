// Where no desktop tells beside its window what needs a user: looks for it as long as the user is unlocked, for their pages to tell.
import { FactsFeed } from './domain/facts-feed';
import type { Clock } from './domain/ports';
import type { AppParts } from './services';

/** Of every user that is unlocked from now on. Gives what ends it. */
export function followNotices({ accounts, store, services, notices, log }: Pick<AppParts, 'accounts' | 'store' | 'services' | 'notices' | 'log'>, clock: Pick<Clock, 'now'>): () => void {
  const feeds = new Map<string, FactsFeed>();
  const leave = (userId: string): void => {
    feeds.get(userId)?.close();
    feeds.delete(userId);
  };
  accounts.onUnlocked((userId) => {
    const user = store.users.byId(userId);
    if (user === null) return;
    leave(userId);
    const feed = new FactsFeed({
      services, clock, log,
      changed: (caller, known) => {
        if (caller !== null) notices.looked(caller.userId, known);
      },
    });
    feeds.set(userId, feed);
    feed.signedIn({ userId, email: user.email, transport: 'http' });
  });
  accounts.onLocked(leave);
  return () => [...feeds.keys()].forEach(leave);
}
