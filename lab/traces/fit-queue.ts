/**
 * How many calls a neighbour works on at once, and how slow it really was.
 *
 * A slow neighbour makes a queue, and the queue outlasts the cause. So the recorded calls are sent once more through a
 * queue with so many workers, so much slower for so long, and what comes out is compared with what was recorded: the
 * numbers that differ least are taken, one after the other, until none gets better.
 */
import { isMet, type PlacedFault, toBucketMs } from './find-faults.ts';
import { type Bucket, ended, pick, type SentCalls, toBuckets } from './sent-calls.ts';

/** What a fit begins with. */
export interface QueueFitOptions {
  readonly bucketMs: number;
  /** How long a worker is busy with each call while all is well. */
  readonly serviceMs: Float64Array;
  readonly faults: readonly PlacedFault[];
  /** No answer was waited for longer. */
  readonly giveUpMs: number;
}

/** What was found. */
export interface QueueFit {
  /** Of one instance; `null`: no trace of a queue. */
  readonly workers: number | null;
  readonly faults: readonly PlacedFault[];
}

interface Guess {
  readonly workers: number;
  readonly faults: readonly PlacedFault[];
  /** Of each span. */
  readonly losses: readonly number[];
  readonly loss: number;
}

const workerSteps = [1, 2, 3, 4, 6, 8, 10, 13, 17, 22, 28, 36, 48, 64, 90, 128, 180, 256];
const none = Number.POSITIVE_INFINITY;
/** What is changed of a fault that is no queue. */
const isTuned = ({ type }: PlacedFault) => type === 'slow' || type === 'latency';
/** More than these are left as they were found: each one takes dozens of passes. */
const maxTuned = 4;
const rounds = 4;
/** More calls are not compared, unless a slow time has more. */
const maxCompared = 5000;
/** What a millisecond more of a slow time costs. */
const priceOfMs = 1e-5;
/** What chance does not explain: so much less in all, and at most this share of it. */
const clearly = { loss: 1, ratio: 0.7 } as const;

/** Fits a queue to calls. */
export function fitQueue(all: SentCalls, options: QueueFitOptions): QueueFit {
  const { faults } = options;
  const parts = toParts(all, options);
  const judge: Judge = (workers, guessed) => {
    const losses = parts.flatMap((part) => toPartLosses(part, workers, guessed, options.giveUpMs));
    // Of two ends that explain as much, the earlier one: what comes after it is a queue.
    const lasting = guessed.filter(isTuned).reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
    const loss = losses.reduce((sum, one) => sum + one, 0) + lasting * priceOfMs;
    return { workers, faults: guessed, losses, loss };
  };
  const { bucketMs } = options;
  const tune = (guessed: readonly PlacedFault[], steps: readonly number[]) =>
    improve(judge, judge(none, guessed), { steps, bucketMs });
  const others = faults.filter((fault) => !isTuned(fault));
  // From the simplest: what a queue or a slow time explains alone needs not both.
  const plain = [tune(others, []), tune(others, workerSteps), tune(faults, [])];
  const full = withoutQueues(judge, tune(faults, workerSteps));
  const fit = plain.find((simple) => !isClearlyBetter(full, simple)) ?? full;
  if (!Number.isFinite(fit.workers)) return { workers: null, faults: fit.faults };
  return { workers: fit.workers, faults: withDoubtfulEnds(judge, fit, faults) };
}

/**
 * While retries keep a queue full, nothing shows when the cause was gone. Where many ends explain as much, the middle
 * one by ratio is taken.
 */
function withDoubtfulEnds(judge: Judge, fit: Guess, found: readonly PlacedFault[]): readonly PlacedFault[] {
  return fit.faults.map((fault, index) => {
    if (!isTuned(fault)) return fault;
    const seen = found.find(({ fromMs }) => Math.abs(fromMs - fault.fromMs) < 2000) ?? fault;
    const longestMs = Math.max(seen.untilMs, fault.untilMs) - fault.fromMs;
    const asGood = Array.from({ length: 24 }, (_, part) => (longestMs * (part + 1)) / 24).filter(
      (lastedMs) => {
        const other = judge(
          fit.workers,
          fit.faults.with(index, { ...fault, untilMs: fault.fromMs + lastedMs }),
        );
        return other.loss <= fit.loss + clearly.loss;
      },
    );
    const own = fault.untilMs - fault.fromMs;
    const least = Math.min(own, ...asGood);
    const most = Math.max(own, ...asGood);
    if (most < least * 2) return fault;
    return { ...fault, untilMs: fault.fromMs + Math.sqrt(least * most), lastedMs: { least, most } };
  });
}

/** Calls to one instance, with what was recorded of them. */
interface Part {
  readonly calls: SentCalls;
  readonly serviceMs: Float64Array;
  readonly bucketMs: number;
  readonly observed: readonly Bucket[];
}

