// The whole page: theme, cache, and either the sign-in, the first steps or the shell with a section in it.
import { MantineProvider } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, type ComponentType } from 'react';
import { CrashBoundary } from './ui/crash-boundary';
import { usePreferences } from './ui/preferences';
import { queryClient } from './ui/query-client';
import { useRoute, type Section } from './ui/route';
import { useSession } from './ui/session-store';
import { Shell } from './ui/shell/shell';
import { LoadingState } from './ui/states';
import { cssVariables, theme } from './ui/theme';

// Every page begins with it: asked for beside the words, not after them.
const sessionPage = import('./features/session/page');
const SessionPage = lazy(async () => ({ default: (await sessionPage).SessionPage }));
const FirstSteps = lazy(async () => ({ default: (await import('./features/first-steps/page')).FirstSteps }));
const OperationsDrawer = lazy(async () => ({ default: (await import('./features/operations/drawer')).OperationsDrawer }));

const pages: Readonly<Record<Section, ComponentType>> = {
  offers: lazy(async () => ({ default: (await import('./features/offers/page')).OffersPage })),
  instances: lazy(async () => ({ default: (await import('./features/instances/page')).InstancesPage })),
  snapshots: lazy(async () => ({ default: (await import('./snapshots-section')).SnapshotsSection })),
  schedules: lazy(async () => ({ default: (await import('./features/schedules/page')).SchedulesPage })),
  repositories: lazy(async () => ({ default: (await import('./features/repositories/page')).RepositoriesPage })),
  operations: lazy(async () => ({ default: (await import('./features/operations/page')).OperationsPage })),
  settings: lazy(async () => ({ default: (await import('./features/settings/page')).SettingsPage })),
};

function SignedIn() {
  const { section } = useRoute();
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
          <Suspense fallback={null}>{token === null ? <SessionPage /> : <><SignedIn key={token} /><FirstSteps /></>}</Suspense>
        </CrashBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
