// The columns of the offers grid: what each shows, how wide it is, and how it reads.
import { Building2, Pin, ShieldCheck, ShieldOff } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Offer } from '../../../contract';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import type { TableColumn } from '../../ui/virtual-table';
import type { OfferColumn } from './pack-offers';
import classes from './offers.module.css';

type Format = ReturnType<typeof useFormat>;

/** Formatters of the grid, made once for a language: making one costs more than drawing a row. */
const gridFormats = (language: string) => {
  // Always as many digits after the point, so that a column can be read downwards.
  const dollars = new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const shares = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return {
    price: (amount: number): string => dollars.format(amount),
    share: (value: number | null): string => (value === null ? '–' : shares.format(value)),
    tenths: (value: number | null): string => (value === null ? '–' : tenths.format(value)),
  };
};

/** A place as people write it: the market says `, US` where it knows the country only. */
export const placeName = (geolocation: string): string => geolocation.replace(/^[\s,]+/, '');

/** Memory as it is sold: the market's MB are MiB, and 24564 of them are a card of 24 GB. */
export const memory = (format: Format, megabytes: number | null): string => (megabytes === null ? '–' : format.gb(Math.round(megabytes / 1024)));

const dim = (text: string): ReactNode => <span className="app-dim">{text}</span>;

/** Network speed in words: Mbit/s up to a thousand, then Gbit/s. */
export const speed = (format: Format, megabits: number | null): string =>
  megabits === null ? '–' : megabits >= 1000 ? `${format.number(megabits / 1000, 1)} Gbit/s` : `${format.number(megabits)} Mbit/s`;

const cells = (format: Format, { price, share, tenths }: ReturnType<typeof gridFormats>, place: (offer: Offer) => string): Readonly<Record<Exclude<OfferColumn, 'storage_cost' | 'total_flops' | 'score' | 'marks'>, (offer: Offer) => ReactNode>> => ({
  gpu_name: (offer) => <strong className={classes['gpu']}>{visible(offer.gpu_name)}</strong>,
  num_gpus: (offer) => (offer.num_gpus === 1 ? dim('1×') : <strong>{offer.num_gpus}×</strong>),
  gpu_ram: (offer) => memory(format, offer.gpu_ram),
  price: (offer) => <strong>{price(offer.dph_total)}</strong>,
  dlperf: (offer) => tenths(offer.dlperf),
  dlperf_per_dphtotal: (offer) => format.number(offer.dlperf_per_dphtotal),
  reliability: (offer) => share(offer.reliability),
  cpu_cores_effective: (offer) => format.number(offer.cpu_cores_effective, 1),
  cpu_ram: (offer) => memory(format, offer.cpu_ram),
  disk_space: (offer) => format.gb(offer.disk_space),
  inet_down: (offer) => speed(format, offer.inet_down),
  inet_up: (offer) => speed(format, offer.inet_up),
  inet_down_cost: (offer) => (offer.inet_down_cost === 0 ? dim(format.money(0)) : format.money(offer.inet_down_cost)),
  inet_up_cost: (offer) => (offer.inet_up_cost === 0 ? dim(format.money(0)) : format.money(offer.inet_up_cost)),
  geolocation: (offer) => (offer.geolocation === null ? dim(place(offer)) : place(offer)),
  cuda_max_good: (offer) => (offer.cuda_max_good === null ? '–' : offer.cuda_max_good.toFixed(1)),
  duration: (offer) => format.duration(offer.duration),
});

const widths: Readonly<Record<string, readonly [width: number, align: 'start' | 'end', grow?: number]>> = {
  gpu_name: [146, 'start'], num_gpus: [62, 'end'], gpu_ram: [74, 'end'], price: [112, 'end'], dlperf: [76, 'end'], dlperf_per_dphtotal: [72, 'end'], reliability: [78, 'end'],
  cpu_cores_effective: [60, 'end'], cpu_ram: [92, 'end'], disk_space: [80, 'end'], inet_down: [104, 'end'], inet_up: [104, 'end'], inet_down_cost: [104, 'end'],
  inet_up_cost: [104, 'end'], geolocation: [150, 'start', 1], cuda_max_good: [66, 'end'], duration: [120, 'end'], marks: [88, 'start'],
};

const wideOrder = [
  'gpu_name', 'num_gpus', 'gpu_ram', 'price', 'dlperf_per_dphtotal', 'dlperf', 'reliability', 'marks', 'geolocation', 'cpu_cores_effective', 'cpu_ram', 'disk_space', 'inet_down', 'inet_up',
  'inet_down_cost', 'inet_up_cost', 'cuda_max_good', 'duration',
] as const;
const narrowOrder = ['gpu_name', 'num_gpus', 'price', 'gpu_ram', 'dlperf_per_dphtotal', 'reliability', 'geolocation', 'marks'] as const;

function Marks({ offer }: Readonly<{ offer: Offer }>) {
  const { t } = useTranslation('offers');
  const marks = [
    { name: offer.verified ? ('verified' as const) : ('unverified' as const), Icon: offer.verified ? ShieldCheck : ShieldOff, shown: true, tone: offer.verified ? 'ok' : 'warn' },
    { name: 'datacenter' as const, Icon: Building2, shown: offer.datacenter, tone: 'plain' },
    { name: 'static_ip' as const, Icon: Pin, shown: offer.static_ip, tone: 'plain' },
  ];
  return (
    <span className={classes['marks']}>
      {marks.filter(({ shown }) => shown).map(({ name, Icon, tone }) => (
        // A tooltip of the kit for each mark of each row would cost more than the row.
        <span key={name} data-tone={tone} title={t(`mark.${name}`)}><Icon size={15} aria-hidden /><span className="app-hidden">{t(`mark.${name}`)}</span></span>
      ))}
    </span>
  );
}

/** The columns in the page's language; fewer on a narrow screen. Stable between renders. */
export function useOfferColumns(narrow: boolean): readonly TableColumn<Offer>[] {
  const { t } = useTranslation('offers');
  const format = useFormat();
  return useMemo(() => {
    const explained = ['price', 'dlperf', 'dlperf_per_dphtotal', 'cpu_ram', 'duration', 'inet_down_cost', 'inet_up_cost'] as const;
    const shown = cells(format, gridFormats(format.language), (offer) => (offer.geolocation === null ? t('unknown_place') : visible(placeName(offer.geolocation))));
    return (narrow ? narrowOrder : wideOrder).map((id) => {
      const [width, align, grow] = widths[id] ?? [80, 'start'];
      const hint = explained.find((known) => known === id);
      return {
        id, header: t(`column.${id}`), width, align, sortable: true,
        ...(grow === undefined ? {} : { grow }),
        ...(hint === undefined ? {} : { hint: t(`explain.${hint}`) }),
        cell: id === 'marks' ? (offer: Offer) => <Marks offer={offer} /> : (offer: Offer) => <span className="app-number">{shown[id](offer)}</span>,
      };
    });
  }, [narrow, format, t]);
}
