// A time of the sidecar, for Node's utimes.
const microsecond = 1000;
/** What a number of seconds may be wrong by, in nanoseconds: its own rounding, until the year 2106. */
const slack = 250;

/**
 * Seconds since 1970 such that a file shows the microsecond of `mtime` (`-?seconds.fraction`). Node takes a number, which cannot hold every
 * nanosecond, and cuts off what is below a microsecond: the nearest number to 0.368 s may show as 0.367999, so that part is moved off its
 * edges. As text before 1970, where Node takes a number for now.
 */
export const timeForUtimes = (mtime: string): number | string => {
  const [, sign = '', seconds = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(mtime) ?? [];
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  const rest = nanoseconds % microsecond;
  const time = Number(seconds) + (nanoseconds - rest + Math.min(Math.max(rest, slack), microsecond - slack)) / 1e9;
  return sign === '' ? time : `-${time}`;
};
