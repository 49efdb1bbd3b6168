// Brings language and theme of this page and of the signed-in user together.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Settings } from '../../contract/types';
import { api, query } from '../client';
import { setPreferences, usePreferences } from './preferences';
import { queryClient } from './query-client';
import { useSession } from './session-store';

type Choices = Pick<Settings, 'language' | 'theme'>;

/** What was chosen before signing in is saved for the user; else the page takes what the user's settings say. */
export function reconcile(page: Choices & Readonly<{ unsaved: boolean }>, kept: Choices): { page: Partial<Choices>; save: Partial<Choices> } {
  const names = (['language', 'theme'] as const).filter((name) => page[name] !== kept[name]);
  const save = names.filter((name) => page.unsaved && page[name] !== 'system');
  const pick = (from: Choices, which: readonly (keyof Choices)[]) => Object.fromEntries(which.map((name) => [name, from[name]])) as Partial<Choices>;
  return { page: pick(kept, names.filter((name) => !save.includes(name))), save: pick(page, save) };
}

/** Changes a choice on the page at once, and for the user when somebody is signed in. */
export async function choosePreferences(change: Readonly<Partial<Choices>>): Promise<void> {
  const signedIn = useSession.getState().token !== null;
  setPreferences({ ...change, unsaved: !signedIn });
  if (!signedIn) return;
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
    setPreferences({ ...page, unsaved: false });
    // A failed save loses nothing: the page keeps its choice, and the next one saves it.
    if (Object.keys(save).length > 0) choosePreferences(save).catch(() => undefined);
  }, [data, token]);
}
