// When the credit began to run low, so that each fall counts once and the next one is noticed. Pure; kept in the database by whoever looks.
import * as z from 'zod';

const minute = 60_000;

/** So much above its limit the credit must last for a fall to be over, ms: what is spent is not the same at every look. */
const recovered = 5 * minute;
/** A fall that nobody ended counts again after so long, ms: it may have ended unseen, while the app was closed. */
const longest = 6 * 60 * minute;

/** For each limit, when the credit fell to it, ms; null while it lasts longer. */
export type CreditFalls = readonly (number | null)[];

/** The falls after this look. `limits` and `lasts` in ms. */
export const fallsNow = (before: CreditFalls, limits: readonly number[], lasts: number, now: number): CreditFalls =>
  limits.map((limit, index) => {
    const began = before[index] ?? null;
    // One that begins in the future: the clock was set back.
    const goesOn = began !== null && began <= now && now - began < longest && lasts <= limit + recovered;
    if (goesOn) return began;
    return lasts <= limit ? now : null;
  });

const stored = z.array(z.number().nullable());

/** What `JSON.stringify` of falls gave; none where it says nothing. */
export const readFalls = (text: string | null): CreditFalls => {
  try {
    return stored.catch([]).parse(JSON.parse(text ?? '[]'));
  } catch {
    return [];
  }
};
