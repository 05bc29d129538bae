/**
 * Runs a policy against a scenario in virtual time. Pure: the same policy, scenario and seed give the same outcome, and
 * nothing waits. decisions/0030 says how it is proven, and what it leaves out.
 */
import type { Strategy } from '../balancer.ts';
import { toArrivals } from './arrivals.ts';
import { createCallerModel } from './caller-model.ts';
import { type CallRecord, measureRun } from './measure-run.ts';
import { createNeighbourModel } from './neighbour-model.ts';
import type { RunOutcome, RunTransition } from './outcome.ts';
import { type PartialPolicy, parsePolicy } from './parse-policy.ts';
import { type PartialScenario, parseScenario } from './parse-scenario.ts';
import { drawUnit, purposes } from './seeded-random.ts';
import { createVirtualTime } from './virtual-time.ts';

/** What a policy does not say; the defaults are those of a service. */
export interface SimulateOptions {
  /** Which of several instances gets a call. @default 'least-pending' */
  readonly strategy?: Strategy;
  /** How long an instance takes back to its full share after its breaker has closed. @default 10000 */
  readonly slowStartMs?: number;
}

/**
 * Runs `policy` (what it leaves out is `policyDefaults`) against `scenario` (all but the load has a default).
 *
 * @throws {InvalidSettingsError} which names every field that is unknown, of another type or out of its range.
 */
export function simulate(
  policy: PartialPolicy,
  scenario: PartialScenario,
  { strategy = 'least-pending', slowStartMs = 10_000 }: SimulateOptions = {},
): RunOutcome {
  const parsedPolicy = parsePolicy(policy);
  const parsed = parseScenario(scenario, parsedPolicy.attempts);
  const { seed, seconds, neighbour, faults } = parsed;
  const time = createVirtualTime();
  const dueMs = toArrivals(parsed.load, seconds, seed);
  const calls: CallRecord[] = new Array(dueMs.length);
  const sentAtMs: number[] = [];
  const transitions: RunTransition[] = [];
  const openings = new Array<number>(neighbour.instances).fill(0);
  let choices = 0;
  let ended = 0;
  let wasted = 0;

  const model = createNeighbourModel(parsed, time);
  const caller = createCallerModel({
    policy: parsedPolicy,
    instances: neighbour.instances,
    strategy,
    slowStartMs,
    time,
    send(attempt) {
      sentAtMs.push(time.nowMs);
      model.take(attempt);
    },
    askAlive: model.askAlive,
    randomWait: (call, attempts) => drawUnit(seed, purposes.wait, call, attempts),
    randomOpen(instance) {
      openings[instance] = (openings[instance] ?? 0) + 1;
      return drawUnit(seed, purposes.open, openings[instance] ?? 0, instance);
    },
    randomChoice() {
      choices += 1;
      return drawUnit(seed, purposes.choice, choices);
    },
    onCallEnd(call, end) {
      ended += 1;
      calls[call] = { dueMs: dueMs[call] ?? 0, endMs: time.nowMs, end };
    },
    onAttemptEnd(attempt, isGood) {
      if (!isGood) wasted += 1;
      model.leave(attempt);
    },
    onTransition: (instance, from, to, reason) =>
      transitions.push({ atMs: time.nowMs, instance, from, to, reason }),
  });

  arrive(0);
  // What the neighbour still works on when the last call has ended interests nobody.
  while ((ended < dueMs.length || time.nowMs < seconds * 1000) && time.runNext());
  return measureRun({
    seconds,
    faults,
    calls,
    sentAtMs,
    wasted,
    transitions,
    hasBreaker: parsedPolicy.breaker !== null,
  });

  function arrive(call: number): void {
    const atMs = dueMs[call];
    if (atMs === undefined) return;
    time.after(atMs - time.nowMs, () => {
      arrive(call + 1);
      caller.call(call);
    });
  }
}
