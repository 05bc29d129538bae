/**
 * The window of a breaker in virtual time: the counts of ten buckets, as breaker-window.ts shows them and opossum
 * decides by them. Both turn their buckets at the same moments, so one count serves for both.
 */
import { windowBuckets } from '../breaker-window.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Counts calls and failures. */
export interface WindowModel {
  record(isFailure: boolean): void;
  view(): { readonly calls: number; readonly failures: number };
}

/** Creates an empty window that begins now. */
export function createWindowModel(windowMs: number, time: VirtualTime): WindowModel {
  const startedAt = time.nowMs;
  const bucketMs = Math.floor(windowMs / windowBuckets);
  const calls = new Array<number>(windowBuckets).fill(0);
  const failures = new Array<number>(windowBuckets).fill(0);
  const total = { calls: 0, failures: 0 };
  let newest = 0;

  return {
    record(isFailure) {
      turn();
      const bucket = newest % windowBuckets;
      calls[bucket] = (calls[bucket] ?? 0) + 1;
      total.calls += 1;
      if (!isFailure) return;
      failures[bucket] = (failures[bucket] ?? 0) + 1;
      total.failures += 1;
    },
    view() {
      turn();
      return total;
    },
  };

  /** Empties the buckets that have passed. */
  function turn(): void {
    const present = Math.floor((time.nowMs - startedAt) / bucketMs);
    for (let passed = Math.max(newest + 1, present - windowBuckets + 1); passed <= present; passed += 1) {
      const bucket = passed % windowBuckets;
      total.calls -= calls[bucket] ?? 0;
      total.failures -= failures[bucket] ?? 0;
      calls[bucket] = 0;
      failures[bucket] = 0;
    }
    newest = present;
  }
}
