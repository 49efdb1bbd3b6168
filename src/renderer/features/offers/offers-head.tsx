// Above the offers: how many there are, how old the prices are, the search, and what was dropped.
import { ActionIcon, Button, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { RotateCw, Search, SlidersHorizontal, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useErrorWords } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { useNow } from '../../ui/relative-time';
import { changeCriteria } from './use-offer-view';
import type { useOffers } from './use-offers';
import classes from './offers.module.css';

type Market = ReturnType<typeof useOffers>;

/** Prices older than this (ms) are said to be old: on a market that moves by the minute. */
const oldAfter = 10 * 60_000;

function SearchField({ value }: Readonly<{ value: string }>) {
  const { t } = useTranslation('offers');
  return (
    <TextInput
      className={classes['search']} data-filter aria-label={t('search')} placeholder={t('search_example')} leftSection={<Search size={15} aria-hidden />} value={value} type="search" maxLength={100}
      onChange={(event) => changeCriteria({ search: event.currentTarget.value })}
    />
  );
}

function Age({ market }: Readonly<{ market: Market }>) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const now = useNow(10_000);
  const { held, isFetching, askAgain } = market;
  const old = held?.fetchedAt !== null && held?.fetchedAt !== undefined && now - Date.parse(held.fetchedAt) > oldAfter;
  return (
    <Group gap={6} wrap="nowrap">
      {held?.fetchedAt ? (
        <Tooltip label={old ? t('old') : format.dateTime(held.fetchedAt)}>
          <Text size="xs" c={old ? 'var(--app-warn)' : 'dimmed'} className={classes['age']}>
            {t('as_of', { ago: format.relative(held.fetchedAt, now) })}
            {held.allocatedStorage === null ? '' : ` · ${t('prices_for', { disk: format.gb(held.allocatedStorage) })}`}
          </Text>
        </Tooltip>
      ) : null}
      <Tooltip label={t('refresh')}>
        <ActionIcon variant="default" size="lg" aria-label={t('refresh')} onClick={askAgain} loading={isFetching} data-refresh><RotateCw size={15} aria-hidden /></ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** Rows that were dropped, and a rest that did not come. */
export function MarketNotes({ market }: Readonly<{ market: Market }>) {
  const { t } = useTranslation('offers');
  const words = useErrorWords();
  const { held, restFailed, error, fetchRest } = market;
  const notes = [
    ...(held !== null && held.notAskedFor > 0 ? [t('not_asked_for', { count: held.notAskedFor })] : []),
    ...(held !== null && held.unreadable > 0 ? [t('unreadable', { count: held.unreadable })] : []),
  ];
  if (notes.length === 0 && !restFailed) return null;
  return (
    <div className={classes['notes']} aria-live="polite">
      <TriangleAlert size={14} aria-hidden />
      <span>{notes.join(' ')}</span>
      {restFailed ? <><span>{t('rest_failed', { reason: words(error).what })}</span><Button size="compact-xs" variant="default" onClick={() => void fetchRest()}>{t('again')}</Button></> : null}
    </div>
  );
}

export interface OffersHeadProps {
  readonly market: Market;
  readonly shown: number;
  readonly search: string;
  readonly active: number;
  /** Opens the filters where the rail does not fit; absent where it is shown. */
  readonly onFilters?: () => void;
}

/** Title, counts, search and age. */
export function OffersHead({ market, shown, search, active, onFilters }: OffersHeadProps) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const { held } = market;
  const count = held?.packed.offers.length ?? 0;
  return (
    <div className={classes['head']}>
      <Group gap="sm" align="baseline" wrap="nowrap" className={classes['title']}>
        <h1>{t('title')}</h1>
        {held === null ? null : (
          <Text size="sm" c="dimmed" aria-live="polite" className="app-number" data-testid="offers-count">
            {t('shown', { count: shown, number: format.number(shown) })} {shown === count ? '' : t('of_held', { total: format.number(count) })}
            {count < held.total ? ` · ${t('loading_more', { held: format.number(count), total: format.number(held.total) })}` : ''}
          </Text>
        )}
      </Group>
      <SearchField value={search} />
      {onFilters === undefined ? null : <Button variant="default" leftSection={<SlidersHorizontal size={15} aria-hidden />} onClick={onFilters}>{active === 0 ? t('filters') : t('filters_count', { count: active })}</Button>}
      <Age market={market} />
    </div>
  );
}
