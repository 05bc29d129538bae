/**
 * What a breaker would have done with recorded outcomes.
 *
 * Nothing is fed back: a call that it rejects relieves nobody, and is not retried. So it judges thresholds and windows,
 * and says nothing of retries, timeouts and budgets.
 */
import type { BreakerSettings } from '@holdfast/shared/resilience/breaker-settings.ts';
import {
  type BreakerModel,
  createBreakerModel,
  type ModelVerdict,
} from '@holdfast/shared/resilience/model/breaker-model.ts';
import { createVirtualTime } from '@holdfast/shared/resilience/model/virtual-time.ts';
import { createRandom } from '../measure/random.ts';
import { callOutcomes, type Trace } from './trace.ts';

/** What one breaker for each instance would have done. */
export interface ShadowReplay {
  /** How often one would have opened; failed probes do not count. */
  readonly opened: number;
  /** When, in milliseconds since 1970; the first 1,000. */
  readonly openedAt: readonly number[];
  /** Calls that it would have rejected. */
  readonly rejected: number;
  /** Those of them that were answered well. */
  readonly rejectedWrongly: number;
  /** Calls that were sent, and so judged. */
  readonly calls: number;
}

const maxMoments = 1000;

const verdicts: readonly (ModelVerdict | null)[] = callOutcomes.map((outcome) => {
  if (outcome === 'rejected') return null;
  if (outcome === 'ok') return 'success';
  return outcome === 'failed' ? 'failure' : 'timeout';
});

/** Replays the outcomes of a trace through breakers with these settings; each outcome counts when its call ended. */
export function replayShadow(trace: Trace, settings: BreakerSettings): ShadowReplay {
  const time = createVirtualTime();
  const startsAt = trace.at[0] ?? 0;
  const breakers: BreakerModel[] = [];
  const { next: random } = createRandom(1);
  const openedAt: number[] = [];
  let opened = 0;
  let rejected = 0;
  let rejectedWrongly = 0;
  let calls = 0;

  arrive(0);
  while (time.runNext()) {}
  return { opened, openedAt, rejected, rejectedWrongly, calls };

  function arrive(index: number): void {
    const at = trace.at[index];
    if (at === undefined) return;
    time.after(at - startsAt - time.nowMs, () => {
      arrive(index + 1);
      begin(index);
    });
  }

  function begin(index: number): void {
    const verdict = verdicts[trace.outcome[index] ?? 0] ?? null;
    if (verdict === null) return;
    calls += 1;
    const breaker = toBreaker(trace.instance[index] ?? 0);
    if (!breaker.isCallPermitted()) {
      rejected += 1;
      if (verdict === 'success') rejectedWrongly += 1;
      return;
    }
    // A probe that took too long is judged by the breaker itself.
    const call = breaker.begin(() => undefined);
    time.after(trace.ms[index] ?? 0, () => breaker.end(call, verdict));
  }

  function toBreaker(instance: number): BreakerModel {
    breakers[instance] ??= createBreakerModel({ settings, time, random, onTransition });
    return breakers[instance];
  }

  function onTransition(from: string, to: string): void {
    if (from !== 'closed' || to !== 'open') return;
    opened += 1;
    if (openedAt.length < maxMoments) openedAt.push(startsAt + time.nowMs);
  }
}
