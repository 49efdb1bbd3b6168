// The body of a rental, and what its answer says. The answer holds a key of the instance: it is read here and never kept.
import { integer } from './wire-fields';
import { asObject, parseJson, problemOf, type Answer } from './failures';
import type { RentRequest } from '../../domain/ports';

/** Every field the official client sends, so that nothing is left to a default of the server. */
export const rentBody = (request: RentRequest): Readonly<Record<string, unknown>> => ({
  client_id: 'me',
  image: request.image,
  env: request.env,
  price: request.bid,
  disk: request.disk,
  label: request.label,
  extra: null,
  onstart: request.onstart,
  image_login: null,
  python_utf8: false,
  lang_utf8: false,
  use_jupyter_lab: false,
  jupyter_dir: null,
  force: false,
  // Else a rental that cannot start at once is made all the same, stopped, and its disk billed.
  cancel_unavail: request.bid === null,
  template_hash_id: null,
  user: null,
  runtype: 'ssh_direc ssh_proxy',
});

const contractId = integer(1);

/** The instance an answer names, whatever else it says: a refused bid may exist all the same. Null when it names none. */
export const readRental = (answer: Answer, key: string): { readonly instanceId: number; readonly accepted: boolean; readonly detail: string | null } | null => {
  const body = asObject(parseJson(answer.body));
  const instanceId = contractId.parse(body['new_contract']);
  if (instanceId === null) return null;
  const accepted = answer.status < 300 && body['success'] !== false;
  return { instanceId, accepted, detail: accepted ? null : problemOf(answer, key).detail };
};
