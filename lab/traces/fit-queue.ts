/**
 * How many calls a neighbour works on at once, and how slow it really was.
 *
 * A slow neighbour makes a queue, and the queue outlasts the cause. So the recorded calls are sent once more through a
 * queue with so many workers, so much slower for so long, and what comes out is compared with what was recorded: the
 * numbers that differ least are taken, one after the other, until none gets better.
 */
import { isMet, type PlacedFault } from './find-faults.ts';
import { type Bucket, ended, type SentCalls, toBuckets } from './sent-calls.ts';

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
  readonly loss: number;
}

const workerSteps = [
  ...[
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28, 32, 36, 40, 48, 56, 64, 80, 96, 112, 128, 160,
  ],
  ...[192, 224, 256],
];
const none = Number.POSITIVE_INFINITY;
/** What is changed of a fault that is no queue. */
const isTuned = ({ type }: PlacedFault) => type === 'slow' || type === 'latency';
/** More than these are left as they were found: each one takes dozens of passes. */
const maxTuned = 4;
const rounds = 3;
/** A fit without a queue is believed unless the other is better by more than this share and this much for a span. */
const doubt = { share: 0.15, ofSpan: 0.01 } as const;

/** Fits a queue to calls. */
export function fitQueue(calls: SentCalls, options: QueueFitOptions): QueueFit {
  const observed = toBuckets(calls, options.bucketMs, clip(calls.ms, options.giveUpMs));
  const judge = (workers: number, faults: readonly PlacedFault[]): Guess => {
    const ms = predict(calls, { ...options, workers, faults });
    const predicted = toBuckets(
      { ...calls, outcome: toOutcomes(calls, ms, options.giveUpMs) },
      options.bucketMs,
      clip(ms, options.giveUpMs),
    );
    return { workers, faults, loss: toLoss(observed, predicted) };
  };
  const unbound = improve(judge, judge(none, options.faults), []);
  const bound = improve(judge, judge(none, options.faults), workerSteps);
  const mustBeBetterBy = unbound.loss * doubt.share + observed.length * doubt.ofSpan;
  if (unbound.loss - bound.loss <= mustBeBetterBy) return { workers: null, faults: unbound.faults };
  return { workers: bound.workers, faults: bound.faults };
}

type Judge = (workers: number, faults: readonly PlacedFault[]) => Guess;

function improve(judge: Judge, start: Guess, steps: readonly number[]): Guess {
  let best = start;
  const consider = (guess: Guess) => {
    if (guess.loss < best.loss) best = guess;
  };
  for (let round = 0; round < rounds; round += 1) {
    const before = best.loss;
    for (const workers of steps) {
      // How slow it was and how many worked depend on each other, so that both are tried together at first.
      if (round > 0) consider(judge(workers, best.faults));
      else
        for (const share of [1, 0.8, 0.6, 0.4, 0.2]) consider(judge(workers, shorten(start.faults, share)));
    }
    const near = steps.length === 0 ? [] : toNear(best.workers);
    for (const workers of near) consider(judge(workers, best.faults));
    for (const [index, fault] of best.faults.entries()) {
      if (index >= maxTuned || !isTuned(fault)) continue;
      for (const other of toVariants(fault, start.faults[index] ?? fault, round))
        consider(judge(best.workers, best.faults.with(index, other)));
    }
    if (best.loss >= before) break;
  }
  return best;
}

function toNear(workers: number): number[] {
  if (!Number.isFinite(workers)) return [];
  return [-3, -2, -1, 1, 2, 3].map((step) => workers + step).filter((near) => near >= 1);
}

function shorten(faults: readonly PlacedFault[], share: number): PlacedFault[] {
  return faults.map((fault) =>
    isTuned(fault) ? { ...fault, untilMs: fault.fromMs + (fault.untilMs - fault.fromMs) * share } : fault,
  );
}

/** The same fault with another strength, end or type. */
function* toVariants(fault: PlacedFault, found: PlacedFault, round: number): Generator<PlacedFault> {
  const lastedMs = found.untilMs - found.fromMs;
  const fine = 1 / (round + 1);
  for (const step of [-0.5, -0.35, -0.2, -0.1, 0.1, 0.2, 0.4, 0.7, 1]) {
    const times = 1 + step * fine;
    if (fault.type === 'slow') yield { ...fault, factor: Math.max(1, fault.factor * times) };
    else yield { ...fault, ms: fault.ms * times };
  }
  for (let part = 1; part <= 16; part += 1)
    yield { ...fault, untilMs: found.fromMs + (lastedMs * part) / 16 };
  for (const step of [-0.04, -0.02, 0.02, 0.04]) {
    const untilMs = fault.untilMs + lastedMs * step * fine;
    if (untilMs > found.fromMs && untilMs <= found.untilMs) yield { ...fault, untilMs };
  }
  for (const type of ['slow', 'latency'] as const) if (type !== fault.type) yield { ...fault, type };
}

/** Sends the calls through queues; gives how long each would have taken. */
function predict(
  { length, at, outcome, instance }: SentCalls,
  { workers, serviceMs, faults }: QueueFitOptions & { readonly workers: number },
): Float64Array {
  const ms = new Float64Array(length);
  const queues: Float64Array[] = [];
  const changing = faults.filter(isTuned);
  const hanging = faults.filter(({ type }) => type === 'hang');
  for (let index = 0; index < length; index += 1) {
    const began = at[index] ?? 0;
    const place = instance[index] ?? 0;
    if (hanging.some((fault) => isMet(fault, began, place))) {
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
    for (const fault of changing) {
      if (!isMet(fault, start, place)) continue;
      if (fault.type === 'slow') busyMs *= fault.factor;
      else lateMs += fault.ms;
    }
    if (free !== undefined) replaceFirst(free, start + busyMs);
    ms[index] = start + busyMs + lateMs - began;
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
function toLoss(observed: readonly Bucket[], predicted: readonly Bucket[]): number {
  let loss = 0;
  for (const [index, one] of observed.entries()) {
    const other = predicted[index];
    if (other === undefined || one.calls === 0) continue;
    loss +=
      apart(one.p50Ms, other.p50Ms) +
      0.5 * apart(one.p90Ms, other.p90Ms) +
      0.5 * apart(one.p10Ms, other.p10Ms);
    loss += 2 * Math.abs(one.timeoutRatio - other.timeoutRatio);
  }
  return loss;
}

function apart(one: number, other: number): number {
  if (!(one > 0 && other > 0)) return 0;
  return Math.min(2, Math.abs(Math.log(one / other)));
}
