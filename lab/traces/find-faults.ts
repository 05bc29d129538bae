/**
 * Spans of a trace in which the neighbour was clearly sicker than usual.
 *
 * Usual is the better quarter of the trace, so that a long outage does not become the rule. What is found here is a
 * first guess: a queue prolongs a slow time, which fit-queue.ts takes apart.
 */
import { quantile, toMean } from '../measure/statistics.ts';
import { type Bucket, ended, type SentCalls, toBuckets } from './sent-calls.ts';

/** The neighbour as it usually is. */
export interface Usual {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly failedRatio: number;
  readonly timeoutRatio: number;
}

/** A sick time. */
export interface FoundFault {
  readonly type: 'slow' | 'latency' | 'down' | 'hang' | 'flaky';
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of `slow`: how many times the usual. */
  readonly factor: number;
  /** Of `latency`, or what it would be. */
  readonly ms: number;
  /** Of `flaky`: the share that fails. */
  readonly ratio: number;
  /** The last moment at which it was still seen; nobody was asked from then until its end. */
  readonly seenUntilMs: number;
  /** It lasts until the trace ends. */
  readonly isLast: boolean;
  /** When it lasted for anything between these, the trace would look the same. */
  readonly lastedMs?: { readonly least: number; readonly most: number };
}

/** A fault with its place. */
export interface PlacedFault extends FoundFault {
  /** Counted from 0 among the instances that count; absent: all of them. */
  readonly instance?: number;
  /** The same instance among the names of the trace. */
  readonly name?: number;
}

/** What was found. */
export interface FoundFaults {
  readonly usual: Usual;
  readonly faults: readonly FoundFault[];
}

type Kind = 'failing' | 'slow';
interface Run {
  readonly kind: Kind;
  readonly buckets: Bucket[];
}

/** A median from this multiple on is slow. */
const slowFactor = 1.75;
/** One span with so much is enough; of less it takes two. */
const strong = { ratio: 0.5, factor: 3 } as const;
/** So many calls in a row without an answer are a neighbour that hangs. */
const hangCalls = 20;
/** More sick times than this are no faults but how the neighbour is. */
export const maxFaults = 50;

/** Whether a call that began then met a fault. */
export function isMet({ fromMs, untilMs, name }: PlacedFault, at: number, instance: number): boolean {
  return at >= fromMs && at < untilMs && (name === undefined || name === instance);
}

/** Whether a fault came while a call was under way. */
export function isTouched(
  { fromMs, untilMs, name }: PlacedFault,
  began: number,
  until: number,
  instance: number,
): boolean {
  return until >= fromMs && began < untilMs && (name === undefined || name === instance);
}

/** The length of a span: about twenty calls. */
export function toBucketMs(calls: number, spanMs: number): number {
  const wanted = (20 * spanMs) / Math.max(1, calls);
  return [500, 1000, 2000, 5000, 10_000].find((ms) => ms >= wanted) ?? 30_000;
}

/** Finds the sick times of calls to one instance, or to all together. */
export function findFaults(calls: SentCalls, bucketMs: number): FoundFaults {
  const buckets = toBuckets(calls, bucketMs);
  const usual = toUsual(buckets);
  const faults = toRuns(buckets, usual)
    .filter((run) => isClear(run, usual))
    .map((run) => toFault(calls, run, { usual, bucketMs }));
  return { usual, faults: faults.filter(({ fromMs, untilMs }) => untilMs > fromMs).slice(0, maxFaults) };
}

function toUsual(all: readonly Bucket[]): Usual {
  const asked = all.filter(({ calls }) => calls >= 3);
  const buckets = asked.length > 0 ? asked : all.filter(({ calls }) => calls > 0);
  const better = (of: (bucket: Bucket) => number) =>
    quantile(
      buckets
        .map(of)
        .filter(Number.isFinite)
        .sort((a, b) => a - b),
      0.25,
    );
  const quick = better(({ p50Ms }) => p50Ms);
  // The median of the spans that are like the better quarter: a quarter alone is the lucky ones.
  const like = buckets.filter(({ p50Ms }) => p50Ms < quick * slowFactor);
  const middle = (of: (bucket: Bucket) => number) =>
    quantile(
      like
        .map(of)
        .filter(Number.isFinite)
        .sort((a, b) => a - b),
      0.5,
    );
  return {
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p90Ms: middle(({ p90Ms }) => p90Ms),
    failedRatio: toUsualRatio(buckets, ({ failedRatio }) => failedRatio),
    timeoutRatio: toUsualRatio(buckets, ({ timeoutRatio }) => timeoutRatio),
  };
}

