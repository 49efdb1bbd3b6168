// The simulator beside a demo, as tests reach it: its key from the file where it keeps its world, and its clock.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The simulator's API key of a demo with this data folder (as given by `--data-dir`). */
export const demoKey = (dataDir: string): string => (JSON.parse(readFileSync(path.join(dataDir, 'demo', 'simulator', 'simulator-state.json'), 'utf8')) as { apiKey: string }).apiKey;

/** Lets the time of the simulator at `url` run `rate` times as fast: boots of seconds take a moment. */
export const setRate = async (url: string, key: string, rate: number): Promise<void> => {
  const answer = await fetch(`${url}/sim/clock/`, { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ rate }) });
  if (!answer.ok) throw new Error(`The simulator's clock: ${answer.status} ${await answer.text()}`);
};
