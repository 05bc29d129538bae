/**
 * The fields of the two forms in the words of the page: their labels, their ranges, and what a service says of them.
 *
 * A service names a field by its pointer (`/settings/openMs`) and in its own units; people read labels.
 */
import { faultDelayMs, faultStatus, faultTtlMs } from '@holdfast/shared/faults/fault-ranges.ts';
import { type BreakerSettings, breakerRanges } from '@holdfast/shared/resilience/breaker-settings.ts';

/** One field. */
export interface FieldWords {
  readonly label: string;
  /** Unit and range. */
  readonly hint: string;
  /** Said instead of the service's words, where those are in another unit. */
  readonly wrong?: string;
}

const seconds = `1 to ${faultTtlMs.max / 1_000} seconds`;

/** The fields of a fault, by the last part of their pointers. */
export const faultFields = {
  name: { label: 'Name', hint: 'small letters, digits and dashes; the same name changes a fault' },
  type: { label: 'What it does', hint: '' },
  phase: { label: 'Before or after the document is saved', hint: '' },
  rate: { label: 'Share of requests that it hits', hint: 'above 0, at most 1' },
  status: { label: 'Status of an error', hint: `${faultStatus.min} to ${faultStatus.max}` },
  ms: { label: 'Delay of a latency', hint: `${faultDelayMs.min} to ${faultDelayMs.max} ms` },
  jitterMs: { label: 'How much the delay varies', hint: `to either side, 0 to ${faultDelayMs.max} ms` },
  match: { label: 'Only documents whose id is', hint: '* stands for anything; empty is all' },
  times: { label: 'Hits after which it is over', hint: '1 to 1000000; empty is without limit' },
  ttlMs: { label: 'For how long', hint: seconds, wrong: `Must be ${seconds}.` },
  seed: { label: 'Seed of its dice', hint: '0 to 4294967295; empty is a new one' },
} as const satisfies Readonly<Record<string, FieldWords>>;

const settingWords: Readonly<Record<keyof BreakerSettings, readonly [label: string, unit: string]>> = {
  thresholdRatio: ['Opens when a larger share of calls fails than', ''],
  minCalls: ['Needs at least so many calls', ' calls'],
  windowMs: ['Counts as far back as', ' ms'],
  openMs: ['Waits before the first probe', ' ms'],
  openMaxMs: ['Waits between probes at most', ' ms'],
  openFactor: ['Each failed probe makes the wait longer by', ' times'],
  jitterRatio: ['Shortens a grown wait at random by up to', ''],
  probeTimeoutMs: ['A probe must end within', ' ms'],
  probeSuccesses: ['Good probes in a row that close it', ' probes'],
};

/** The settings of a breaker, in their sequence. */
export const settingFields = Object.entries(breakerRanges).map(([name, { min, max }]) => {
  const [label, unit] = settingWords[name as keyof BreakerSettings];
  return { name: name as keyof BreakerSettings, label, hint: `${name}, ${min} to ${max}${unit}` };
});

const known: Readonly<Record<string, FieldWords>> = {
  ...faultFields,
  ...Object.fromEntries(settingFields.map(({ name, label, hint }) => [name, { label, hint }])),
  ratePerSecond: { label: 'Orders per second', hint: '1 to 200' },
};

/** What a service says of a field, in a sentence that stands below its label. */
export function toFieldError(name: string, said: string): string {
  // What is no number is sent as null: the field was empty, or had other characters.
  const text = known[name]?.wrong ?? said.replace(/, got null$/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

/** The same for all fields at once, each with its label: `Status of an error: must be a whole number from 400 to 599.` */
export function toFieldErrors(fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields)
    .filter(([name]) => name !== '')
    .map(([name, said]) => {
      const error = toFieldError(name, said);
      return `${known[name]?.label ?? name}: ${error.charAt(0).toLowerCase()}${error.slice(1)}`;
    });
}

/** The sentence of a refused change: by its fields, or the service's own where it names none. */
export function toRefusal(detail: string, fields: Readonly<Record<string, string>>): string {
  const errors = toFieldErrors(fields);
  if (errors.length === 0) return detail;
  return errors.length === 1
    ? `Nothing was changed. ${errors[0]}`
    : `Nothing was changed. ${errors.length} fields need another value.`;
}
