// The cache of what main knows. Hints of events.watch make it ask again; nothing patches it but progress.
import { QueryClient } from '@tanstack/react-query';
import { errorOf } from '../client';
import { useSession } from './session-store';

/** The page's one query cache. `networkMode: always`, because the app is on this computer whatever the network does. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 2 && errorOf(error).code === 'offline',
      retryDelay: (failures) => 500 * 2 ** failures,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

// What one user was shown must not be there for the next.
useSession.subscribe((now, before) => {
  if (now.token !== before.token) queryClient.clear();
});
