/**
 * The sliding window of outcomes that is shown: ten buckets, counts per outcome, latencies.
 *
 * The last bucket is the present one, so a window of 10 s covers 9 to 10 s. opossum decides by a window of its own,
 * which `onRotate` keeps in step.
 */
import { type Outcome, zeroCounts } from './breaker-state.ts';

/** Number of buckets of every window. */
export const windowBuckets = 10;

/** Latencies kept per bucket, the newest; bounds the memory of a busy breaker. */
const samplesPerBucket = 256;

/** One slice of the window; `startedAt` in milliseconds since 1970. */
export interface BucketView extends Readonly<Record<Outcome, number>> {
  readonly startedAt: number;
}

/** The window in numbers. `calls` were sent and count; `ratio` is `failures / calls`, 0 without calls. */
export interface WindowView {
  readonly windowMs: number;
  readonly calls: number;
  /** Failures and timeouts. */
  readonly failures: number;
  readonly ratio: number;
  /** Oldest first, always ten, the last one is the present. */
  readonly buckets: readonly BucketView[];
}

/** Latencies of the calls that were sent, in milliseconds; `null` without calls. Rejected calls are left out. */
export interface LatencyView {
  readonly samples: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Counts outcomes and keeps latencies. */
export interface BreakerWindow {
  /** Counts one outcome in the present bucket; a duration only for calls that were sent. */
  record(outcome: Outcome, durationMs?: number): void;
  view(): WindowView;
  latency(): LatencyView;
}

/** Creates an empty window that begins now; `onRotate` is called once per bucket that passes, before the next record. */
export function createBreakerWindow(
  windowMs: number,
  clock: () => number,
  onRotate: () => void,
): BreakerWindow {
  const startedAt = clock();
  const bucketMs = Math.floor(windowMs / windowBuckets);
  const ring: Bucket[] = [];
  let newest = 0;

  // A wall clock that is set back must not move outcomes into older buckets.
  const present = () => Math.max(newest, Math.floor((clock() - startedAt) / bucketMs));

  const at = (slice: number): Bucket => {
    const bucket = ring[((slice % windowBuckets) + windowBuckets) % windowBuckets];
    return bucket?.slice === slice ? bucket : createBucket(slice);
  };

  const visible = () => {
    const last = present();
    return Array.from({ length: windowBuckets }, (_, index) => at(last - windowBuckets + 1 + index));
  };

  return {
    record(outcome, durationMs) {
      const slice = present();
      for (let passed = Math.min(slice - newest, windowBuckets); passed > 0; passed -= 1) onRotate();
      newest = slice;
      const bucket = at(slice);
      ring[slice % windowBuckets] = bucket;
      bucket.counts[outcome] += 1;
      if (durationMs !== undefined) {
        bucket.latencies[bucket.sampled % samplesPerBucket] = durationMs;
        bucket.sampled += 1;
      }
    },

    view() {
      const buckets = visible();
      const total = (outcome: Outcome) => buckets.reduce((sum, bucket) => sum + bucket.counts[outcome], 0);
      const failures = total('failure') + total('timeout');
      const calls = failures + total('success');
      return {
        windowMs,
        calls,
        failures,
        ratio: calls === 0 ? 0 : failures / calls,
        buckets: buckets.map(({ slice, counts }) => ({ startedAt: startedAt + slice * bucketMs, ...counts })),
      };
    },

    latency() {
      const sorted = visible()
        .flatMap((bucket) => bucket.latencies)
        .sort((a, b) => a - b);
      const quantile = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
      return { samples: sorted.length, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
    },
  };
}

interface Bucket {
  readonly slice: number;
  readonly counts: Record<Outcome, number>;
  readonly latencies: number[];
  sampled: number;
}

function createBucket(slice: number): Bucket {
  return { slice, counts: zeroCounts(), latencies: [], sampled: 0 };
}
