/** Why a policy cannot win, however good it is elsewhere: it never recovers, or it harms a neighbour that is well. */
import type { Measures } from './trial.ts';

/** Why a policy is out. */
export type Disqualified = 'never recovers' | 'fails calls without a fault' | 'fails calls in a blip';

/** Failures of a control may be above those of today by this share of the calls. */
const tolerance = { calm: 0.002, blip: 0.01 } as const;

/** Judges all trials of a policy against those of today with the same seeds. */
export function toDisqualified(trials: readonly Measures[], today: readonly Measures[]): Disqualified | null {
  if (trials.some(({ recoveredAfterMs }) => recoveredAfterMs === null)) return 'never recovers';
  if (toFailedRatio(trials, 'calm') > toFailedRatio(today, 'calm') + tolerance.calm)
    return 'fails calls without a fault';
  if (toFailedRatio(trials, 'blip') > toFailedRatio(today, 'blip') + tolerance.blip)
    return 'fails calls in a blip';
  return null;
}

function toFailedRatio(trials: readonly Measures[], control: 'calm' | 'blip'): number {
  const sum = (of: 'failed' | 'calls') => trials.reduce((total, trial) => total + trial[control][of], 0);
  return sum('failed') / Math.max(1, sum('calls'));
}
