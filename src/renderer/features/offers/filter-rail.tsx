// The filters beside the offers: all of the contract's, applied at once to what is held.
import { Button, MultiSelect, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { RotateCcw } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { ChoiceFilter, FlagFilter, NumberFilter } from './filter-fields';
import { activeCriteria, type OfferCriteria } from './offer-criteria';
import type { PackedOffers } from './pack-offers';
import { changeCriteria, resetCriteria } from './use-offer-view';
import classes from './offers.module.css';

const setters = {
  num_gpus: (value: number | undefined) => changeCriteria({ num_gpus: value }),
  min_gpu_ram: (value: number | undefined) => changeCriteria({ min_gpu_ram: value }),
  min_cuda: (value: number | undefined) => changeCriteria({ min_cuda: value }),
  max_price: (value: number | undefined) => changeCriteria({ max_price: value }),
  min_disk: (value: number | undefined) => changeCriteria({ min_disk: value }),
  min_cpu_cores: (value: number | undefined) => changeCriteria({ min_cpu_cores: value }),
  min_cpu_ram: (value: number | undefined) => changeCriteria({ min_cpu_ram: value }),
  min_inet_down: (value: number | undefined) => changeCriteria({ min_inet_down: value }),
  min_reliability: (value: number | undefined) => changeCriteria({ min_reliability: value }),
};

function Group({ title, children }: Readonly<{ title: string; children: ReactNode }>) {
  return (
    <fieldset className={classes['group']}>
      <legend>{title}</legend>
      <Stack gap="xs">{children}</Stack>
    </fieldset>
  );
}

interface PartProps {
  readonly criteria: OfferCriteria;
  readonly packed: PackedOffers | null;
}

function GpuFilters({ criteria, packed }: PartProps) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const names = useMemo(() => {
    const known = new Set([...(packed?.gpuNames ?? []), ...(criteria.gpu_names ?? [])].filter((name) => name !== ''));
    return [...known].sort(new Intl.Collator('en', { numeric: true }).compare).map((name) => ({ value: name, label: visible(name) }));
  }, [packed, criteria.gpu_names]);
  const memory = [8, 12, 16, 24, 32, 40, 48, 80, 96, 140, 180].map((gb) => [gb, `${t('min')} ${format.gb(gb)}`] as const);
  return (
    <Group title={t('groups.gpu')}>
      <MultiSelect
        size="xs" label={t('filter.gpu_names')} placeholder={criteria.gpu_names?.length ? undefined : t('any')} data={names} value={[...(criteria.gpu_names ?? [])]} searchable clearable hidePickedOptions limit={100}
        onChange={(chosen) => changeCriteria({ gpu_names: chosen.length === 0 ? undefined : chosen })}
      />
      <div>
        <Text size="xs" fw={500} mb={4} id="filter-count">{t('filter.num_gpus')}</Text>
        <SegmentedControl
          fullWidth size="xs" aria-labelledby="filter-count" value={criteria.num_gpus === undefined ? '' : String(criteria.num_gpus)}
          onChange={(text) => setters.num_gpus(text === '' ? undefined : Number(text))}
          data={[{ value: '', label: t('any') }, ...[...new Set([1, 2, 4, 8, ...(criteria.num_gpus === undefined ? [] : [criteria.num_gpus])])].map((count) => ({ value: String(count), label: String(count) }))]}
        />
      </div>
      <ChoiceFilter label={t('filter.min_gpu_ram')} value={criteria.min_gpu_ram} choices={memory} onChange={setters.min_gpu_ram} />
      <ChoiceFilter label={t('filter.min_cuda')} value={criteria.min_cuda} choices={[12, 12.2, 12.4, 12.6, 12.8, 13].map((version) => [version, `${t('min')} ${version.toFixed(1)}`] as const)} onChange={setters.min_cuda} />
    </Group>
  );
}

