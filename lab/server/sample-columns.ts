/**
 * Samples as columns and back: what `GET /api/history` sends, and what the page makes of it.
 *
 * A breaker has a value in every place; `null` in `ok` says that it was not heard in that second.
 */
import type { BreakerSample, Columns, CustomersSample, LabSample, SampleColumns } from './wire.ts';

/** The fields of a breaker in a sample, in the sequence of rows. */
export const breakerFields = [
  'ok',
  'failed',
  'rejected',
  'relay',
  'p50Ms',
  'p99Ms',
  'inFlight',
  'state',
] as const satisfies readonly (keyof BreakerSample)[];

/** The fields of the customers in a sample, in the sequence of rows. */
export const customerFields = [
  'completed',
  'pending',
  'refused',
  'failed',
  'unanswered',
  'p50Ms',
  'p99Ms',
] as const satisfies readonly (keyof CustomersSample)[];

/** Turns samples into columns. */
export function toSampleColumns(samples: readonly LabSample[]): SampleColumns {
  const of = <T>(pick: (sample: LabSample) => T | undefined) => samples.map((sample) => pick(sample) ?? null);
  const each = <T>(names: readonly string[], make: (name: string) => T) =>
    Object.fromEntries(names.map((name) => [name, make(name)]));
  const keysOf = (pick: (sample: LabSample) => object) => [
    ...new Set(samples.flatMap((sample) => Object.keys(pick(sample)))),
  ];
  return {
    at: samples.map(({ at }) => at),
    breakers: each(
      keysOf(({ breakers }) => breakers),
      (key) =>
        each(breakerFields, (field) =>
          of(({ breakers }) => breakers[key]?.[field as keyof BreakerSample]),
        ) as unknown as Columns<BreakerSample>,
    ),
    customers: each(customerFields, (field) =>
      of(({ customers }) => customers[field as keyof CustomersSample]),
    ) as unknown as Columns<CustomersSample>,
    pending: each(
      keysOf(({ pending }) => pending),
      (name) => of(({ pending }) => pending[name]),
    ),
  };
}

/** Turns columns into samples, the oldest first. */
export function toSamples({ at, breakers, customers, pending }: SampleColumns): LabSample[] {
  const keys = Object.keys(breakers);
  const names = Object.keys(pending);
  return at.map((second, index) => {
    const heard: Record<string, BreakerSample> = {};
    for (const key of keys) {
      const sample = rowAt<BreakerSample>(breakers[key], breakerFields, index);
      if (sample.ok !== null) heard[key] = sample;
    }
    const left: Record<string, number> = {};
    for (const name of names) {
      const count = pending[name]?.[index];
      if (count != null) left[name] = count;
    }
    return {
      at: second,
      breakers: heard,
      customers: rowAt<CustomersSample>(customers, customerFields, index),
      pending: left,
    };
  });
}

function rowAt<T>(columns: Columns<T> | undefined, fields: readonly (keyof T)[], index: number): T {
  const row: Partial<T> = {};
  for (const field of fields) row[field] = columns?.[field][index] as T[keyof T];
  return row as T;
}
