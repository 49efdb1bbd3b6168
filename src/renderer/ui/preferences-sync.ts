// Brings language and theme of this page and of the signed-in user together.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Settings } from '../../contract/types';
import { api, query } from '../client';
import { setPreferences, usePreferences } from './preferences';
import { queryClient } from './query-client';
import { useSession } from './session-store';

type Choices = Pick<Settings, 'language' | 'theme'>;

/** What the page takes from the user's settings, and what the settings lack that was chosen before signing in. */
export function reconcile(page: Choices, kept: Choices): { page: Partial<Choices>; save: Partial<Choices> } {
  const result: { page: Partial<Choices>; save: Partial<Choices> } = { page: {}, save: {} };
  if (kept.language !== page.language) {
    if (kept.language === 'system') result.save.language = page.language;
    else result.page.language = kept.language;
  }
  if (kept.theme !== page.theme) {
    if (kept.theme === 'system') result.save.theme = page.theme;
    else result.page.theme = kept.theme;
  }
  return result;
}

/** Changes a choice on the page at once, and for the user when somebody is signed in. */
export async function choosePreferences(change: Readonly<Partial<Choices>>): Promise<void> {
  setPreferences(change);
  if (useSession.getState().token === null) return;
  const settings = await api.settings.put({ settings: { ...change } });
  queryClient.setQueryData(query.settings.get.queryKey(), settings);
}

/** Runs once per sign-in, when the settings have arrived. */
export function usePreferenceSync(): void {
  const token = useSession((session) => session.token);
  const done = useRef<string | null>(null);
  const { data } = useQuery(query.settings.get.queryOptions({ enabled: token !== null }));
  useEffect(() => {
    if (data === undefined || token === null || done.current === token) return;
    done.current = token;
    const { page, save } = reconcile(usePreferences.getState(), data.settings);
    if (Object.keys(page).length > 0) setPreferences(page);
    // A failed save loses nothing: the page keeps its choice, and the next one saves it.
    if (Object.keys(save).length > 0) choosePreferences(save).catch(() => undefined);
  }, [data, token]);
}
