// Everything the market says about one offer, in words and units.
import { Badge, Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Offer } from '../../../contract';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { memory, placeName, speed } from './offer-columns';
import classes from './offers.module.css';

type Fact = readonly [name: string, value: string | null];

function Facts({ title, facts }: Readonly<{ title: string; facts: readonly Fact[] }>) {
  const { t } = useTranslation('offers');
  return (
    <section>
      <Text component="h3" fw={640} size="sm" mb={4}>{title}</Text>
      <dl className={classes['facts']}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={value === null ? 'app-dim' : undefined}>{value === null ? t('details.unknown') : visible(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** All facts of an offer, in four groups; null where the market did not say. */
const useFacts = (offer: Offer): readonly (readonly [title: string, facts: readonly Fact[]])[] => {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const say = <Value,>(value: Value | null, words: (value: Value) => string): string | null => (value === null ? null : words(value));
  const yes = (is: boolean): string => (is ? t('details.yes') : t('details.no'));
  const perGb = (price: number): string => t('details.per_gb', { price: format.money(price) });
  const gb = (megabytes: number): string => memory(format, megabytes);
  return [
    [t('details.money'), [
      [t('details.running'), format.perHour(offer.dph_total)],
      [t('details.gpus_only'), format.perHour(offer.dph_base)],
      ...(offer.min_bid === null || !offer.is_bid ? [] : [[t('details.min_bid'), format.perHour(offer.min_bid)] as Fact]),
      [t('details.disk_month'), t('details.per_gb_month', { price: format.money(offer.storage_cost) })],
      [t('details.traffic_in'), say(offer.inet_down_cost, perGb)],
      [t('details.traffic_out'), say(offer.inet_up_cost, perGb)],
      [t('details.type'), offer.is_bid ? t('type.interruptible') : t('type.on_demand')],
    ]],
    [t('details.gpu'), [
      [t('details.vram'), offer.num_gpus === 1 ? gb(offer.gpu_ram) : t('details.vram_each', { each: gb(offer.gpu_ram), all: gb(offer.gpu_total_ram) })],
      [t('details.bandwidth'), say(offer.gpu_mem_bw, (value) => `${format.number(value)} GB/s`)],
      [t('details.dlperf'), say(offer.dlperf, (value) => format.number(value, 1))],
      [t('details.dlperf_dollar'), say(offer.dlperf_per_dphtotal, (value) => format.number(value, 1))],
      [t('details.flops'), say(offer.total_flops, (value) => `${format.number(value, 1)} TFLOPS`)],
      [t('details.score'), say(offer.score, (value) => format.number(value, 1))],
      [t('details.cuda'), say(offer.cuda_max_good, (value) => value.toFixed(1))],
      [t('details.driver'), offer.driver_version],
      [t('details.arch'), offer.gpu_arch],
      [t('details.compute'), say(offer.compute_cap, (value) => (value / 100).toFixed(1))],
      [t('details.pcie'), say(offer.pcie_bw, (value) => `${format.number(value, 1)} GB/s`)],
    ]],
    [t('details.machine'), [
      [t('details.cpu'), offer.cpu_name],
      [t('details.cores'), say(offer.cpu_cores_effective, (value) => format.number(value, 1))],
      [t('details.ram'), say(offer.cpu_ram, gb)],
      [t('details.disk'), format.gb(offer.disk_space)],
      [t('details.disk_speed'), say(offer.disk_bw, (value) => `${format.number(value)} MB/s${offer.disk_name === null ? '' : ` (${offer.disk_name})`}`)],
    ]],
    [t('details.network'), [
      [t('details.down'), say(offer.inet_down, (value) => speed(format, value))],
      [t('details.up'), say(offer.inet_up, (value) => speed(format, value))],
      [t('details.ports'), say(offer.direct_port_count, (value) => format.number(value))],
      [t('details.static_ip'), yes(offer.static_ip)],
    ]],
    [t('details.host'), [
      [t('details.place'), say(offer.geolocation, placeName)],
      [t('details.reliability'), say(offer.reliability, (value) => format.percent(value, 2))],
      [t('details.duration'), say(offer.duration, format.duration)],
      [t('details.verified'), yes(offer.verified)],
      [t('details.datacenter'), yes(offer.datacenter)],
      [t('details.machine_id'), String(offer.machine_id)],
      [t('details.host_id'), say(offer.host_id, String)],
    ]],
  ];
};

function Content({ offer, onRent }: Readonly<{ offer: Offer; onRent: (offer: Offer) => void }>) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const facts = useFacts(offer);
  return (
    <Stack gap="lg">
      <Group justify="space-between" className={classes['detailsHead']}>
        <div>
          <Text fz={22} fw={680} lh={1.2} className="app-number">{format.perHour(offer.dph_total, 3)}</Text>
          <Group gap={6} mt={4}>
            <Badge size="sm" variant="light" color={offer.verified ? 'green' : 'amber'}>{offer.verified ? t('mark.verified') : t('mark.unverified')}</Badge>
            {offer.datacenter ? <Badge size="sm" variant="light" color="gray">{t('mark.datacenter')}</Badge> : null}
            {offer.static_ip ? <Badge size="sm" variant="light" color="gray">{t('mark.static_ip')}</Badge> : null}
            {offer.is_bid ? <Badge size="sm" variant="light" color="amber">{t('type.interruptible')}</Badge> : null}
          </Group>
        </div>
        <Button onClick={() => onRent(offer)}>{t('rent')}</Button>
      </Group>
      {facts.map(([title, list]) => <Facts key={title} title={title} facts={list} />)}
    </Stack>
  );
}

export interface OfferDetailsProps {
  /** Null when the address names an offer that is not held. */
  readonly offer: Offer | null;
  readonly opened: boolean;
  readonly id: number | null;
  readonly onRent: (offer: Offer) => void;
  readonly onClose: () => void;
}

/** The drawer with the details; Esc closes it. */
export function OfferDetails({ offer, opened, id, onRent, onClose }: OfferDetailsProps) {
  const { t } = useTranslation('offers');
  const title = offer === null ? t('details.title', { id }) : `${offer.num_gpus}× ${visible(offer.gpu_name)}`;
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={440} title={<Text fw={640} size="lg">{title}</Text>} closeButtonProps={{ 'aria-label': t('details.close') }}>
      {offer === null ? <Text c="dimmed">{t('details.gone')}</Text> : <Content offer={offer} onRent={onRent} />}
    </Drawer>
  );
}