/** What is compared, by instance; what comes long before and after a slow time tells nothing new. */
function toParts(all: SentCalls, { serviceMs, giveUpMs, faults }: QueueFitOptions): Part[] {
  const slow = faults.find(isTuned);
  const first = slow === undefined ? 0 : all.at.findIndex((at) => at >= slow.fromMs);
  const from = Math.max(0, Math.min(first - (maxCompared >> 2), all.length - maxCompared));
  // An end that is not among what is compared could be any, and the earliest one would be taken.
  const after = slow === undefined ? 0 : all.at.findLastIndex((at) => at < slow.untilMs) + (maxCompared >> 2);
  const end = Math.min(all.length, Math.max(from + maxCompared, after));
  const places = new Map<number, number[]>();
  for (let index = from; index < end; index += 1) {
    const place = all.instance[index] ?? 0;
    const own = places.get(place) ?? [];
    places.set(place, own);
    own.push(index);
  }
  return [...places.values()].map((kept) => {
    const calls = pick(all, kept);
    const bucketMs = toBucketMs(calls.length, (calls.at[calls.length - 1] ?? 0) - (calls.at[0] ?? 0));
    return {
      ...{ calls, bucketMs, observed: toBuckets(calls, bucketMs, clip(calls.ms, giveUpMs)) },
      serviceMs: Float64Array.from(kept, (index) => serviceMs[index] ?? 0),
    };
  });
}

function toPartLosses(
  { calls, serviceMs, bucketMs, observed }: Part,
  workers: number,
  faults: readonly PlacedFault[],
  giveUpMs: number,
): number[] {
  const ms = predict(calls, { serviceMs, workers, faults });
  const sent = { ...calls, outcome: toOutcomes(calls, ms, giveUpMs) };
  return toLosses(observed, toBuckets(sent, bucketMs, clip(ms, giveUpMs)));
}

/** Leaves out the slow times that a queue explains alone. */
function withoutQueues(judge: Judge, bound: Guess): Guess {
  let best = bound;
  for (const fault of bound.faults) {
    if (!isTuned(fault)) continue;
    const others = best.faults.filter((other) => other !== fault);
    const without = judge(best.workers, others);
    if (!isClearlyBetter(best, without)) best = without;
  }
  return best;
}

/**
 * Both meet the same calls with the same service times, so that they differ only where a queue or a slow time does
 * something. There the better one has to explain much more.
 */
function isClearlyBetter(one: Guess, other: Guess): boolean {
  let own = 0;
  let others = 0;
  for (const [index, loss] of one.losses.entries()) {
    const otherLoss = other.losses[index] ?? 0;
    if (Math.abs(loss - otherLoss) < 0.05) continue;
    own += loss;
    others += otherLoss;
  }
  return others - own > clearly.loss && own < others * clearly.ratio;
}

type Judge = (workers: number, faults: readonly PlacedFault[]) => Guess;

function improve(
  judge: Judge,
  start: Guess,
  { steps, bucketMs }: { readonly steps: readonly number[]; readonly bucketMs: number },
): Guess {
  let best = start;
  const consider = (guess: Guess) => {
    if (guess.loss < best.loss) best = guess;
  };
  for (let round = 0; round < rounds; round += 1) {
    const before = best.loss;
    const workers = round === 0 ? steps : toNear(best.workers);
    for (const one of workers) consider(withBestEnd(judge, one, round === 0 ? start.faults : best.faults));
    for (const [index, fault] of best.faults.entries()) {
      if (index >= maxTuned || !isTuned(fault)) continue;
      for (const other of toVariants(fault, start.faults[index] ?? fault, bucketMs / (round + 1)))
        consider(judge(best.workers, best.faults.with(index, other)));
    }
    if (best.loss >= before) break;
  }
  return best;
}

function toNear(workers: number): number[] {
  if (!Number.isFinite(workers)) return [];
  const step = Math.max(1, Math.round(workers / 12));
  return [-3, -2, -1, 0, 1, 2, 3].map((steps) => workers + steps * step).filter((near) => near >= 1);
}

/**
 * With how many work, the end of a slow time changes, too: fewer workers make the same queue in less time. So each
 * number is judged with the end that suits it: a coarse look, then twice a closer one.
 */
function withBestEnd(judge: Judge, workers: number, faults: readonly PlacedFault[]): Guess {
  let best = judge(workers, faults);
  const index = faults.findIndex(isTuned);
  const fault = faults[index];
  if (fault === undefined) return best;
  const lastedMs = fault.untilMs - fault.fromMs;
  let stepMs = lastedMs / 8;
  let middleMs = fault.fromMs + lastedMs / 2;
  for (let look = 0; look < 3; look += 1) {
    for (const steps of look === 0 ? [-3, -2, -1, 0, 1, 2, 3] : [-1, 1]) {
      const untilMs = middleMs + steps * stepMs;
      const guess = judge(workers, faults.with(index, { ...fault, untilMs }));
      if (guess.loss < best.loss) best = guess;
    }
    middleMs = best.faults[index]?.untilMs ?? middleMs;
    stepMs /= 2;
  }
  return best;
}

