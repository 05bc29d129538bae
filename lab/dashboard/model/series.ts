/**
 * The samples of the lab, one a second, and what the charts draw of them: at most a few hundred points of any range.
 *
 * A second in which a breaker was not heard is a gap, not a zero.
 */
import { keptMs } from '../../server/kept.ts';
import type { BreakerSample, LabSample } from '../../server/wire.ts';

/** Seconds without any sample that are bridged: the lab's own timer can be late. */
export const bridgedMs = 2_000;

/** Points that a chart has at most. */
const maxPoints = 300;

/** What was done in the seconds of one point: rates as means, latencies and calls in flight as the worst. */
export interface Point extends Omit<BreakerSample, 'state'> {
  /** When it begins, in whole seconds since 1970. */
  readonly second: number;
}

/** The points of a chart, the oldest first; `null` is a gap of one point. */
export interface Points {
  /** Seconds of one point. */
  readonly each: number;
  readonly seconds: number[];
  readonly points: (Point | null)[];
}

/** Merges samples, each second once, and drops what is older than the lab keeps. */
export function addSamples(known: readonly LabSample[], added: readonly LabSample[]): readonly LabSample[] {
  const [first] = added;
  if (first === undefined) return known;
  const newest = Math.max(known.at(-1)?.at ?? 0, added.at(-1)?.at ?? 0);
  const isKept = ({ at }: LabSample) => at > newest - keptMs;
  if (first.at > (known.at(-1)?.at ?? 0)) {
    const begin = known.findIndex(isKept);
    return [...(begin < 0 ? [] : known.slice(begin)), ...added.filter(isKept)];
  }
  const bySecond = new Map([...known, ...added].map((sample) => [sample.at, sample]));
  return [...bySecond.values()].filter(isKept).sort((a, b) => a.at - b.at);
}

/** The points of one breaker from `from` to `to`, in milliseconds. */
export function toPoints(
  samples: readonly LabSample[],
  key: string,
  { from, to }: { readonly from: number; readonly to: number },
): Points {
  const each = Math.max(1, Math.ceil((to - from) / 1_000 / maxPoints));
  const seconds: number[] = [];
  const points: (Point | null)[] = [];
  let together: BreakerSample[] = [];
  let second = 0;
  const end = () => {
    if (together.length === 0) return;
    const last = seconds.at(-1);
    if (last !== undefined && second - last > Math.max(each, bridgedMs / 1_000)) {
      seconds.push(last + each);
      points.push(null);
    }
    seconds.push(second);
    points.push(toPoint(second, together));
    together = [];
  };
  for (let index = firstFrom(samples, from - each * 1_000); index < samples.length; index += 1) {
    const sample = samples[index];
    if (sample === undefined || sample.at > to) break;
    const one = sample.breakers[key];
    if (one === undefined) continue;
    const begin = Math.floor(sample.at / 1_000 / each) * each;
    if (begin !== second) end();
    second = begin;
    together.push(one);
  }
  end();
  return { each, seconds, points };
}

/** The samples of one breaker in a range, without gaps. */
export function toRange(
  samples: readonly LabSample[],
  key: string,
  { from, to }: { readonly from: number; readonly to: number },
): BreakerSample[] {
  return samples.flatMap(({ at, breakers }) => {
    const one = breakers[key];
    return one !== undefined && at >= from && at <= to ? [one] : [];
  });
}

/** Calls per second that were sent, by who made them. */
export interface SentRates {
  readonly customers: number;
  readonly relay: number;
}

/** The rates over the newest five samples; `null` without any. */
export function toSentRates(samples: readonly LabSample[], key: string): SentRates | null {
  const newest = samples.slice(-5).flatMap(({ breakers }) => breakers[key] ?? []);
  if (newest.length === 0) return null;
  const mean = (toCalls: (sample: BreakerSample) => number) =>
    newest.reduce((sum, sample) => sum + toCalls(sample), 0) / newest.length;
  return {
    customers: mean(({ ok, failed, relay }) => ok + failed - relay),
    relay: mean(({ relay }) => relay),
  };
}

/** The place of the first sample that is not before `from`. */
function firstFrom(samples: readonly LabSample[], from: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.at ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function toPoint(second: number, together: readonly BreakerSample[]): Point {
  const mean = (of: 'ok' | 'failed' | 'rejected' | 'relay') =>
    together.reduce((sum, sample) => sum + sample[of], 0) / together.length;
  const worst = (of: 'p50Ms' | 'p99Ms') => {
    const known = together.map((sample) => sample[of]).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  };
  return {
    second,
    ok: mean('ok'),
    failed: mean('failed'),
    rejected: mean('rejected'),
    relay: mean('relay'),
    p50Ms: worst('p50Ms'),
    p99Ms: worst('p99Ms'),
    inFlight: Math.max(...together.map(({ inFlight }) => inFlight)),
  };
}