/** The mean without the worst quarter: a median of small shares is 0. */
function toUsualRatio(buckets: readonly Bucket[], of: (bucket: Bucket) => number): number {
  const sorted = buckets.map(of).sort((a, b) => a - b);
  const kept = sorted.slice(0, Math.max(1, Math.ceil(sorted.length * 0.75)));
  return toMean(kept);
}

/** Neighbouring sick spans of a kind; one healthy span between does not part them, nor do spans without calls. */
function toRuns(buckets: readonly Bucket[], usual: Usual): Run[] {
  const runs: Run[] = [];
  let open: Run | undefined;
  let healthy: Bucket[] = [];
  for (const bucket of buckets) {
    const kind = toKind(bucket, usual, open?.kind);
    if (kind === undefined) continue;
    if (kind === 'well') {
      healthy.push(bucket);
      if (healthy.length > 1) open = undefined;
      continue;
    }
    if (open?.kind === kind) open.buckets.push(...healthy, bucket);
    else {
      open = { kind, buckets: [bucket] };
      runs.push(open);
    }
    healthy = [];
  }
  return runs;
}

/** `undefined`: too few calls to say. */
function toKind(bucket: Bucket, usual: Usual, open: Kind | undefined): Kind | 'well' | undefined {
  const { calls, failedRatio, timeoutRatio } = bucket;
  if (calls === 0) return undefined;
  if (calls < 3) return failedRatio + timeoutRatio >= 0.5 ? open : 'well';
  const isFailing = failedRatio > toBound(usual.failedRatio, calls);
  const isSlow = isSlowerThan(bucket, usual, slowFactor) || timeoutRatio > toBound(usual.timeoutRatio, calls);
  // A busy neighbour refuses some, so that only many failures count more than its slowness.
  if (isFailing && (!isSlow || failedRatio >= strong.ratio)) return 'failing';
  return isSlow ? 'slow' : 'well';
}

/** What chance does not explain: three standard deviations, and a tenth at least. */
function toBound(usual: number, calls: number): number {
  return usual + Math.max(0.1, 3 * Math.sqrt((usual * (1 - usual)) / calls) + 2 / calls);
}

function isSlowerThan({ p50Ms }: Bucket, usual: Usual, factor: number): boolean {
  return p50Ms >= usual.p50Ms * factor;
}

function isClear({ kind, buckets }: Run, usual: Usual): boolean {
  const isStrong = (one: Bucket) =>
    kind === 'failing'
      ? one.failedRatio >= strong.ratio + usual.failedRatio
      : one.timeoutRatio >= strong.ratio + usual.timeoutRatio || isSlowerThan(one, usual, strong.factor);
  const isSick = (one: Bucket) => toKind(one, usual, undefined) === kind;
  return buckets.filter(isSick).length > 1 || buckets.some(isStrong);
}

