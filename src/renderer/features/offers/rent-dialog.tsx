// Renting: what it will cost in every state, what to call it, and one button with the price on it.
import { Alert, Button, Collapse, Group, Modal, NumberInput, Stack, Text, TextInput, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CreateInstance, Offer, Settings } from '../../../contract';
import { errorOf, query } from '../../client';
import { visible } from '../../ui/error-message';
import { useFormat } from '../../ui/format';
import { useWhyNot } from '../../ui/reach';
import { navigate } from '../../ui/route';
import { rentCosts } from './rent-costs';
import { hasPriceOf, problemsOf, requestOf, smallestDisk, type RentField, type RentForm } from './rent-form';
import { RentRefusal } from './rent-refusal';
import { CostTable } from './rent-cost-table';
import { markGone } from './use-offer-view';
import classes from './offers.module.css';

export interface RentDialogProps {
  readonly offer: Offer;
  /** What else is held, for the next best one when this is gone. */
  readonly held: readonly Offer[];
  readonly onOffer: (offer: Offer) => void;
  readonly onClose: () => void;
}

/** GB offered before the settings have said what the user likes. */
const usualDisk = 50;

const startOf = (offer: Offer, defaults: Settings | undefined): RentForm => ({
  disk: Math.max(smallestDisk, Math.min(defaults?.default_disk_size ?? usualDisk, Math.floor(offer.disk_space))),
  label: '',
  image: defaults?.default_image ?? '',
  ports: '',
  env: '',
  onstart: '',
  bid: offer.is_bid ? (offer.min_bid ?? offer.dph_base) : '',
});

/** The form: what was typed over what the settings say. */
function useRentForm(offer: Offer) {
  const settings = useQuery(query.settings.get.queryOptions());
  const [typed, setTyped] = useState<Partial<RentForm>>({});
  const form: RentForm = { ...startOf(offer, settings.data?.settings), ...typed };
  const set = (field: RentField, value: string | number): void => setTyped((now) => ({ ...now, [field]: value }));
  return { form, set };
}

/** Hints below, so that two fields side by side stand on one line. */
const below: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'error', 'description'];

interface FieldsProps {
  readonly offer: Offer;
  readonly form: RentForm;
  readonly set: (field: RentField, value: string | number) => void;
  readonly problem: (field: RentField) => string | null;
}

function MainFields({ offer, form, set, problem }: FieldsProps) {
  const { t, i18n } = useTranslation('offers');
  const format = useFormat();
  const comma = i18n.language.startsWith('pt');
  return (
    <>
      {offer.is_bid ? (
        <>
          <Alert color="amber" variant="light" icon={<TriangleAlert size={16} aria-hidden />}>{t('dialog.bid_warning')}</Alert>
          <NumberInput
            label={t('dialog.bid')} description={offer.min_bid === null ? undefined : t('dialog.bid_hint', { min: format.money(offer.min_bid) })} value={form.bid} onChange={(value) => set('bid', value)} step={0.01} min={0} decimalScale={4} decimalSeparator={comma ? ',' : '.'}
            error={problem('bid')}
          />
        </>
      ) : null}
      <div className={classes['fields']}>
        <TextInput inputWrapperOrder={below} data-autofocus label={t('dialog.label')} description={t('dialog.label_hint')} placeholder={t('dialog.label_example')} value={form.label} onChange={(event) => set('label', event.currentTarget.value)} error={problem('label')} />
        <NumberInput
          inputWrapperOrder={below} label={t('dialog.disk_size')} description={t('dialog.disk_hint', { max: format.gb(offer.disk_space) })} value={form.disk} onChange={(value) => set('disk', value)} step={10} min={0} allowDecimal={false}
          error={problem('disk')}
        />
      </div>
      <TextInput label={t('dialog.image')} value={form.image} onChange={(event) => set('image', event.currentTarget.value)} error={problem('image')} spellCheck={false} classNames={{ input: 'app-mono' }} />
    </>
  );
}

