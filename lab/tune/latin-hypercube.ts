/** Points that cover a space evenly: of each setting every part of its range comes equally often, in random company. */
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Random } from '../measure/random.ts';
import type { SearchedSetting } from './space.ts';

/** Creates so many policies; what is not searched is that of `base`. */
export function toLatinHypercube(
  space: readonly SearchedSetting[],
  base: Policy,
  { count, random }: { readonly count: number; readonly random: Random },
): Policy[] {
  const columns = space.map(({ values }) => {
    const strata = Array.from({ length: count }, (_, nth) => (nth + random.next()) / count);
    return random.shuffle(strata).map((share) => values[Math.floor(share * values.length)] ?? null);
  });
  return Array.from({ length: count }, (_, nth) =>
    space.reduce((policy, setting, column) => setting.set(policy, columns[column]?.[nth] ?? null), base),
  );
}

/** A policy beside this one: each setting stays or moves to the next value up or down. */
export function toBeside(space: readonly SearchedSetting[], policy: Policy, random: Random): Policy {
  return space.reduce((beside, setting) => {
    const step = random.between(-1, 1);
    const at = toNearestIndex(setting, setting.get(policy));
    const value = setting.values[at + step];
    return step === 0 || value === undefined ? beside : setting.set(beside, value);
  }, policy);
}

/** The index of the value that is nearest; that of `null` is the last. */
function toNearestIndex({ values }: SearchedSetting, wanted: number | null): number {
  if (wanted === null) return values.length - 1;
  const known = values.map((value) => (value === null ? Number.POSITIVE_INFINITY : Math.abs(value - wanted)));
  return known.indexOf(Math.min(...known));
}