function toFault(
  calls: SentCalls,
  { kind, buckets }: Run,
  { usual, bucketMs }: { usual: Usual; bucketMs: number },
): FoundFault {
  const startMs = (buckets[0]?.fromMs ?? 0) - bucketMs / 2;
  const endMs = (buckets.at(-1)?.fromMs ?? 0) + bucketMs;
  const isBad = (index: number) =>
    kind === 'failing'
      ? calls.outcome[index] === ended.failed
      : calls.outcome[index] === ended.timeout || (calls.ms[index] ?? 0) > usual.p90Ms * slowFactor;
  const within: number[] = [];
  let next = calls.length;
  for (let index = 0; index < calls.length; index += 1) {
    const at = calls.at[index] ?? 0;
    if (at >= endMs + bucketMs / 2) {
      next = index;
      break;
    }
    if (at >= startMs) within.push(index);
  }
  const outermost = within.slice(Math.max(0, within.findIndex(isBad)), within.findLastIndex(isBad) + 1);
  const hangsFrom = kind === 'slow' ? findHang(calls, outermost, usual) : undefined;
  const usualRatio = kind === 'failing' ? usual.failedRatio : usual.timeoutRatio;
  const [first, last] = toLikeliest(within.map(isBad), usualRatio);
  const sick = within.slice(Math.max(0, first), last + 1);
  const [begin = within[0] ?? 0] = sick;
  const end = sick.at(-1) ?? begin;
  const nextAt = calls.at[within[last + 1] ?? next];
  const found = {
    ...{ fromMs: calls.at[begin] ?? 0, seenUntilMs: calls.at[end] ?? 0 },
    ...{ untilMs: nextAt ?? (calls.at[end] ?? 0) + 1, isLast: nextAt === undefined },
    ...{ factor: 1, ms: 0, ratio: 0 },
  };
  if (hangsFrom !== undefined) return { ...found, type: 'hang', fromMs: hangsFrom };
  return kind === 'failing'
    ? { ...found, ...toFailing(calls, sick, usual) }
    : { ...found, ...toSlow(calls, sick, usual) };
}

/** From where to where bad calls come so often that chance explains it least: single ones before and after are usual. */
function toLikeliest(bad: readonly boolean[], usual: number): readonly [first: number, last: number] {
  const normal = Math.min(0.9, Math.max(0.01, usual));
  const share = bad.filter(Boolean).length / bad.length;
  const sick = Math.min(0.99, Math.max(share, normal * 1.05));
  const forBad = Math.log(sick / normal);
  const forGood = Math.log((1 - sick) / (1 - normal));
  let best = { sum: 0, first: bad.indexOf(true), last: bad.lastIndexOf(true) };
  let sum = 0;
  let first = 0;
  for (const [index, isBad] of bad.entries()) {
    if (sum <= 0) [sum, first] = [0, index];
    sum += isBad ? forBad : forGood;
    if (sum > best.sum) best = { sum, first, last: index };
  }
  return [best.first, best.last];
}

function toFailing({ outcome }: SentCalls, sick: readonly number[], { failedRatio: usual }: Usual) {
  const failed = sick.filter((index) => outcome[index] === ended.failed).length / sick.length;
  const ratio = Math.max(0, (failed - usual) / (1 - usual));
  return ratio >= 0.9 ? ({ type: 'down' } as const) : ({ type: 'flaky', ratio } as const);
}

/** The first calls tell: a queue has not grown yet. */
function toSlow(calls: SentCalls, sick: readonly number[], usual: Usual) {
  const first = sick.slice(0, Math.min(20, Math.max(5, sick.length >> 3)));
  const p50Ms = toMedian(calls, first);
  return { type: 'slow', factor: p50Ms / usual.p50Ms, ms: p50Ms - usual.p50Ms } as const;
}

/**
 * Of a neighbour that hangs no call comes back, not even those that were under way, and those that came back just before
 * were as quick as ever. It began when the last of these came back.
 */
function findHang(calls: SentCalls, sick: readonly number[], usual: Usual): number | undefined {
  const isTimeout = (index: number) => calls.outcome[index] === ended.timeout;
  const enough = Math.min(hangCalls, Math.ceil(sick.length / 2));
  const start = sick.findIndex((index, place) => {
    const then = sick.slice(place, place + hangCalls);
    return isTimeout(index) && then.length >= enough && then.filter(isTimeout).length >= then.length * 0.9;
  });
  if (start < 0) return undefined;
  const before = sick.slice(0, start).filter((index) => !isTimeout(index));
  if (before.length > 0 && toMedian(calls, before) >= usual.p50Ms * slowFactor) return undefined;
  const startAt = calls.at[sick[start] ?? 0] ?? 0;
  const firstLost = calls.at[sick.find(isTimeout) ?? 0] ?? 0;
  const ends = before.map((index) => (calls.at[index] ?? 0) + (calls.ms[index] ?? 0));
  return Math.max(firstLost, ...ends.filter((end) => end <= startAt));
}

function toMedian({ ms }: SentCalls, indexes: readonly number[]): number {
  return quantile(Float64Array.from(indexes, (index) => ms[index] ?? 0).sort(), 0.5);
}