function MoneyFilters({ criteria }: PartProps) {
  const { t } = useTranslation('offers');
  return (
    <Group title={t('groups.price')}>
      <SegmentedControl
        fullWidth size="xs" value={criteria.interruptible ? 'interruptible' : 'on_demand'} onChange={(kind) => changeCriteria({ interruptible: kind === 'interruptible' })}
        data={[{ value: 'on_demand', label: t('type.on_demand') }, { value: 'interruptible', label: t('type.interruptible') }]} aria-label={t('details.type')}
      />
      {criteria.interruptible ? <Text size="xs" c="dimmed">{t('hint.interruptible')}</Text> : null}
      <NumberFilter label={t('filter.max_price')} unit="$/h" value={criteria.max_price} onChange={setters.max_price} decimals={3} step={0.05} />
      <NumberFilter label={t('filter.min_disk')} unit="GB" value={criteria.min_disk} onChange={setters.min_disk} description={t('hint.min_disk')} max={100_000} step={10} />
    </Group>
  );
}

function MachineFilters({ criteria, packed }: PartProps) {
  const { t, i18n } = useTranslation('offers');
  const format = useFormat();
  const regions = useMemo(() => {
    const names = new Intl.DisplayNames(i18n.language, { type: 'region', fallback: 'code' });
    const codes = new Set([...(packed?.countries ?? []), criteria.region ?? ''].filter((code) => /^[A-Z]{2}$/.test(code) && code !== 'US' && code !== 'EU'));
    const countries = [...codes].map((code) => ({ value: code, label: `${names.of(code) ?? code} (${code})` })).sort((left, right) => left.label.localeCompare(right.label, i18n.language));
    return [{ value: '', label: t('any') }, { value: 'US', label: t('region.US') }, { value: 'EU', label: t('region.EU') }, { value: 'ASIA', label: t('region.ASIA') }, ...countries];
  }, [packed, criteria.region, i18n.language, t]);
  return (
    <>
      <Group title={t('groups.trust')}>
        <ChoiceFilter label={t('filter.min_reliability')} value={criteria.min_reliability} choices={[0.9, 0.95, 0.98, 0.99, 0.995].map((share) => [share, `${t('min')} ${format.percent(share, 1)}`] as const)} onChange={setters.min_reliability} />
        <FlagFilter label={t('filter.unverified')} description={t('hint.unverified')} value={criteria.unverified} onChange={(value) => changeCriteria({ unverified: value })} />
        <FlagFilter label={t('filter.datacenter')} value={criteria.datacenter} onChange={(value) => changeCriteria({ datacenter: value })} />
      </Group>
      <Group title={t('groups.network')}>
        <Select size="xs" label={t('filter.region')} data={regions} value={criteria.region ?? ''} onChange={(region) => changeCriteria({ region: region ?? undefined })} searchable />
        <NumberFilter label={t('filter.min_inet_down')} unit="Mbit/s" value={criteria.min_inet_down} onChange={setters.min_inet_down} step={100} />
        <FlagFilter label={t('filter.static_ip')} value={criteria.static_ip} onChange={(value) => changeCriteria({ static_ip: value })} />
      </Group>
      <Group title={t('groups.machine')}>
        <NumberFilter label={t('filter.min_cpu_cores')} unit={t('unit_cores')} value={criteria.min_cpu_cores} onChange={setters.min_cpu_cores} />
        <NumberFilter label={t('filter.min_cpu_ram')} unit="GB" value={criteria.min_cpu_ram} onChange={setters.min_cpu_ram} step={8} />
      </Group>
    </>
  );
}

/** The whole rail; also shown in a drawer on a narrow screen. */
export function FilterRail({ criteria, packed }: PartProps) {
  const { t } = useTranslation('offers');
  const active = activeCriteria(criteria).length;
  return (
    <Stack gap="md" className={classes['filters']}>
      <GpuFilters criteria={criteria} packed={packed} />
      <MoneyFilters criteria={criteria} packed={packed} />
      <MachineFilters criteria={criteria} packed={packed} />
      <Button size="xs" variant="default" leftSection={<RotateCcw size={13} aria-hidden />} disabled={active === 0} onClick={resetCriteria}>{t('reset')}</Button>
    </Stack>
  );
}
