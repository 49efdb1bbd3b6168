// When no offer passes: says which single filter to drop, and what that would give.
import { Button, Group, Stack, Text } from '@mantine/core';
import { SearchX } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format';
import { relaxations } from './filter-offers';
import type { OfferCriteria } from './offer-criteria';
import type { PackedOffers } from './pack-offers';
import { changeCriteria, resetCriteria } from './use-offer-view';
import classes from './offers.module.css';

/** The empty grid, with the most useful way out first. */
export function NoOffers({ packed, criteria }: Readonly<{ packed: PackedOffers; criteria: OfferCriteria }>) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const ways = useMemo(() => relaxations(packed, criteria).slice(0, 4), [packed, criteria]);
  const none = packed.offers.length === 0;
  return (
    <Stack align="center" gap="xs" className={classes['nothing']}>
      <SearchX size={28} aria-hidden />
      <Text component="h2" fw={640}>{none ? t('empty.market') : t('empty.title')}</Text>
      <Text size="sm" c="dimmed">{none ? t('empty.market_text') : t('empty.text', { total: format.number(packed.offers.length) })}</Text>
      {!none && ways.length === 0 ? <Text size="sm" c="dimmed">{t('empty.several')}</Text> : null}
      <Group gap="xs" justify="center">
        {ways.map(({ name, count }) => (
          <Button key={name} variant="default" size="xs" onClick={() => changeCriteria({ [name]: undefined })}>
            {t('empty.relax', { count, number: format.number(count), filter: t(`filter.${name}`) })}
          </Button>
        ))}
        {none && !criteria.unverified ? <Button variant="default" size="xs" onClick={() => changeCriteria({ unverified: true })}>{t('empty.allow_unverified')}</Button> : null}
        {none ? null : <Button size="xs" onClick={resetCriteria}>{t('reset')}</Button>}
      </Group>
    </Stack>
  );
}
