/**
 * Reads the counters of one instance from `/metrics` that a verdict needs. Counters only grow, so the difference of two
 * readings is what happened between them.
 */

import { parseExposition, type Sample } from '@holdfast/shared/observability/exposition.ts';
import { chain } from '../../chain.ts';

/** The counters of one instance. */
export interface Counters {
  /** Creates that were answered, and those of them that were answered 202: kept, not finished. */
  readonly answered: number;
  readonly pending: number;
  /** Creates that were answered 200 or 202. */
  readonly good: number;
  /** Creates by upper bound of their duration in seconds, cumulative; the last bound is `Infinity`. */
  readonly within: ReadonlyMap<number, number>;
  /** How often a breaker of this instance has opened. */
  readonly opened: number;
}

/** The counters, and the age of the oldest pending document. */
export interface Reading extends Counters {
  /** Age of the service's oldest pending document, in seconds; the same at all of its instances. */
  readonly oldestPendingS: number;
}

const creates = new Set(['/create', ...chain.map(({ plural }) => `/${plural}`)]);

/** Reads the text of `/metrics`. @throws {Error} when it is not Prometheus text. */
export function parseReading(text: string): Reading {
  const { samples } = parseExposition(text);
  const requests = 'http_server_request_duration_seconds';
  const isCreate = ({ labels }: Sample) => labels.method === 'POST' && creates.has(labels.route ?? '');
  const of = (name: string) => samples.filter((sample) => sample.name === name);
  const counts = of(`${requests}_count`).filter(isCreate);
  const within = new Map<number, number>();
  for (const { labels, value } of of(`${requests}_bucket`).filter(isCreate)) {
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    within.set(bound, (within.get(bound) ?? 0) + value);
  }
  return {
    answered: sum(counts),
    pending: sum(counts.filter(({ labels }) => labels.status === '202')),
    good: sum(counts.filter(({ labels }) => labels.status === '200' || labels.status === '202')),
    within,
    opened: sum(of('breaker_transitions_total').filter(({ labels }) => labels.to === 'open')),
    oldestPendingS: sum(of('relay_age_seconds')),
  };
}

/** The difference of two readings; the counters of an instance that was restarted in between begin at 0. */
export function countersBetween(before: Counters, now: Counters): Counters {
  if (now.answered < before.answered) return now;
  return {
    answered: now.answered - before.answered,
    pending: now.pending - before.pending,
    good: now.good - before.good,
    within: new Map(
      [...now.within].map(([bound, count]) => [bound, count - (before.within.get(bound) ?? 0)]),
    ),
    opened: Math.max(0, now.opened - before.opened),
  };
}

/** The sum of the counters of several instances. */
export function sumCounters(all: readonly Counters[]): Counters {
  const within = new Map<number, number>();
  for (const one of all)
    for (const [bound, count] of one.within) within.set(bound, (within.get(bound) ?? 0) + count);
  const total = (key: 'answered' | 'pending' | 'good' | 'opened') =>
    all.reduce((sum, one) => sum + one[key], 0);
  return {
    answered: total('answered'),
    pending: total('pending'),
    good: total('good'),
    within,
    opened: total('opened'),
  };
}

/**
 * Estimates a quantile in milliseconds from counts by bound, as Prometheus does: evenly spread within a bucket, and
 * the last finite bound for everything above it. `undefined` without samples.
 */
export function estimateMs(within: ReadonlyMap<number, number>, share: number): number | undefined {
  const bounds = [...within].sort(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = share * total;
  let [lower, below] = [0, 0];
  for (const [bound, count] of bounds) {
    if (count >= rank) {
      if (bound === Number.POSITIVE_INFINITY) break;
      return (lower + ((bound - lower) * (rank - below)) / (count - below)) * 1000;
    }
    [lower, below] = [bound, count];
  }
  return lower * 1000;
}

/** Counts what took longer than a limit in milliseconds; the bucket that holds the limit is not counted. */
export function countAbove(within: ReadonlyMap<number, number>, limitMs: number): number {
  const bounds = [...within].sort(([a], [b]) => a - b);
  const total = bounds.at(-1)?.[1] ?? 0;
  return total - (bounds.find(([bound]) => bound * 1000 >= limitMs)?.[1] ?? total);
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}
