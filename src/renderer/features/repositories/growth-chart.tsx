// Size over time: what is stored, and what it would be without compression; the same numbers as a table for who does not see the chart.
import { Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { RepositorySampleView } from '../../../contract/types';
import { useFormat } from '../../ui/format';
import { instants } from './instants';
import classes from './repositories.module.css';

const HEIGHT = 120;
/** The most rows of the table: the newest. */
const ROWS = 50;

/** A token of the theme as the canvas needs it. */
const token = (element: HTMLElement, name: string): string => getComputedStyle(element).getPropertyValue(name).trim();

interface ChartWords {
  readonly stored: string;
  readonly raw: string;
  readonly language: string;
  readonly bytes: (size: number) => string;
}

function drawChart(element: HTMLElement, samples: readonly RepositorySampleView[], words: ChartWords): UPlot {
  const times = samples.map((one) => Date.parse(one.at) / 1000);
  const instant = instants(words.language, times[0] ?? 0, times.at(-1) ?? 0);
  const axis = { stroke: token(element, '--mantine-color-dimmed'), grid: { stroke: token(element, '--app-line'), width: 1 }, ticks: { show: false }, font: `11px ${getComputedStyle(element).fontFamily}` };
  const options: UPlot.Options = {
    width: element.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { drag: { x: false, y: false } },
    axes: [{ ...axis, size: 28, values: (_chart, values) => instant(values) }, { ...axis, size: 64, values: (_chart, values) => values.map((value) => words.bytes(value)) }],
    scales: { y: { range: (_chart, _min, max) => [0, max === 0 ? 1 : max * 1.08] } },
    series: [
      {},
      { label: words.stored, stroke: token(element, '--app-accent'), fill: token(element, '--app-accent-soft'), width: 2, points: { show: samples.length < 12 } },
      { label: words.raw, stroke: token(element, '--mantine-color-dimmed'), width: 1.5, dash: [4, 4], points: { show: false } },
    ],
  };
  return new UPlot(options, [times, samples.map((one) => one.size_bytes), samples.map((one) => one.uncompressed_bytes)], element);
}

/** Drawn anew when the numbers, the width or the theme change. */
export function GrowthChart({ samples }: Readonly<{ samples: readonly RepositorySampleView[] }>) {
  const { t, i18n } = useTranslation('repositories');
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const stored = t('growth.stored');
  const raw = t('growth.uncompressed');
  useEffect(() => {
    const element = place.current;
    if (element === null || samples.length < 2) return undefined;
    let chart: UPlot | null = null;
    const draw = () => {
      chart?.destroy();
      chart = element.clientWidth > 0 ? drawChart(element, samples, { stored, raw, language: i18n.language, bytes: (size) => format.bytes(size) }) : null;
    };
    const resized = new ResizeObserver(draw);
    resized.observe(element);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      resized.disconnect();
      themed.disconnect();
      chart?.destroy();
    };
  }, [samples, stored, raw, format, i18n.language]);
  // One point is no line.
  if (samples.length < 2) return <Text size="xs" c="dimmed">{t('growth.none')}</Text>;
  return (
    <figure className={classes['growth']}>
      <figcaption>{t('growth.title')} <span><i data-line="stored" aria-hidden />{stored}</span> <span><i data-line="raw" aria-hidden />{raw}</span></figcaption>
      <div ref={place} aria-hidden className={classes['chart']} />
      <table className={classes['hidden']}>
        <caption>{t('growth.title')}</caption>
        <thead><tr><th>{t('growth.at')}</th><th>{stored}</th><th>{raw}</th><th>{t('growth.snapshots')}</th></tr></thead>
        <tbody>
          {samples.slice(-ROWS).map((one) => (
            <tr key={one.at}><td>{format.dateTime(one.at)}</td><td>{format.bytes(one.size_bytes)}</td><td>{format.bytes(one.uncompressed_bytes)}</td><td>{format.number(one.snapshot_count)}</td></tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