function MoreFields({ form, set, problem }: Omit<FieldsProps, 'offer'>) {
  const { t } = useTranslation('offers');
  const [opened, more] = useDisclosure(false);
  const texts = [
    { field: 'ports', rows: 2 },
    { field: 'env', rows: 3 },
    { field: 'onstart', rows: 3 },
  ] as const;
  return (
    <div>
      <Button variant="subtle" size="compact-sm" px={4} aria-expanded={opened} onClick={more.toggle} leftSection={opened ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}>{t('dialog.more')}</Button>
      <Collapse expanded={opened || texts.some(({ field }) => problem(field) !== null)}>
        <Stack gap="sm" mt="xs">
          {texts.map(({ field, rows }) => (
            <Textarea
              key={field} label={t(`dialog.${field}`)} description={t(`dialog.${field}_hint`)} value={form[field]} onChange={(event) => set(field, event.currentTarget.value)} error={problem(field)} minRows={rows} autosize maxRows={8}
              spellCheck={false} classNames={{ input: 'app-mono' }}
            />
          ))}
        </Stack>
      </Collapse>
    </div>
  );
}

/** Sends the request; a refusal that says "gone" takes the offer out of the list. */
function useRent(offer: Offer, onClose: () => void) {
  const cache = useQueryClient();
  return useMutation(
    query.instances.create.mutationOptions({
      onSuccess: (instance) => {
        markGone(offer.id);
        onClose();
        navigate('instances', instance.id);
      },
      onError: (error) => {
        if (errorOf(error).code === 'offer_gone') markGone(offer.id);
      },
      onSettled: () => Promise.all([cache.invalidateQueries({ queryKey: query.instances.list.key() }), cache.invalidateQueries({ queryKey: query.instances.account.key() }), cache.invalidateQueries({ queryKey: query.operations.list.key() })]),
    }),
  );
}

/** The dearest price ($/h) that was agreed to for what the form asks now; null when none was. */
function useAgreed(form: RentForm, offer: Offer) {
  const [agreed, setAgreed] = useState<CreateInstance | null>(null);
  const most = agreed !== null && hasPriceOf(agreed, form, offer) ? (agreed.max_dph ?? null) : null;
  return { most, agree: setAgreed };
}

/** The dialog; the button says what an hour costs, and nothing dearer is rented. */
export function RentDialog({ offer, held, onOffer, onClose }: RentDialogProps) {
  const { t } = useTranslation('offers');
  const format = useFormat();
  const { form, set } = useRentForm(offer);
  const [shown, setShown] = useState(false);
  const { most, agree } = useAgreed(form, offer);
  const rent = useRent(offer, onClose);
  const whyNot = useWhyNot();
  const problems = problemsOf(form, offer);
  const words = { max: format.gb(offer.disk_space), min: format.money(offer.min_bid) };
  const problem = (field: RentField): string | null => {
    const code = shown || field === 'disk' || field === 'bid' ? problems[field] : undefined;
    return code === undefined ? null : t(`dialog.problem.${code}`, words);
  };
  const bid = offer.is_bid && form.bid !== '' ? Number(form.bid) : undefined;
  const costs = rentCosts(offer, Number(form.disk) || 0, bid);
  const price = most ?? costs.running;
  const answered = rent.error === null ? null : errorOf(rent.error);
  // What an offer costs with another disk or bid says nothing of this one, and must not be agreed to for it.
  const refused = answered?.code === 'price_changed' && !hasPriceOf(rent.variables, form, offer) ? null : answered;
  const over = refused !== null && (refused.code === 'offer_gone' || refused.code === 'rent_unconfirmed');
  const send = (max: number | null): void => {
    setShown(true);
    if (Object.keys(problems).length > 0 || rent.isPending || whyNot !== null) return;
    const request = { ...requestOf(form, offer), ...(max === null ? {} : { max_dph: max }) };
    if (max !== null) agree(request);
    rent.mutate(request);
  };
  return (
    <Modal opened onClose={onClose} size={560} title={<Text fw={640} size="lg">{t('dialog.title', { gpu: `${offer.num_gpus}× ${visible(offer.gpu_name)}` })}</Text>} closeButtonProps={{ 'aria-label': t('dialog.cancel') }}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); send(most); }}>
        <Stack gap="md">
          <CostTable costs={costs} />
          <MainFields offer={offer} form={form} set={set} problem={problem} />
          <MoreFields form={form} set={set} problem={problem} />
          {refused === null ? null : (
            <RentRefusal error={rent.error} offer={offer} held={held} diskGb={Number(form.disk) || 0} onOffer={onOffer} onAccept={send} />
          )}
          {whyNot === null ? null : <Text component="output" size="sm" c="var(--app-warn)">{whyNot}</Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('dialog.cancel')}</Button>
            <Button type="submit" loading={rent.isPending} disabled={over || whyNot !== null}>{t('dialog.rent', { price: format.money(price, 3) })}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
