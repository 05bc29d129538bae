/**
 * One trial of a policy: the scenario, and two controls that keep a winner honest, the same load without a fault and with an
 * outage of 300 ms. A seed decides arrivals and service times, the same for every policy.
 *
 * The first seed has the faults as they were named. Each further one makes them up to a quarter longer or shorter, so that no
 * setting wins because its probe happens to come right after the end of one fault.
 */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Load, Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { createRandom } from '../measure/random.ts';
import { toMeanRate } from './effort.ts';

/** What is measured of one trial. */
export interface Measures {
  readonly calls: number;
  readonly failed: number;
  readonly wasted: number;
  readonly sent: number;
  readonly rejectedWhileWell: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly recoveredAfterMs: number | null;
  readonly openedAfterMs: number | null;
  /** Of the run without a fault. */
  readonly calm: Control;
  /** Of the run with an outage of 300 ms. */
  readonly blip: Control;
}

/** What is measured of a control. */
export interface Control {
  readonly calls: number;
  readonly failed: number;
  readonly rejectedWhileWell: number;
  readonly p99Ms: number | null;
}

/** A policy to be run with a seed. */
export interface Trial {
  readonly policy: Policy;
  /** Counts the seeds from 0. */
  readonly nth: number;
}

/** Runs trials; the results are in their sequence. */
export type RunTrials = (trials: readonly Trial[]) => Promise<readonly Measures[]>;

/** Runs a policy in a scenario. */
export type Simulate = (policy: Policy, scenario: Scenario) => RunOutcome;

/** A control lasts so long, and less where many calls come, since it needs no more of them than this. */
const control = { seconds: 15, leastSeconds: 6, calls: 1500 } as const;
const blip = { fromMs: 3000, forMs: 300 } as const;
const mostStretch = 0.25;

/** Runs one trial; `nth` counts the seeds from 0. */
export function runTrial(simulate: Simulate, policy: Policy, scenario: Scenario, nth: number): Measures {
  const { calm, short, whole } = toTrialScenarios(scenario, nth);
  const run = simulate(policy, whole);
  const { calls, failed, wasted, sent, rejectedWhileWell, p50Ms, p99Ms, recoveredAfterMs, openedAfterMs } =
    run;
  return {
    ...{ calls, failed, wasted, sent, rejectedWhileWell, p50Ms, p99Ms, recoveredAfterMs, openedAfterMs },
    calm: toControl(simulate(policy, calm)),
    blip: toControl(simulate(policy, short)),
  };
}

/** The scenario of a seed, and its two controls. */
export function toTrialScenarios(
  scenario: Scenario,
  nth: number,
): { readonly whole: Scenario; readonly calm: Scenario; readonly short: Scenario } {
  const seed = scenario.seed + nth;
  const enough = Math.ceil(control.calls / toMeanRate(scenario.load, scenario.seconds));
  const seconds = Math.min(control.seconds, Math.max(control.leastSeconds, enough), scenario.seconds);
  const calm: Scenario = {
    ...{ ...scenario, seed, faults: [], seconds },
    load: toBeginning(scenario.load, seconds * 1000),
  };
  const short: Scenario = { ...calm, faults: [{ type: 'down', ...blip }] };
  if (nth === 0 || scenario.faults.length === 0) return { whole: { ...scenario, seed }, calm, short };
  const stretch = 1 + mostStretch * (2 * createRandom(seed).next() - 1);
  const faults = scenario.faults.map((fault) => ({ ...fault, forMs: Math.round(fault.forMs * stretch) }));
  const longer = Math.max(
    0,
    ...faults.map(({ forMs }, index) => forMs - (scenario.faults[index]?.forMs ?? 0)),
  );
  return {
    whole: { ...scenario, seed, faults, seconds: scenario.seconds + Math.ceil(longer / 1000) },
    calm,
    short,
  };
}

function toBeginning(load: Load, ms: number): Load {
  return 'atMs' in load ? { atMs: load.atMs.filter((at) => at < ms) } : load;
}

function toControl({ calls, failed, rejectedWhileWell, p99Ms }: RunOutcome): Control {
  return { calls, failed, rejectedWhileWell, p99Ms };
}
