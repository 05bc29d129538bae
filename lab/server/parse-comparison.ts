/** Reads the settings of a comparison, which a page or a command line sends as JSON. */
import { InvalidError } from '@holdfast/shared/core/errors.ts';
import {
  type ComparisonSettings,
  comparisonFaults,
  comparisonRanges,
  comparisonSubjects,
  usualComparison,
} from './comparison.ts';
import { isRecord } from './is-record.ts';

/**
 * Reads untrusted settings; what is absent is as usual.
 * @throws {InvalidError} with every fault.
 */
export function parseComparison(value: unknown): ComparisonSettings {
  const given = isRecord(value) ? value : {};
  const errors = isRecord(value) ? [] : [{ pointer: '', detail: 'Must be an object.' }];
  const fault = (name: string, detail: string) => void errors.push({ pointer: `/${name}`, detail });
  const settings: Record<string, unknown> = { ...usualComparison };
  for (const [name, said] of Object.entries(given)) {
    if (!Object.hasOwn(usualComparison, name)) {
      fault(name, `Is not known here; known are ${Object.keys(usualComparison).join(', ')}.`);
      continue;
    }
    settings[name] = said;
    if (name === 'what' || name === 'fault') {
      const known: readonly unknown[] = name === 'what' ? comparisonSubjects : comparisonFaults;
      if (!known.includes(said)) fault(name, `Must be one of ${known.join(', ')}.`);
      continue;
    }
    const { min, max } = comparisonRanges[name as keyof typeof comparisonRanges];
    const isLegal = Number.isInteger(said) && (said as number) >= min && (said as number) <= max;
    if (!isLegal) fault(name, `Must be a whole number from ${min} to ${max}.`);
  }
  if (errors.length === 0) return settings as unknown as ComparisonSettings;
  throw new InvalidError(
    `The comparison is invalid at ${errors.map(({ pointer, detail }) => `"${pointer}": ${detail}`).join(' ')}`,
    errors,
  );
}
