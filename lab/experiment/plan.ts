/** An experiment that can be run: every arm with all of its settings, everything that a file leaves out filled in. */
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import { scenarioDefaults } from '@holdfast/shared/resilience/model/parse-scenario.ts';
import { type Policy, policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import type { Neighbour, Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { parseFault, placeFaults } from '../options/fault.ts';
import { type MeasureName, measureNames } from './measures.ts';
import type { Experiment } from './schema.ts';

/** An experiment with nothing left open. */
export interface Plan {
  readonly title: string;
  readonly shows: string | null;
  readonly hypothesis: Hypothesis;
  readonly arms: readonly PlannedArm[];
  readonly seconds: number;
  readonly repeats: number;
  readonly seed: number;
  readonly measures: readonly MeasureName[];
}

/** What is claimed: a measure of an arm is at most, or at least, a bound. */
export interface Hypothesis {
  readonly measure: MeasureName;
  readonly of: string;
  readonly side: 'atMost' | 'atLeast';
  readonly bound: number;
  /** What the bound counts from: so many times, or so much above, what another arm measures. */
  readonly from: { readonly how: 'times' | 'above'; readonly arm: string } | null;
}

/** One arm. */
export interface PlannedArm {
  readonly name: string;
  readonly policy: Policy;
  readonly scenario: Scenario;
  readonly fallback: boolean;
}

type GivenPolicy = NonNullable<Experiment['policy']>;
type GivenBreaker = NonNullable<GivenPolicy['breaker']>;

const usual = { repeats: 5, seed: 1 } as const;

/** Fills in what a legal experiment leaves out. */
export function toPlan(experiment: Experiment): Plan {
  const { title, shows = null, seconds, repeats = usual.repeats, seed = usual.seed } = experiment;
  return {
    ...{ title, shows, seconds, repeats, seed },
    hypothesis: toHypothesis(experiment.hypothesis),
    arms: Object.entries(experiment.arms).map(([name, arm]) => ({
      name,
      policy: withPolicy(withPolicy(policyDefaults, experiment.policy), arm.policy),
      scenario: toScenario(experiment, arm, seed),
      fallback: arm.fallback ?? false,
    })),
    measures: experiment.measures ?? measureNames,
  };
}

/** The same control twice. */
export function toSelfTest(plan: Plan): Plan {
  const { hypothesis, arms } = plan;
  const control = hypothesis.from?.arm ?? hypothesis.of;
  const twice = `${control} again`;
  return {
    ...plan,
    arms: arms.filter(({ name }) => name === control).flatMap((arm) => [arm, { ...arm, name: twice }]),
    hypothesis: { ...hypothesis, of: twice, side: 'atMost', bound: 1, from: { how: 'times', arm: control } },
  };
}

function toHypothesis({ measure, of, atMost, atLeast, times, above }: Experiment['hypothesis']): Hypothesis {
  const from =
    times !== undefined
      ? ({ how: 'times', arm: times } as const)
      : above !== undefined
        ? ({ how: 'above', arm: above } as const)
        : null;
  return {
    measure,
    of,
    from,
    side: atMost === undefined ? 'atLeast' : 'atMost',
    bound: atMost ?? atLeast ?? 0,
  };
}

function toScenario(experiment: Experiment, arm: Experiment['arms'][string], seed: number): Scenario {
  const { load, seconds } = experiment;
  const neighbour = { ...scenarioDefaults.neighbour, ...experiment.neighbour, ...arm.neighbour } as Neighbour;
  const given = arm.faults ?? experiment.faults ?? [];
  const faults = given.flatMap((fault) =>
    typeof fault === 'string'
      ? placeFaults([parseFault(fault)], { seconds, instances: neighbour.instances })
      : [fault as ScenarioFault],
  );
  return { seconds, load: load as Scenario['load'], neighbour, faults, seed };
}

function withPolicy(base: Policy, given: GivenPolicy | undefined): Policy {
  if (given === undefined) return base;
  const { breaker, ...rest } = given;
  const changes = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...base, ...changes, ...(breaker === undefined ? {} : { breaker: withBreaker(base, breaker) }) };
}

function withBreaker({ breaker: base }: Policy, given: GivenBreaker | null): Policy['breaker'] {
  if (given === null) return null;
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...(base ?? policyDefaults.breaker ?? breakerDefaults), ...Object.fromEntries(changes) };
}
