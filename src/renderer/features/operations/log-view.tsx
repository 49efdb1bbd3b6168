// The log of an operation as plain text: remote lines marked, characters that could deceive made visible.
// oxlint-disable jsx-a11y/no-noninteractive-tabindex, react/incompatible-library -- what scrolls must be reachable by keyboard; the virtualiser's functions are not memoised here.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogLine } from '../../../contract/types';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import classes from './operations.module.css';

/** Pixels from the end within which new lines keep the end in sight. */
const NEAR_END = 40;

/** A virtual list of lines that stays at its end while the reader is there. */
export function LogView({ lines }: Readonly<{ lines: readonly LogLine[] }>) {
  const { t } = useTranslation('operations');
  const format = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => 20, overscan: 20 });
  useEffect(() => {
    if (atEnd.current && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [lines.length, virtual]);
  const onScroll = () => {
    const { current } = box;
    if (current !== null) atEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_END;
  };
  return (
    <div ref={box} role="log" aria-label={t('log.title')} aria-live="off" tabIndex={0} className={classes['log']} onScroll={onScroll}>
      {lines.length === 0 ? <p className={classes['logEmpty']}>{t('log.empty')}</p> : null}
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          return line === undefined ? null : (
            <div key={index} data-index={index} ref={virtual.measureElement} className={classes['line']} data-level={line.level} data-src={line.src} style={{ transform: `translateY(${start}px)` }}>
              <time dateTime={line.at} className={classes['lineTime']}>{format.clock(line.at)}</time>
              {line.src === 'remote' ? <span className={classes['remote']} title={t('log.remoteWhy')}>{t('log.remote')}</span> : null}
              <bdi className={classes['lineText']}>{visible(line.text)}</bdi>
            </div>
          );
        })}
      </div>
    </div>
  );
}
