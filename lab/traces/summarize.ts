/** What is in a trace, in lines for a reader and in numbers for a program. */
import { quantile } from '../measure/statistics.ts';
import type { FittedScenario } from './fit-scenario.ts';
import { callOutcomes, type Trace } from './trace.ts';

/** What is in a trace. */
export interface TraceSummary {
  readonly kind: Trace['kind'];
  readonly calls: number;
  readonly from: string;
  readonly seconds: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of calls that were answered well; `null` without any. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly brokenLines: number;
  readonly lines: readonly string[];
}

/** Sums a trace up, with what its fit says. */
export function summarize(trace: Trace, fit: FittedScenario): TraceSummary {
  const { kind, calls, at, ms, outcome, instances, broken, sentences } = trace;
  const began = at[0] ?? 0;
  const seconds = ((at[calls - 1] ?? began) - began) / 1000;
  const outcomes = Object.fromEntries(
    callOutcomes.map((name, index) => [name, outcome.filter((one) => one === index).length]),
  );
  const good = ms.filter((_, index) => outcome[index] === 0).sort();
  const at50 = quantile(good, 0.5);
  const at99 = quantile(good, 0.99);
  const from = new Date(began).toISOString();
  const rate = seconds > 0 ? `, ${(calls / seconds).toFixed(1)} a second` : '';
  const counted = Object.entries(outcomes).map(([name, count]) => `${name} ${count.toLocaleString('en')}`);
  const named = instances.filter((name) => name !== '').slice(0, 8);
  return {
    ...{ kind, calls, from, seconds, outcomes, brokenLines: broken.count },
    p50Ms: good.length === 0 ? null : at50,
    p99Ms: good.length === 0 ? null : at99,
    lines: [
      `${calls.toLocaleString('en')} ${calls === 1 ? 'call' : 'calls'}${kind === 'calls' ? '' : ` (${kind})`} from ${from} on, for ${seconds.toFixed(1)} s${rate}.`,
      ...(trace.facts.hop === undefined ? [] : [`Hop: ${trace.facts.hop}.`]),
      `Outcomes: ${counted.join(', ')}.`,
      ...(good.length === 0
        ? []
        : [`Good answers: half up to ${at50.toFixed(1)} ms, 99 of 100 up to ${at99.toFixed(1)} ms.`]),
      ...(named.length === 0 ? [] : [`Instances: ${named.join(', ')}${instances.length > 8 ? ', …' : ''}.`]),
      ...sentences,
      ...fit.sentences,
    ],
  };
}
