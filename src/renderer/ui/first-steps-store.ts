// Where the first steps stand on this page: they can be put off and taken up again.
import { create } from 'zustand';

/** The steps, in order. */
export const firstSteps = ['language', 'key', 'tools', 'place', 'done'] as const;

export type FirstStep = (typeof firstSteps)[number];

interface FirstStepsState {
  readonly step: number;
  /** Put off until the next sign-in, or until Settings opens them again. */
  readonly later: boolean;
  /** Opened from Settings although they were done. */
  readonly again: boolean;
}

const KEY = 'dumont.first-steps';
const start: FirstStepsState = { step: 0, later: false, again: false };

function read(): FirstStepsState {
  const step = Number(sessionStorage.getItem(KEY) ?? 0);
  return { ...start, step: Number.isInteger(step) && step >= 0 && step < firstSteps.length ? step : 0 };
}

/** The state of the first steps. */
export const useFirstSteps = create<FirstStepsState>(() => read());

/** Goes to a step, remembered for this page. */
export function goToStep(step: number): void {
  sessionStorage.setItem(KEY, String(step));
  useFirstSteps.setState({ step });
}

/** Shows them again from the start. */
export function reopenFirstSteps(): void {
  goToStep(0);
  useFirstSteps.setState({ later: false, again: true });
}
