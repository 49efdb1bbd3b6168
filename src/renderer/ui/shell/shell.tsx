// The frame around every section: navigation, money, running operations, the menu, the offline banner.
import { Badge, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { query } from '../../client';
import { CrashBoundary } from '../crash-boundary';
import { useLiveUpdates } from '../live';
import { Logo } from '../logo';
import { usePreferenceSync } from '../preferences-sync';
import { useRoute } from '../route';
import { MoneyBar } from './money-bar';
import { Navigation } from './navigation';
import { OfflineBanner } from './offline-banner';
import { RunningOperations } from './running-operations';
import { ShortcutSheet } from './shortcuts';
import { useCommands } from './use-commands';
import { UserMenu } from './user-menu';
import classes from './shell.module.css';

const loadPalette = () => import('./palette');
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));
/** Ms after the first paint at which the palette is fetched, so that no key typed after Ctrl/Cmd+K is lost. */
const PALETTE_AFTER_MS = 2_000;

/** The title of the window, and the focus, follow the section. */
function useSectionFocus(): React.RefObject<HTMLElement | null> {
  const { t } = useTranslation();
  const { section } = useRoute();
  const main = useRef<HTMLElement>(null);
  const before = useRef(section);
  useEffect(() => {
    document.title = `${t(`nav.${section}`)} · ${t('app')}`;
    if (before.current !== section) main.current?.focus({ preventScroll: true });
    before.current = section;
  }, [section, t]);
  return main;
}

/** The signed-in app. `children` is the section; `drawer` stands beside it. */
export function Shell({ children, drawer }: Readonly<{ children: ReactNode; drawer: ReactNode }>) {
  const { t } = useTranslation();
  const { section } = useRoute();
  const [sheet, setSheet] = useState(false);
  const showSheet = useCallback(() => setSheet(true), []);
  const [asked, setAsked] = useState(0);
  const showPalette = useCallback(() => setAsked((times) => times + 1), []);
  useEffect(() => {
    const timer = setTimeout(() => void loadPalette(), PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const main = useSectionFocus();
  useLiveUpdates();
  usePreferenceSync();
  const overlays = useMemo(() => ({ showPalette, showSheet }), [showPalette, showSheet]);
  useCommands(overlays);
  const { data: settings } = useQuery(query.settings.get.queryOptions());
  return (
    <div className={classes['shell']}>
      <a href="#main" className={classes['skip']} onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>{t('nav.skip')}</a>
      <aside className={classes['rail']}>
        <div className={classes['brand']}><Logo /><span>{t('app')}</span></div>
        <Navigation />
        <div className={classes['railFoot']}>
          {settings?.demo === true ? <Tooltip label={t('bar.demoHint')}><Badge variant="light" color="amber" size="sm" tabIndex={0}>{t('bar.demo')}</Badge></Tooltip> : null}
          {settings === undefined ? null : <span className="app-dim">{settings.version}</span>}
        </div>
      </aside>
      <div className={classes['column']}>
        <header className={classes['bar']}>
          <MoneyBar />
          <div className={classes['barEnd']}>
            <RunningOperations />
            <UserMenu onShortcuts={showSheet} />
          </div>
        </header>
        <OfflineBanner />
        <main ref={main} id="main" tabIndex={-1} className={classes['main']} aria-label={t(`nav.${section}`)}>
          <CrashBoundary key={section}>{children}</CrashBoundary>
        </main>
      </div>
      {drawer}
      {asked === 0 ? null : <Suspense><Palette asked={asked} overlays={overlays} /></Suspense>}
      <ShortcutSheet opened={sheet} onClose={() => setSheet(false)} />
    </div>
  );
}
