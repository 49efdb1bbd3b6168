// The figures of an instance: how long, how loaded, how warm, how full, where, with which image.
import { Progress } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instance } from '../../../contract';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { RelativeTime, useNow } from '../../ui/relative-time';
import classes from './instances.module.css';

/** Degrees Celsius that fill the bar, and from which a card is hot: vendors throttle at 83 to 93. */
const hottest = 100;
const hot = 84;

function Fact({ name, children }: Readonly<{ name: string; children: ReactNode }>) {
  return <div className={classes['fact']}><dt>{name}</dt><dd>{children}</dd></div>;
}

function Meter({ name, value, most, words, warn }: Readonly<{ name: string; value: number | null; most: number; words: string; warn: boolean }>) {
  return (
    <Fact name={name}>
      <span>{words}</span>
      {value === null ? null : <Progress value={Math.min(100, (value / most) * 100)} size={4} color={warn ? 'amber' : 'petrol'} aria-label={name} />}
    </Fact>
  );
}

/** Uptime that counts on between two looks at the list. */
function Uptime({ seconds, asOf }: Readonly<{ seconds: number; asOf: string }>) {
  const format = useFormat();
  const now = useNow(15_000);
  return <>{format.duration(seconds + Math.max(0, (now - Date.parse(asOf)) / 1000))}</>;
}

/** The row of figures; load and heat only while it runs. */
export function InstanceFacts({ instance, asOf }: Readonly<{ instance: Instance; asOf: string }>) {
  const { t } = useTranslation('instances');
  const format = useFormat();
  const runs = instance.state === 'running';
  const none = t('fact.not_reported');
  const { disk_space: disk, disk_usage: used, gpu_util: load, gpu_temp: heat } = instance;
  return (
    <dl className={classes['facts']}>
      {runs && instance.uptime_s !== null ? <Fact name={t('fact.uptime')}><Uptime seconds={instance.uptime_s} asOf={asOf} /></Fact> : <Fact name={t('fact.rented')}><RelativeTime at={instance.start_date} /></Fact>}
      {runs ? <Meter name={t('fact.gpu_load')} value={load} most={100} words={load === null ? none : format.percent(load / 100)} warn={false} /> : null}
      {runs ? <Meter name={t('fact.gpu_temp')} value={heat} most={hottest} words={heat === null ? none : t('fact.degrees', { degrees: format.number(heat) })} warn={heat !== null && heat >= hot} /> : null}
      <Meter name={t('fact.disk')} value={used} most={disk ?? 1} warn={used !== null && disk !== null && used / disk > 0.9} words={used === null || disk === null ? format.gb(disk) : t('fact.disk_used', { used: format.gb(used), all: format.gb(disk) })} />
      <Fact name={t('fact.place')}>{instance.geolocation === null ? none : visible(instance.geolocation.replace(/^[\s,]+/, ''))}</Fact>
      <Fact name={t('fact.image')}><span className="app-mono" title={visible(instance.image ?? '')}>{instance.image === null ? none : visible(instance.image)}</span></Fact>
      {instance.end_date === null ? null : <Fact name={t('fact.ends')}><RelativeTime at={instance.end_date} /></Fact>}
    </dl>
  );
}
