// The whole page: theme, cache, and either the sign-in, the first steps or the shell with a section in it.
import { MantineProvider } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, type ComponentType } from 'react';
import { SessionPage } from './features/session/page';
import { CrashBoundary } from './ui/crash-boundary';
import { usePreferences } from './ui/preferences';
import { queryClient } from './ui/query-client';
import { useRoute, type Section } from './ui/route';
import { useSession } from './ui/session-store';
import { Shell } from './ui/shell/shell';
import { LoadingState } from './ui/states';
import { cssVariables, theme } from './ui/theme';

const FirstSteps = lazy(async () => ({ default: (await import('./features/first-steps/page')).FirstSteps }));
const OperationsDrawer = lazy(async () => ({ default: (await import('./features/operations/drawer')).OperationsDrawer }));

const loaders: Readonly<Record<Section, () => Promise<{ readonly default: ComponentType }>>> = {
  offers: async () => ({ default: (await import('./features/offers/page')).OffersPage }),
  instances: async () => ({ default: (await import('./features/instances/page')).InstancesPage }),
  snapshots: async () => ({ default: (await import('./snapshots-section')).SnapshotsSection }),
  schedules: async () => ({ default: (await import('./features/schedules/page')).SchedulesPage }),
  repositories: async () => ({ default: (await import('./features/repositories/page')).RepositoriesPage }),
  operations: async () => ({ default: (await import('./features/operations/page')).OperationsPage }),
  settings: async () => ({ default: (await import('./features/settings/page')).SettingsPage }),
};

const pages = Object.fromEntries(Object.entries(loaders).map(([section, load]) => [section, lazy(load)])) as unknown as Readonly<Record<Section, ComponentType>>;

/** Reads the other sections once the first is there: React holds back for 0.3 s what had to be waited for. */
function useSectionsAhead(): void {
  useEffect(() => {
    const asked = requestIdleCallback(() => void Promise.allSettled(Object.values(loaders).map((load) => load())), { timeout: 5000 });
    return () => cancelIdleCallback(asked);
  }, []);
}

function SignedIn() {
  const { section } = useRoute();
  useSectionsAhead();
  const Page = pages[section];
  return (
    <Shell drawer={<Suspense><OperationsDrawer /></Suspense>}>
      <Suspense fallback={<LoadingState />}><Page /></Suspense>
    </Shell>
  );
}

/** The root of the page. */
export function App() {
  const choice = usePreferences((preferences) => preferences.theme);
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', window.matchMedia('(prefers-color-scheme: dark)').matches) ?? false;
  const token = useSession((session) => session.token);
  const scheme = choice === 'system' ? (systemDark ? 'dark' : 'light') : choice;
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} forceColorScheme={scheme}>
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" limit={4} />
        <CrashBoundary>
          {token === null ? <SessionPage /> : <Suspense fallback={null}><SignedIn key={token} /><FirstSteps /></Suspense>}
        </CrashBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
