/** What a recorder would write while a policy meets a scenario, in virtual time. */
import { toArrivals } from '@holdfast/shared/resilience/model/arrivals.ts';
import { createCallerModel } from '@holdfast/shared/resilience/model/caller-model.ts';
import { createNeighbourModel } from '@holdfast/shared/resilience/model/neighbour-model.ts';
import { type PartialPolicy, parsePolicy } from '@holdfast/shared/resilience/model/parse-policy.ts';
import { type PartialScenario, parseScenario } from '@holdfast/shared/resilience/model/parse-scenario.ts';
import { drawUnit, purposes } from '@holdfast/shared/resilience/model/seeded-random.ts';
import { createVirtualTime } from '@holdfast/shared/resilience/model/virtual-time.ts';
import type { Trace, TraceCall } from '../../traces/trace.ts';
import { toTrace } from './traces.ts';

/** When the first call may come. */
export const startsAt = Date.UTC(2026, 0, 15, 12);

/** Every attempt, and every call that was rejected. */
export function recordSimulated(givenPolicy: PartialPolicy, givenScenario: PartialScenario): Trace {
  const policy = parsePolicy(givenPolicy);
  const scenario = parseScenario(givenScenario);
  const { seed, seconds, neighbour } = scenario;
  const time = createVirtualTime();
  const dueMs = toArrivals(scenario.load, seconds, seed);
  const model = createNeighbourModel(scenario, time);
  const begun = new Map<object, number>();
  const calls: TraceCall[] = [];
  let ended = 0;
  const caller = createCallerModel({
    ...{ policy, instances: neighbour.instances, strategy: 'least-pending', slowStartMs: 10_000, time },
    send(attempt) {
      begun.set(attempt, time.nowMs);
      model.take(attempt);
    },
    askAlive: model.askAlive,
    randomWait: (call, attempts) => drawUnit(seed, purposes.wait, call, attempts),
    randomOpen: () => 0.5,
    randomChoice: () => drawUnit(seed, purposes.choice, begun.size),
    onCallEnd(_, end) {
      ended += 1;
      if (end === 'rejected') calls.push({ t: startsAt + time.nowMs, ms: 0, outcome: 'rejected' });
    },
    onAttemptEnd(attempt, isGood) {
      const began = begun.get(attempt) ?? 0;
      const ms = time.nowMs - began;
      calls.push({
        ...{ t: startsAt + began, ms, instance: `${attempt.instance}` },
        // The sum of two moments is not exact.
        outcome: isGood ? 'ok' : ms > attempt.timeoutMs - 0.001 ? 'timeout' : 'failed',
        ...(attempt.attempt > 1 ? { retry: true } : {}),
      });
      model.leave(attempt);
    },
  });
  const arrive = (call: number) => {
    const atMs = dueMs[call];
    if (atMs === undefined) return;
    time.after(atMs - time.nowMs, () => {
      arrive(call + 1);
      caller.call(call);
    });
  };
  arrive(0);
  while ((ended < dueMs.length || time.nowMs < seconds * 1000) && time.runNext());
  return toTrace(calls, { attemptTimeoutMs: policy.attemptTimeoutMs });
}
