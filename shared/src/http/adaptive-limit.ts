/**
 * Limits how many requests are in work at once, by how long they take. It needs no timer.
 *
 * The aim is a fixed latency and not the lowest one measured: writes share commands, so latency rises with throughput
 * long before overload, and a limit that follows the lowest latency shrinks to almost nothing.
 */
import type { Clock } from '../resilience/deadline.ts';

/** Bounds and aim of a limit. */
export interface AdaptiveLimitSettings {
  /** The hard cap. */
  readonly max: number;
  /** Never fewer, unless the cap says so. */
  readonly min: number;
  /** The mean latency that it aims at. */
  readonly targetMs: number;
  readonly clock: Clock;
}

/** A limit that adapts to the measured latency. */
export interface AdaptiveLimit {
  /** The limit now; a whole number. */
  value(): number;
  /** Call it when the limit was reached: it grows only then. */
  reached(): void;
  /** Call it when a request begins; call the function that it returns when the request ends. */
  begin(): () => void;
}

const everyMs = 100;
const leastSamples = 8;
const usualFirst = 64;
const steepest = { down: 0.8, up: 1.15 } as const;
/** After so long without requests the limit starts again: earlier measurements say nothing about the next ones. */
const forgetMs = 1000;
/**
 * A trial of more at once, for `ms`: it aims at `step` times the latency at the lowest limit, at most at `most` times the
 * target. It ends early when the limit is `grown` and the latency has grown by more than a `share` of that; the next one
 * is `restMs` later. It climbs slowly by `up`, since latency tells what the limit was a while ago.
 */
const trials = { ms: 15_000, up: 1.05, step: 1.5, most: 3, grown: 1.25, share: 0.5, restMs: 10_000 } as const;

interface Trial {
  readonly meanMs: number;
  readonly endsAt: number;
}

/** Creates a limit without measurements. */
export function createAdaptiveLimit({ max, min, targetMs, clock }: AdaptiveLimitSettings): AdaptiveLimit {
  const floor = Math.min(min, max);
  const first = Math.min(Math.max(usualFirst, min), max);
  let limit = first;
  let trial: Trial | undefined;
  let nextTrialAt = clock();
  let wasReached = false;
  let sumMs = 0;
  let samples = 0;
  let since = clock();
  let active = 0;
  let endedAt = since;

  return {
    value() {
      if (active === 0 && clock() - endedAt >= forgetMs) limit = Math.max(limit, first);
      return Math.floor(limit);
    },
    reached() {
      wasReached = true;
    },
    begin() {
      const begunAt = clock();
      active += 1;
      return () => {
        active -= 1;
        endedAt = clock();
        samples += 1;
        sumMs += endedAt - begunAt;
        if (samples < leastSamples || endedAt - since < everyMs) return;
        adjust(Math.max(1, sumMs / samples), endedAt);
        since = endedAt;
        sumMs = 0;
        samples = 0;
        wasReached = false;
      };
    },
  };

  function adjust(meanMs: number, now: number): void {
    tryMore(meanMs, now);
    const [aimMs, up] =
      trial === undefined
        ? [targetMs, steepest.up]
        : [Math.min(targetMs * trials.most, trial.meanMs * trials.step), trials.up];
    const step = Math.sqrt(aimMs / meanMs);
    if (step < 1) limit = Math.max(floor, limit * Math.max(steepest.down, step));
    else if (wasReached) limit = Math.min(max, limit * Math.min(up, step));
  }

  /** Slow at the lowest limit: where the cause is elsewhere, refusing more would make nothing faster. */
  function tryMore(meanMs: number, now: number): void {
    const grown = limit / floor;
    if (trial !== undefined) {
      const isByLoad = grown >= trials.grown && meanMs > trial.meanMs * (1 + (grown - 1) * trials.share);
      if (isByLoad) nextTrialAt = now + trials.restMs;
      if (isByLoad || now >= trial.endsAt) trial = undefined;
    } else if (grown === 1 && wasReached && meanMs > targetMs && now >= nextTrialAt) {
      trial = { meanMs, endsAt: now + trials.ms };
    }
  }
}
