/**
 * A scenario out of a trace: the same arrivals, the neighbour that would have answered so, and the faults that it had.
 *
 * What a trace cannot tell is said, and taken so that it does no harm. How each part is found: survival.ts (service
 * times), find-faults.ts (when it was sick), fit-queue.ts (workers), crop.ts (long traces).
 */
import type { Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { createRandom } from '../measure/random.ts';
import { quantile } from '../measure/statistics.ts';
import { crop } from './crop.ts';
import { isMet, isTouched, type PlacedFault, toBucketMs } from './find-faults.ts';
import { findInstanceFaults } from './find-instance-faults.ts';
import { fitQueue } from './fit-queue.ts';
import { ended, type SentCalls, toInFlight, toSentCalls } from './sent-calls.ts';
import { estimateSurvival, type Survival } from './survival.ts';
import type { Trace } from './trace.ts';

/** What was found in a trace. */
export interface FittedScenario {
  readonly scenario: Scenario;
  /** Calls of which only a lower bound of the service time is known. */
  readonly censored: number;
  /** What was found, and what could not be told. */
  readonly sentences: readonly string[];
}

/** Bounds of a fit, and what is known better than a trace can tell. */
export interface FitOptions {
  /** More arrivals are cropped to the part around the longest fault. @default 20,000 */
  readonly maxCalls?: number;
  /** @default 1 */
  readonly seed?: number;
  /** How many calls one instance works on at once. @default found in the trace */
  readonly workers?: number | undefined;
}

/** So many that there is no queue. */
export const unboundWorkers = 1000;
const serviceSamples = 500;
/** Instances with a smaller share of the calls are no instances of their own. */
const leastShare = 0.005;

/** Finds the scenario behind a trace; the same trace gives the same scenario. */
export function fitScenario(whole: Trace, options: FitOptions = {}): FittedScenario {
  const { seed = 1, maxCalls = 20_000 } = options;
  const sentences: string[] = [];
  const { trace, startsAt, thinnedBy } = crop(whole, maxCalls, sentences);
  const calls = toSentCalls(trace, startsAt);
  const endMs = (trace.at[trace.calls - 1] ?? startsAt) - startsAt;
  const bucketMs = toBucketMs(calls.length, endMs);
  const instances = toInstances(calls, trace, sentences);
  const found = findInstanceFaults(calls, instances, bucketMs);
  const { censored } = countOutcomes(calls, sentences);
  const met = toInFlight(calls);
  const survival = estimateSurvival(toHealthy(calls, found, met));
  const draw = createRandom(seed);
  const samples = survival.samples(serviceSamples);
  const fit = fitQueue(calls, {
    ...{ bucketMs, faults: found },
    serviceMs: calls.ms.map(() => samples[draw.between(0, samples.length - 1)] ?? 0),
    giveUpMs: toGiveUpMs(calls),
  });
  const { faults } = fit;
  sayService(survival, samples, sentences);
  const workers =
    options.workers ??
    sayWorkers(
      fit.workers,
      { most: 1 + met.reduce((one, other) => Math.max(one, other), 0), instances, thinnedBy },
      sentences,
    );
  const networkMs = toNetworkMs(calls, faults, samples);
  const errorRatio = toErrorRatio(calls, faults);
  sentences.push(`While it was well, ${toShare(errorRatio)} of its answers were failures.`);
  sentences.push(
    ...(faults.length === 0 ? ['No fault was found.'] : faults.map((fault) => toSentence(fault, trace))),
  );
  return {
    scenario: {
      seconds: Math.max(1, Math.ceil(endMs / 1000)),
      load: { atMs: toArrivals(trace, startsAt, sentences) },
      neighbour: {
        ...{
          instances: instances.length,
          workers,
          queueMax: null,
          dropsAbandoned: false,
          errorRatio,
          networkMs,
        },
        serviceMs: { samples: samples.map((ms) => round(Math.max(0, ms - networkMs))) },
      },
      faults: faults.map(toScenarioFault),
      seed,
    },
    censored,
    sentences: [...new Set(sentences)],
  };
}

/** Indexes of the instances that got calls worth counting. */
function toInstances({ instance, length }: SentCalls, { instances }: Trace, sentences: string[]): number[] {
  const counts = new Map<number, number>();
  for (const one of instance) counts.set(one, (counts.get(one) ?? 0) + 1);
  const present = [...counts].filter(([, calls]) => calls >= length * leastShare).map(([index]) => index);
  const isNamed = instances.some((name) => name !== '');
  sentences.push(
    isNamed
      ? `Calls went to ${present.length} instance${present.length === 1 ? '' : 's'}.`
      : 'The trace names no instances, so that one stands for all.',
  );
  return present.length === 0 ? [0] : present.sort((a, b) => a - b);
}

function countOutcomes({ outcome, length }: SentCalls, sentences: string[]): { censored: number } {
  const censored = outcome.filter((one) => one === ended.timeout).length;
  if (censored > 0)
    sentences.push(
      `${censored.toLocaleString('en')} of ${length.toLocaleString('en')} calls (${toShare(censored / length)}) timed out: their answers would have taken longer than was waited, so that they count as at least that long.`,
    );
  return { censored };
}

/**
 * Durations of the time without faults; answers that failed say nothing of the work. Of these only those that met few
 * other calls: they have waited least in a queue, and where there is none they are like all others.
 */
function toHealthy(
  { length, at, ms, outcome, instance }: SentCalls,
  faults: readonly PlacedFault[],
  met: Uint32Array,
) {
  const take = (isTaken: (index: number) => boolean) => {
    const taken: number[] = [];
    for (let index = 0; index < length; index += 1)
      if (outcome[index] !== ended.failed && isTaken(index)) taken.push(index);
    return taken;
  };
  const well = take((index) => {
    const began = at[index] ?? 0;
    const ends = began + (ms[index] ?? 0);
    const place = instance[index] ?? 0;
    return !faults.some((fault) => isTouched(fault, began, ends, place));
  });
  const healthy = well.length >= 20 ? well : take(() => true);
  const few = quantile(Uint32Array.from(healthy, (index) => met[index] ?? 0).sort(), 0.5);
  return healthy
    .filter((index) => (met[index] ?? 0) <= few)
    .map((index) => ({ ms: ms[index] ?? 0, isCensored: outcome[index] === ended.timeout }));
}

function toGiveUpMs({ ms, outcome }: SentCalls): number {
  const waited = ms.filter((_, index) => outcome[index] === ended.timeout).sort();
  return waited.length === 0 ? Number.POSITIVE_INFINITY : quantile(waited, 0.5);
}

function sayService({ unseenRatio }: Survival, samples: readonly number[], sentences: string[]): void {
  const at = (share: number) => toMs(quantile(samples, share));
  sentences.push(
    `While it was well, half of its answers took up to ${at(0.5)}, nine of ten up to ${at(0.9)}, 99 of 100 up to ${at(0.99)}.`,
  );
  if (unseenRatio > 0.001)
    sentences.push(
      `${toShare(unseenRatio)} of them were never seen to their end; how long they took is assumed, up to ${toMs(samples.at(-1) ?? 0)}.`,
    );
}

function sayWorkers(
  found: number | null,
  { most, instances, thinnedBy }: { most: number; instances: readonly number[]; thinnedBy: number },
  sentences: string[],
): number {
  if (found === null) {
    sentences.push(
      `How many calls an instance works on at once cannot be told: up to ${most} at a time made no queue. ` +
        `It is taken as ${unboundWorkers.toLocaleString('en')}, so that a slow neighbour gets no queue either; npm run tune takes what you know as --workers.`,
    );
    return unboundWorkers;
  }
  const one = instances.length === 1 ? 'It works' : 'Each instance works';
  const thinned =
    thinnedBy === 1
      ? ''
      : ` (of ${found * thinnedBy}, since ${thinnedBy - 1} of ${thinnedBy} calls were left out)`;
  sentences.push(
    `${one} on about ${found} ${found === 1 ? 'call' : 'calls'} at once${thinned}: more of them wait.`,
  );
  return found;
}

/** A refused connection takes the way there and back; otherwise that is part of the service time. */
function toNetworkMs(calls: SentCalls, faults: readonly PlacedFault[], samples: readonly number[]): number {
  const down = faults.filter(({ type }) => type === 'down');
  const refused = calls.ms.filter((_, index) => {
    const began = calls.at[index] ?? 0;
    const place = calls.instance[index] ?? 0;
    return down.some((fault) => isMet(fault, began, place)) && calls.outcome[index] === ended.failed;
  });
  if (refused.length === 0) return 0;
  return round(Math.min(quantile(refused.sort(), 0.5), (samples[0] ?? 0) / 2));
}

function toErrorRatio({ length, at, outcome, instance }: SentCalls, faults: readonly PlacedFault[]): number {
  let calls = 0;
  let failed = 0;
  for (let index = 0; index < length; index += 1) {
    const place = instance[index] ?? 0;
    if (faults.some((fault) => isMet(fault, at[index] ?? 0, place))) continue;
    calls += 1;
    if (outcome[index] === ended.failed) failed += 1;
  }
  return calls === 0 ? 0 : failed / calls;
}

/** Everything that wanted an answer, once. */
function toArrivals({ calls, at, retry, outcome }: Trace, startsAt: number, sentences: string[]): number[] {
  const arrivals = [...at].flatMap((began, index) => (retry[index] === 1 ? [] : [round(began - startsAt)]));
  const repeated = calls - arrivals.length;
  const failed = outcome.filter((one) => one === ended.failed || one === ended.timeout).length;
  if (repeated > 0)
    sentences.push(
      repeated === 1
        ? '1 call was a retry, which is no arrival of its own.'
        : `${repeated.toLocaleString('en')} calls were retries, which are no arrivals of their own.`,
    );
  else if (failed > calls / 100)
    sentences.push('The trace marks no retries; if there were some, each counts as an arrival of its own.');
  return arrivals;
}

function toScenarioFault({ type, fromMs, untilMs, instance, factor, ms, ratio }: PlacedFault): ScenarioFault {
  const place = {
    ...{ fromMs: round(fromMs), forMs: round(untilMs - fromMs) },
    ...(instance === undefined ? {} : { instance }),
  };
  if (type === 'slow') return { ...place, type, factor: round(factor) };
  if (type === 'latency') return { ...place, type, ms: round(ms) };
  if (type === 'flaky') return { ...place, type, ratio: round(Math.min(1, ratio)) };
  return { ...place, type };
}

function toSentence(fault: PlacedFault, { instances }: Trace): string {
  const { type, fromMs, untilMs, seenUntilMs, isLast, name } = fault;
  const who = name === undefined ? 'the neighbour' : `instance ${JSON.stringify(instances[name] ?? '')}`;
  const what = {
    slow: `${who} was ${fault.factor.toFixed(1)} times as slow`,
    latency: `answers of ${who} came ${toMs(fault.ms)} later`,
    down: `${who} was down`,
    hang: `${who} answered nothing`,
    flaky: `${toShare(fault.ratio)} of the answers of ${who} were failures`,
  }[type];
  if (fault.lastedMs !== undefined) {
    const { least, most } = fault.lastedMs;
    return `From ${toSeconds(fromMs)} on ${what}; for how long cannot be told, since a queue hid it: anything from ${toSeconds(least)} to ${toSeconds(most)} would look the same, and ${toSeconds(untilMs - fromMs)} is taken.`;
  }
  const gapMs = untilMs - seenUntilMs;
  const isUnasked = !isLast && gapMs > 1000;
  const end = isLast && gapMs >= -1000 ? 'to the end of the trace' : `for ${toSeconds(untilMs - fromMs)}`;
  const isOutlasted = !isUnasked && gapMs < -1000;
  const doubt = isOutlasted
    ? `; what had piled up lasted until ${toSeconds(seenUntilMs)}`
    : isUnasked
      ? `; in the last ${toSeconds(gapMs)} of it nobody asked`
      : '';
  return `From ${toSeconds(fromMs)} on ${what} ${end}${doubt}.`;
}

function toSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function toMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function toShare(ratio: number): string {
  const percent = ratio * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** To the microsecond. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
