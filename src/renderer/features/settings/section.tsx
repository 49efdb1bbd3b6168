// The rows that settings are made of: what it is at the left, the control at the right.
import { Text } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import type { Settings } from '../../../contract/types';
import classes from './settings.module.css';

/** Saves a change and says why when it could not be. */
export type SaveSetting = (change: Partial<Settings>) => void;

/** A group of settings with a heading. */
export function Section({ title, why, children }: Readonly<{ title: string; why?: string; children: ReactNode }>) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes['section']}>
      <div className={classes['sectionHead']}>
        <h2 id={id}>{title}</h2>
        {why === undefined ? null : <Text size="xs" c="dimmed">{why}</Text>}
      </div>
      <div className={classes['rows']}>{children}</div>
    </section>
  );
}

/** One setting. */
export function Row({ title, why, children }: Readonly<{ title: string; why?: ReactNode; children: ReactNode }>) {
  return (
    <div className={classes['row']}>
      <div>
        <Text size="sm" fw={560}>{title}</Text>
        {why === undefined ? null : <Text size="xs" c="dimmed" component="div">{why}</Text>}
      </div>
      <div className={classes['control']}>{children}</div>
    </div>
  );
}
