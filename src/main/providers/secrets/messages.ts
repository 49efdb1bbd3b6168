// What passes between the app and its keychain process, in both directions.
import * as z from 'zod';

/** A call. `service` is the keychain's name for the app; `value` only with `set`. */
export const keychainCall = z.object({
  id: z.number().int(),
  op: z.enum(['get', 'set', 'delete']),
  service: z.string().min(1),
  account: z.string().min(1),
  value: z.string().optional(),
});

/** An answer: what keytar gave, or the words of its error (which never hold a value). */
export const keychainAnswer = z.union([
  z.object({ id: z.number().int(), ok: z.literal(true), value: z.union([z.string(), z.boolean()]).nullable() }),
  z.object({ id: z.number().int(), ok: z.literal(false), error: z.string() }),
]);

export type KeychainCall = z.output<typeof keychainCall>;
export type KeychainAnswer = z.output<typeof keychainAnswer>;
