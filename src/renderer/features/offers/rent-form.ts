// What is typed into the rent dialog, checked and turned into a request.
import type { CreateInstance, Offer } from '../../../contract';
import { agreedPrice, rentCosts } from './rent-costs';

/** As typed; ports and env are text with one entry per line. */
export interface RentForm {
  readonly disk: number | string;
  readonly label: string;
  readonly image: string;
  readonly ports: string;
  readonly env: string;
  readonly onstart: string;
  readonly bid: number | string;
}

export type RentField = keyof RentForm;
export type RentProblem = 'disk_small' | 'disk_large' | 'label_long' | 'image' | 'ports' | 'env' | 'onstart' | 'bid' | 'bid_low';
/** Codes of what is wrong, by field; the page owns the words. */
export type RentProblems = Partial<Record<RentField, RentProblem>>;

const portForm = /^\d{1,5}(?::\d{1,5})?(?:\/(?:tcp|udp))?$/;
const envForm = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const imageForm = /^[\w][\w.\-/:@]*$/;
/** Smallest disk that an instance can have, in GB (the contract's limit). */
export const smallestDisk = 8;

const linesOf = (text: string): readonly string[] => text.split(/[\n,]/).map((line) => line.trim()).filter((line) => line !== '');
const entriesOf = (text: string): readonly (readonly [string, string])[] =>
  text.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [line, '\0'] : [line.slice(0, at).trim(), line.slice(at + 1)];
  });

const portFits = (port: string): boolean =>
  portForm.test(port) && port.replace(/\/.*/, '').split(':').every((part) => Number(part) >= 1 && Number(part) <= 65_535);

/** What is wrong with the form for this offer; an empty object when it can be sent. */
export const problemsOf = (form: RentForm, offer: Offer): RentProblems => {
  const problems: RentProblems = {};
  const disk = Number(form.disk);
  if (form.disk === '' || !Number.isFinite(disk) || disk < smallestDisk) problems.disk = 'disk_small';
  else if (disk > offer.disk_space) problems.disk = 'disk_large';
  if (form.label.trim().length > 200) problems.label = 'label_long';
  if (!imageForm.test(form.image.trim()) || form.image.trim().length > 1024) problems.image = 'image';
  const ports = linesOf(form.ports);
  if (ports.length > 64 || !ports.every(portFits)) problems.ports = 'ports';
  if (!entriesOf(form.env).every(([name, value]) => envForm.test(name) && value !== '\0' && value.length <= 256)) problems.env = 'env';
  if (form.onstart.length > 4000) problems.onstart = 'onstart';
  if (offer.is_bid) {
    const bid = Number(form.bid);
    if (form.bid === '' || !Number.isFinite(bid) || bid < 0.001 || bid > 128) problems.bid = 'bid';
    else if (offer.min_bid !== null && bid < offer.min_bid) problems.bid = 'bid_low';
  }
  return problems;
};

const bidOf = (form: RentForm, offer: Offer): number | undefined => (offer.is_bid ? Number(form.bid) : undefined);

/** Whether a price that was said or agreed to for this request is still the price of the form: another disk or bid has another one. */
export const hasPriceOf = (request: Pick<CreateInstance, 'disk_size' | 'bid'> | undefined, form: RentForm, offer: Offer): boolean =>
  request !== undefined && request.disk_size === Number(form.disk) && request.bid === bidOf(form, offer);

/** The request of a form without problems. It names the dearest price agreed to, so that a dearer offer is refused, not rented. */
export const requestOf = (form: RentForm, offer: Offer): CreateInstance => {
  const disk = Number(form.disk);
  const bid = bidOf(form, offer);
  const ports = linesOf(form.ports);
  const env = entriesOf(form.env);
  return {
    offer_id: offer.id,
    disk_size: disk,
    image: form.image.trim(),
    max_dph: agreedPrice(rentCosts(offer, disk, bid).running),
    ...(form.label.trim() === '' ? {} : { label: form.label.trim() }),
    ...(ports.length === 0 ? {} : { ports: [...ports] }),
    ...(env.length === 0 ? {} : { env: Object.fromEntries(env) }),
    ...(form.onstart.trim() === '' ? {} : { onstart: form.onstart }),
    ...(bid === undefined ? {} : { bid }),
  };
};
