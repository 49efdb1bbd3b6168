// What stands below the time axis of the growth chart.

/** Seconds of a day: below two, the axis says times of day. */
const DAY_S = 86_400;
const MINUTE_S = 60;

/** Words for instants, epoch seconds in order, in a language; `from` and `to` are the ends of the axis. Instants within one minute are told apart by their seconds. */
export function instants(language: string, from: number, to: number): (seconds: readonly number[]) => string[] {
  const isShort = to - from < 2 * DAY_S;
  return (seconds) => {
    const isClose = seconds.some((one, index) => index > 0 && one - (seconds[index - 1] ?? 0) < MINUTE_S);
    const words = new Intl.DateTimeFormat(language, isShort ? { hour: '2-digit', minute: '2-digit', ...(isClose ? { second: '2-digit' } : {}) } : { day: 'numeric', month: 'short' });
    return seconds.map((one) => words.format(one * 1000));
  };
}
