// Why nothing was rented, in words, and the next step: another offer, the new price, or where to look.
import { Alert, Button, Group, Text } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '../../../contract';
import { errorOf } from '../../client';
import { useErrorWords, visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { navigate } from '../../ui/route';
import { placeName } from './offer-columns';
import { agreedPrice } from './rent-costs';
import { nextBest } from './similar-offers';
import { useOfferView } from './use-offer-view';

export interface RentRefusalProps {
  readonly error: unknown;
  readonly offer: Offer;
  readonly held: readonly Offer[];
  readonly diskGb: number;
  readonly onOffer: (offer: Offer) => void;
  /** Tries again at up to this many $/h. */
  readonly onAccept: (most: number) => void;
}

function Gone({ offer, held, diskGb, onOffer }: Omit<RentRefusalProps, 'error' | 'onAccept'>) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const gone = useOfferView((view) => view.gone);
  const next = useMemo(() => nextBest(held, offer, new Set([...gone, offer.id]), diskGb), [held, offer, gone, diskGb]);
  return (
    <>
      <Text size="sm">{t('dialog.gone')}</Text>
      {next === null ? <Text size="sm">{t('dialog.gone_none')}</Text> : (
        <Group gap="xs" mt="xs">
          <Text size="sm">{t('dialog.gone_next', { gpu: `${next.num_gpus}× ${visible(next.gpu_name)}`, place: next.geolocation === null ? t('unknown_place') : visible(placeName(next.geolocation)), price: format.money(next.dph_total, 3) })}</Text>
          <Button size="xs" variant="default" onClick={() => onOffer(next)}>{t('dialog.take_next')}</Button>
        </Group>
      )}
    </>
  );
}

const numberIn = (data: Readonly<Record<string, unknown>>, name: string): number | null => (typeof data[name] === 'number' ? data[name] : null);

/** The refusal of a rental. */
export function RentRefusal(props: RentRefusalProps) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const { code, data } = errorOf(props.error);
  const words = useErrorWords()(props.error);
  const now = numberIn(data, 'dph_total');
  const credit = numberIn(data, 'credit');
  const operation = data['operation_id'];
  const content = (): React.ReactNode => {
    if (code === 'offer_gone') return <Gone {...props} />;
    if (code === 'price_changed' && now !== null) {
      return (
        <>
          <Text size="sm">{t('dialog.price_changed', { now: format.money(now, 3), shown: format.money(numberIn(data, 'shown_dph'), 3) })}</Text>
          <Button size="xs" variant="default" mt="xs" onClick={() => props.onAccept(agreedPrice(now))}>{t('dialog.accept_price', { price: format.money(now, 3) })}</Button>
        </>
      );
    }
    if (code === 'insufficient_credit') return <Text size="sm">{credit === null ? t('dialog.insufficient_unknown') : t('dialog.insufficient', { credit: format.money(credit, 2) })}</Text>;
    if (code === 'rent_unconfirmed') {
      return (
        <>
          <Text size="sm">{t('dialog.unconfirmed')}</Text>
          {typeof operation === 'string' ? <Button size="xs" variant="default" mt="xs" onClick={() => navigate('operations', operation)}>{t('dialog.see_operation')}</Button> : null}
        </>
      );
    }
    return <Text size="sm"><strong>{words.what}</strong> {words.kept} {words.advice}</Text>;
  };
  return <Alert role="alert" color={code === 'rent_unconfirmed' ? 'amber' : 'red'} variant="light" icon={<CircleAlert size={16} aria-hidden />}>{content()}</Alert>;
}
