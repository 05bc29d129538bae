/** The vulnerable region: for which loads and lengths of the fault a caller comes back by itself, from the model. */
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { type MetastableSettings, type Protection, toArm } from './plan.ts';

/** A map for some protections. */
export interface Region {
  readonly name: string;
  readonly rates: readonly number[];
  /** How long the fault lasts, in seconds. */
  readonly lengths: readonly number[];
  /** A row for each rate: seconds until it is back; `null` where it is not. */
  readonly backAfter: readonly (readonly (number | null)[])[];
}

const lengths = [1, 2, 3, 4, 6, 8, 12];
const shares = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/** Draws no seed but the given one: the map is of one sequence of calls. */
export function findRegion(name: string, given: readonly Protection[], settings: MetastableSettings): Region {
  const capacity = (settings.workers * 1000) / settings.serviceMs;
  const rates = shares.map((share) => Math.round(capacity * share));
  const backAfter = rates.map((ratePerSecond) =>
    lengths.map((length) => {
      const faults = settings.faults.map((fault) => ({ ...fault, forMs: length * 1000 }));
      const { policy, scenario } = toArm(name, given, { ...settings, ratePerSecond, faults });
      const { recoveredAfterMs } = simulate(policy, scenario);
      return recoveredAfterMs === null ? null : recoveredAfterMs / 1000;
    }),
  );
  return { name, rates, lengths, backAfter };
}

/** Cells from which it does not come back. */
export function countLost({ backAfter }: Region): number {
  return backAfter.flat().filter((value) => value === null).length;
}
