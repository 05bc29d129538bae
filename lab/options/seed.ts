/** `--seed`: the same number gives the same run. */
import { type Option, wholeNumber } from '@holdfast/shared/core/command-options.ts';

/** The numbers that a seed may be. */
export const seedRange = { min: 0, max: 2 ** 31 } as const;

/** The option; without a fallback it may be absent. */
export function seedOption<F extends number | undefined>(about: string, fallback: F): Option<number | F> {
  return wholeNumber({ ...seedRange, about, fallback });
}
