// What a timing means, in plain words of the page's language.
import cronstrue from 'cronstrue';
import 'cronstrue/locales/pt_BR';
import type { Timing } from '../../../contract';

/** Words of our own for what is not a pattern. */
export interface TimingSay {
  readonly every: (time: string) => string;
  /** Seconds in words. */
  readonly duration: (seconds: number) => string;
}

/** Null for a pattern that cannot be read. */
export const timingWords = (timing: Timing, language: string, say: TimingSay): string | null => {
  if (timing.type === 'every') return say.every(say.duration(timing.minutes * 60));
  try {
    return cronstrue.toString(timing.pattern, { locale: language.startsWith('pt') ? 'pt_BR' : 'en', use24HourTimeFormat: true });
  } catch {
    return null;
  }
};
