// The offers page: everything the search gave, filtered and sorted here, with details and the rent dialog.
import { Drawer } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { KeyRound, PanelRight, Search } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '../../../contract';
import { visible } from '../../ui/error-message';
import { ErrorState, LoadingState, StaleNote } from '../../ui/states';
import { VirtualTable } from '../../ui/virtual-table';
import { FilterRail } from './filter-rail';
import { NoOffers } from './no-offers';
import { activeCriteria, searchOf, type OfferCriteria } from './offer-criteria';
import { useOfferColumns } from './offer-columns';
import { OfferDetails } from './offer-details';
import { MarketNotes, OffersHead } from './offers-head';
import type { OfferColumn } from './pack-offers';
import { RentDialog } from './rent-dialog';
import { viewOffers } from './sort-offers';
import { changeCriteria, changeSort, forgetGone, openOffer, useOfferAddress, useOfferView } from './use-offer-view';
import { useOffers, type HeldOffers } from './use-offers';
import classes from './offers.module.css';

/** Pixels below which the rail becomes a drawer, and below which the grid shows fewer columns. */
const railFits = '(min-width: 68.75em)';
const gridFits = '(min-width: 48em)';

const offerKey = (offer: Offer): number => offer.id;

/** The rows in view; worked out after the keystroke has been painted. */
const useRows = (held: HeldOffers | null, criteria: OfferCriteria): readonly Offer[] => {
  const sort = useOfferView((view) => view.sort);
  const gone = useOfferView((view) => view.gone);
  const deferred = useDeferredValue(criteria);
  return useMemo(() => {
    if (held === null) return [];
    const { offers } = held.packed;
    const rows = Array.from(viewOffers(held.packed, deferred, sort), (index) => offers[index]!);
    return gone.size === 0 ? rows : rows.filter((offer) => !gone.has(offer.id));
  }, [held, deferred, sort, gone]);
};

interface GridProps {
  readonly rows: readonly Offer[];
  readonly held: HeldOffers;
  readonly criteria: OfferCriteria;
  readonly selected: number | null;
  readonly narrow: boolean;
  readonly onRent: (offer: Offer) => void;
}

function Grid({ rows, held, criteria, selected, narrow, onRent }: GridProps) {
  const { t } = useTranslation('offers');
  const columns = useOfferColumns(narrow);
  const sort = useOfferView((view) => view.sort);
  const rowMenu = (offer: Offer) => ({
    label: `${visible(offer.gpu_name)} · ${offer.id}`,
    actions: [
      { id: 'details', label: t('menu.details'), icon: PanelRight, onClick: () => openOffer(offer.id) },
      { id: 'rent', label: t('menu.rent'), icon: KeyRound, onClick: () => onRent(offer) },
      { id: 'same', label: t('menu.same', { gpu: visible(offer.gpu_name) }), icon: Search, onClick: () => changeCriteria({ search: offer.gpu_name }) },
    ],
  });
  return (
    <VirtualTable
      rowMenu={rowMenu}
      label={t('grid')} rows={rows} columns={columns} rowKey={offerKey} sort={{ id: sort.column, descending: sort.descending }} selectedKey={selected} onOpen={(offer) => openOffer(offer.id)}
      onSort={({ id, descending }) => changeSort({ column: id as OfferColumn, descending })} empty={<NoOffers packed={held.packed} criteria={criteria} />}
    />
  );
}

/** `#/offers`, `#/offers/ID` with the details open. */
export function OffersPage() {
  const { t } = useTranslation(['offers', 'common']);
  const opened = useOfferAddress();
  const criteria = useOfferView((view) => view.criteria);
  const search = useMemo(() => searchOf(criteria), [criteria]);
  const market = useOffers(search);
  const { held } = market;
  const rows = useRows(held, criteria);
  const hasRail = useMediaQuery(railFits, true);
  const wide = useMediaQuery(gridFits, true);
  const [filtersOpened, filters] = useDisclosure(false);
  const [renting, setRenting] = useState<Offer | null>(null);
  const chosen = useMemo(() => (opened === null ? null : (held?.packed.offers.find((offer) => offer.id === opened) ?? null)), [held, opened]);
  const refresh = (): void => {
    forgetGone();
    market.askAgain();
  };
  const rail = <FilterRail criteria={criteria} packed={held?.packed ?? null} />;
  return (
    <div className={classes['page']}>
      <OffersHead market={{ ...market, askAgain: refresh }} shown={rows.length} search={criteria.search ?? ''} active={activeCriteria(criteria).length} {...(hasRail ? {} : { onFilters: filters.open })} />
      <MarketNotes market={market} />
      {held !== null && market.error !== null && !market.restFailed ? <StaleNote at={held.fetchedAt} error={market.error} onRetry={refresh} /> : null}
      <div className={classes['body']}>
        {hasRail ? <aside className={classes['rail']} aria-label={t('filters')}>{rail}</aside> : null}
        <div className={classes['grid']} data-old={market.isOld || undefined} aria-busy={market.isOld}>
          {held !== null ? <Grid rows={rows} held={held} criteria={criteria} selected={opened} narrow={!wide} onRent={setRenting} /> : null}
          {held === null && market.error !== null ? <ErrorState error={market.error} onRetry={refresh} /> : null}
          {held === null && market.error === null ? <LoadingState rows={14} /> : null}
        </div>
      </div>
      <Drawer opened={filtersOpened && !hasRail} onClose={filters.close} title={t('filters')} size={320} closeButtonProps={{ 'aria-label': t('common:close') }}>{rail}</Drawer>
      <OfferDetails offer={chosen} id={opened} opened={opened !== null && held !== null && renting === null} onRent={setRenting} onClose={() => openOffer(null)} />
      {renting === null ? null : <RentDialog key={renting.id} offer={renting} held={held?.packed.offers ?? []} onOffer={setRenting} onClose={() => setRenting(null)} />}
    </div>
  );
}
