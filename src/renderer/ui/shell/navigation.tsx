// The sections: a rail at the left, or a bar at the bottom when the window is narrow.
import { Tooltip } from '@mantine/core';
import { Activity, Archive, CalendarClock, Database, Search, Server, Settings as Cog, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { routeHash, sections, useRoute, type Section } from '../route';
import { keysOf } from './commands';
import classes from './shell.module.css';

/** One icon per section. */
export const sectionIcons: Readonly<Record<Section, LucideIcon>> = { offers: Search, instances: Server, snapshots: Archive, schedules: CalendarClock, repositories: Database, operations: Activity, settings: Cog };

/** Links to the sections. */
export function Navigation() {
  const { t } = useTranslation();
  const { section: current } = useRoute();
  return (
    <nav aria-label={t('nav.label')} className={classes['nav']}>
      {sections.map((section) => {
        const Icon = sectionIcons[section];
        return (
          <Tooltip key={section} label={`${t(`nav.${section}`)}  ${keysOf(section)}`} position="right">
            <a href={routeHash(section)} aria-label={t(`nav.${section}`)} aria-current={current === section ? 'page' : undefined} className={classes['navItem']} data-section={section}>
              <Icon size={17} strokeWidth={1.9} aria-hidden />
              <span className={classes['navText']}>{t(`nav.${section}`)}</span>
            </a>
          </Tooltip>
        );
      })}
    </nav>
  );
}
