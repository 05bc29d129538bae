/** What an experiment can measure: each a number of one run. docs/experiments.md has this table. */
import type { RunOutcome, RunSecond } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import type { Unit } from '../server/experiment.ts';

/** One measure. */
export interface Measure {
  /** As in a sentence that goes on with "of" an arm. */
  readonly label: string;
  readonly about: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /** The number of a run; `null` where there was nothing to measure. */
  of(outcome: RunOutcome, scenario: Scenario): number | null;
}

/** All of them, by the name that a file uses. */
export const measures = {
  failed: {
    label: 'failed share',
    about: 'Share of the calls that were not answered well within the deadline: what users see.',
    ...{ unit: 'share', better: 'less' },
    of: ({ failed, calls }) => toShare(failed, calls),
  },
  failedDuring: {
    label: 'failed share during the faults',
    about: 'The same, of calls that were due while a fault was present.',
    ...{ unit: 'share', better: 'less' },
    of: ({ perSecond }, scenario) => failedBetween(perSecond, toSick(scenario)),
  },
  failedAfter: {
    label: 'failed share after the faults',
    about:
      'The same, of calls that were due after the last fault: what stays broken though its cause is gone.',
    ...{ unit: 'share', better: 'less' },
    of: ({ perSecond }, scenario) => {
      const sick = toSick(scenario);
      return sick && failedBetween(perSecond, { fromMs: sick.toMs, toMs: scenario.seconds * 1000 });
    },
  },
  rejected: {
    label: 'rejected share',
    about:
      "Share of the calls that the caller's own side ended without an attempt: breaker open, bulkhead full.",
    ...{ unit: 'share', better: 'less' },
    of: ({ rejected, calls }) => toShare(rejected, calls),
  },
  rejectedWhileWell: {
    label: 'share rejected while well',
    about: 'The same, while the neighbour had no fault.',
    ...{ unit: 'share', better: 'less' },
    of: ({ rejectedWhileWell, calls }) => toShare(rejectedWhileWell, calls),
  },
  wasted: {
    label: 'wasted attempts per call',
    about: 'Attempts that brought nothing, for each call: they failed, timed out, or their caller was gone.',
    ...{ unit: 'times', better: 'less' },
    of: ({ wasted, calls }) => toShare(wasted, calls),
  },
  amplification: {
    label: 'attempts per call',
    about: 'Attempts that were sent, for each call: 1 without retries and rejections.',
    ...{ unit: 'times', better: 'less' },
    of: ({ amplification }) => amplification,
  },
  p50Ms: {
    label: 'median latency',
    about: 'Of good calls, from the moment in which they were due.',
    ...{ unit: 'ms', better: 'less' },
    of: ({ p50Ms }) => p50Ms,
  },
  p99Ms: {
    label: 'p99 latency',
    about: 'Of good calls, from the moment in which they were due.',
    ...{ unit: 'ms', better: 'less' },
    of: ({ p99Ms }) => p99Ms,
  },
  recoveredAfterMs: {
    label: 'time to recover',
    about:
      'From the end of the last fault to the first of five seconds with 95 % of the goodput before; a run that never recovers counts with all of its rest.',
    ...{ unit: 'ms', better: 'less' },
    of: ({ recoveredAfterMs, goodputBefore }, scenario) => {
      const sick = toSick(scenario);
      if (sick === null || goodputBefore === null) return null;
      return recoveredAfterMs ?? Math.max(0, scenario.seconds * 1000 - sick.toMs);
    },
  },
  opened: {
    label: 'openings',
    about: 'How often a breaker left the state closed.',
    ...{ unit: 'count', better: 'less' },
    of: ({ opened }) => opened,
  },
  openedAfterMs: {
    label: 'time to open',
    about: 'From the beginning of the first fault to the first opening.',
    ...{ unit: 'ms', better: 'less' },
    of: ({ openedAfterMs }) => openedAfterMs,
  },
  inFlight: {
    label: 'calls in flight',
    about: 'On average over the seconds of the run: what the caller has to hold while it waits.',
    ...{ unit: 'count', better: 'less' },
    of: ({ perSecond }) =>
      toShare(
        perSecond.reduce((sum, { inFlight }) => sum + inFlight, 0),
        perSecond.length,
      ),
  },
  mostInFlight: {
    label: 'most calls in flight',
    about: 'The most calls that were in flight at the end of a second.',
    ...{ unit: 'count', better: 'less' },
    of: ({ perSecond }) => perSecond.reduce((most, { inFlight }) => Math.max(most, inFlight), 0),
  },
} as const satisfies Readonly<Record<string, Measure>>;

/** The name of a measure. */
export type MeasureName = keyof typeof measures;

/** All names. */
export const measureNames = Object.keys(measures) as [MeasureName, ...MeasureName[]];

/** From the beginning of the first fault to the end of the last; `null` without any. */
export function toSick({ faults }: Pick<Scenario, 'faults'>): { fromMs: number; toMs: number } | null {
  if (faults.length === 0) return null;
  return {
    fromMs: Math.min(...faults.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...faults.map(({ fromMs, forMs }) => fromMs + forMs)),
  };
}

/** Writes a number of a measure, as in `12.5 %`, `1.8 s`, `3`. */
export function toText(value: number, unit: Unit): string {
  if (unit === 'share') return `${round(value * 100, value * 100)} %`;
  if (unit !== 'ms') return round(value, value);
  return Math.abs(value) >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${round(value, value)} ms`;
}

/** Writes the difference of two numbers of a measure: that of two shares is in points of a hundred. */
export function toDistance(value: number, unit: Unit): string {
  return toText(value, unit).replace(' %', ' points').replace('-', '−');
}

/** Whole seconds, since calls are counted by the second: those that a fault only touches belong to it. */
function failedBetween(
  perSecond: readonly RunSecond[],
  span: { readonly fromMs: number; readonly toMs: number } | null,
): number | null {
  if (span === null) return null;
  const within = perSecond.slice(Math.floor(span.fromMs / 1000), Math.ceil(span.toMs / 1000));
  const sum = (of: (second: RunSecond) => number) => within.reduce((all, second) => all + of(second), 0);
  return toShare(
    sum(({ failed }) => failed),
    sum(({ calls }) => calls),
  );
}

function toShare(part: number, all: number): number | null {
  return all === 0 ? null : part / all;
}

/** Three digits that count; none behind the point from 100 on. */
function round(value: number, size: number): string {
  const digits = Math.abs(size) >= 100 ? 0 : Math.abs(size) >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))}`;
}
