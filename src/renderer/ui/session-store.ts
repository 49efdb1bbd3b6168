// Who is signed in on this page: the token lives in sessionStorage, so a second tab or a restart asks again.
import { create } from 'zustand';

/** Why the sign-in page is shown. `expired`: an answer said `unauthorized`. */
export type SessionEnd = 'signed_out' | 'expired';

interface SessionState {
  readonly token: string | null;
  readonly user: string | null;
  readonly ended: SessionEnd | null;
  readonly signIn: (session: Readonly<{ token: string; user: string }>) => void;
  readonly signOut: (reason: SessionEnd) => void;
}

const KEY = 'dumont.session';

const read = (): Pick<SessionState, 'token' | 'user'> => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as { token?: unknown; user?: unknown } | null;
    if (typeof kept?.token === 'string' && typeof kept.user === 'string') return { token: kept.token, user: kept.user };
  } catch {
    // What cannot be read is the same as nothing kept.
  }
  return { token: null, user: null };
};

/** The session of this page. */
export const useSession = create<SessionState>((set) => ({
  ...read(),
  ended: null,
  signIn: ({ token, user }) => {
    sessionStorage.setItem(KEY, JSON.stringify({ token, user }));
    set({ token, user, ended: null });
  },
  signOut: (reason) => {
    sessionStorage.removeItem(KEY);
    set({ token: null, user: null, ended: reason });
  },
}));