/** The same fault with another strength, beginning, end or type. */
function* toVariants(fault: PlacedFault, found: PlacedFault, stepMs: number): Generator<PlacedFault> {
  const lastedMs = found.untilMs - found.fromMs;
  for (const times of [0.5, 0.7, 0.85, 0.93, 0.97, 1.03, 1.07, 1.15, 1.3, 1.6, 2]) {
    if (fault.type === 'slow') yield { ...fault, factor: Math.max(1, fault.factor * times) };
    else yield { ...fault, ms: fault.ms * times };
  }
  for (let part = 1; part <= 16; part += 1)
    yield { ...fault, untilMs: found.fromMs + (lastedMs * part) / 16 };
  for (const steps of [-2, -1, -0.5, 0.5, 1, 2]) {
    const untilMs = fault.untilMs + stepMs * steps;
    if (untilMs > fault.fromMs && untilMs <= found.untilMs + stepMs) yield { ...fault, untilMs };
    const fromMs = fault.fromMs + stepMs * steps;
    if (fromMs >= 0 && fromMs < fault.untilMs) yield { ...fault, fromMs };
  }
  for (const type of ['slow', 'latency'] as const) if (type !== fault.type) yield { ...fault, type };
}

/** Sends the calls through queues; gives how long each would have taken. */
function predict(
  { length, at, outcome, instance }: SentCalls,
  {
    workers,
    serviceMs,
    faults,
  }: { workers: number; serviceMs: Float64Array; faults: readonly PlacedFault[] },
): Float64Array {
  const ms = new Float64Array(length);
  const queues: Float64Array[] = [];
  const changing = faults.filter(isTuned);
  const hanging = faults.filter(({ type }) => type === 'hang');
  for (let index = 0; index < length; index += 1) {
    const began = at[index] ?? 0;
    const place = instance[index] ?? 0;
    const isLost = (at: number) => hanging.some((fault) => isMet(fault, at, place));
    if (isLost(began)) {
      ms[index] = none;
      continue;
    }
    // A call that failed at once kept no worker busy.
    if (outcome[index] === ended.failed) continue;
    if (Number.isFinite(workers)) queues[place] ??= new Float64Array(workers);
    const free = queues[place];
    const start = Math.max(began, free?.[0] ?? 0);
    let busyMs = serviceMs[index] ?? 0;
    let lateMs = 0;
    for (const fault of changing)
      if (fault.type === 'slow' && isMet(fault, start, place)) busyMs *= fault.factor;
    for (const fault of changing)
      if (fault.type === 'latency' && isMet(fault, start + busyMs, place)) lateMs += fault.ms;
    if (free !== undefined) replaceFirst(free, start + busyMs);
    const due = start + busyMs + lateMs;
    ms[index] = isLost(due) ? none : due - began;
  }
  return ms;
}

/** The first of a heap becomes another, greater moment. */
function replaceFirst(heap: Float64Array, moment: number): void {
  const { length } = heap;
  let index = 0;
  for (let child = 1; child < length; child = 2 * index + 1) {
    const right = child + 1;
    if (right < length && (heap[right] ?? 0) < (heap[child] ?? 0)) child = right;
    const below = heap[child] ?? 0;
    if (moment <= below) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = moment;
}

function clip(ms: Float64Array, giveUpMs: number): Float64Array {
  return ms.map((one) => Math.min(one, giveUpMs));
}

function toOutcomes({ outcome }: SentCalls, ms: Float64Array, giveUpMs: number): Uint8Array {
  return outcome.map((one, index) => {
    if (one === ended.failed) return one;
    return (ms[index] ?? 0) >= giveUpMs ? ended.timeout : ended.ok;
  });
}

/** How far two series of spans are apart; durations count by their ratio, so that a fast time weighs as much as a slow one. */
function toLosses(observed: readonly Bucket[], predicted: readonly Bucket[]): number[] {
  return observed.map((one, index) => {
    const other = predicted[index];
    if (other === undefined || one.calls === 0) return 0;
    const tails = apart(one.p90Ms, other.p90Ms) + apart(one.p10Ms, other.p10Ms);
    return apart(one.p50Ms, other.p50Ms) + tails / 2 + 2 * Math.abs(one.timeoutRatio - other.timeoutRatio);
  });
}

function apart(one: number, other: number): number {
  if (!(one > 0 && other > 0)) return 0;
  return Math.min(2, Math.abs(Math.log(one / other)));
}
