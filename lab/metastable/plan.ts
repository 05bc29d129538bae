/**
 * What the demonstration runs: a caller without protection, each protection alone, all of them, and all but one, before the
 * same neighbour with the same short fault.
 */
import { breakerDefaults } from '@holdfast/shared/resilience/breaker-settings.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Neighbour, Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';

/** What may be changed. */
export interface MetastableSettings {
  readonly ratePerSecond: number;
  readonly workers: number;
  readonly serviceMs: number;
  /** When they begin is part of them. */
  readonly faults: readonly ScenarioFault[];
  /** How long calls go on after the last fault has ended. */
  readonly afterSeconds: number;
  readonly seed: number;
}

/** What can save a caller; each is switched on and off alone. */
export const protections = ['fewer attempts', 'deadline', 'budget', 'breaker', 'admission'] as const;

/** One of them. */
export type Protection = (typeof protections)[number];

/** What each of them is, in a sentence. */
export const protectionWords: Readonly<Record<Protection, string>> = {
  'fewer attempts': 'two attempts instead of four',
  deadline: 'a caller waits 2 s in all, and the neighbour drops waiting calls whose caller is gone',
  budget: 'retries are at most 20 % of the calls',
  breaker: 'opens at 50 % failures in 10 s, for 10 s',
  admission: 'the neighbour lets calls wait for half a second of its work, and answers 503 to more',
};

/** The three that a caller can have by itself, without the neighbour. */
export const remedy: readonly Protection[] = ['fewer attempts', 'budget', 'breaker'];

/** A policy against a scenario. */
export interface MetastableArm {
  readonly name: string;
  readonly policy: Policy;
  readonly scenario: Scenario;
}

/** No protection but a timeout, as many a caller has it. */
const bare: Policy = {
  ...{ deadlineMs: null, bulkhead: null, attempts: 4, budget: null, breaker: null, attemptTimeoutMs: 1000 },
};

/** A caller and its neighbour with these protections and no other. */
export function toArm(
  name: string,
  given: readonly Protection[],
  settings: MetastableSettings,
): MetastableArm {
  const has = (one: Protection) => given.includes(one);
  const { ratePerSecond, workers, serviceMs, faults, afterSeconds, seed } = settings;
  const policy: Policy = {
    ...bare,
    ...(has('fewer attempts') ? { attempts: 2 } : {}),
    ...(has('deadline') ? { deadlineMs: 2000 } : {}),
    ...(has('budget') ? { budget: { ratio: 0.2, minPerSecond: 3 } } : {}),
    ...(has('breaker') ? { breaker: breakerDefaults } : {}),
  };
  const neighbour: Neighbour = {
    ...{ instances: 1, workers, serviceMs, errorRatio: 0, networkMs: 0 },
    queueMax: has('admission') ? Math.max(1, Math.round((workers * 500) / serviceMs)) : null,
    dropsAbandoned: has('deadline'),
  };
  const seconds = Math.ceil(toHealedMs(faults) / 1000) + afterSeconds;
  return { name, policy, scenario: { seconds, load: { ratePerSecond }, neighbour, faults, seed } };
}

/** All that is compared: without, with the three of the caller, each alone, all, all but one. */
export function toArms(settings: MetastableSettings): readonly MetastableArm[] {
  return [
    toArm('no protection', [], settings),
    toArm(remedyName, remedy, settings),
    ...protections.map((one) => toArm(`only ${one}`, [one], settings)),
    toArm('all five', protections, settings),
    ...protections.map((one) =>
      toArm(
        `all but ${one}`,
        protections.filter((other) => other !== one),
        settings,
      ),
    ),
  ];
}

/** The name of the arm that the sentence at the end is about. */
export const remedyName = 'attempts, budget, breaker';

/** The steps of a load that rises above what the neighbour can do and falls again. */
export function toHysteresisRates({ workers, serviceMs }: MetastableSettings): readonly number[] {
  const capacity = (workers * 1000) / serviceMs;
  const up = [0.2, 0.4, 0.6, 0.8, 1, 1.2].map((share) => Math.round(capacity * share));
  return [
    ...up,
    ...up.slice(0, -1).toReversed(),
    ...[0.1, 0.05].map((share) => Math.round(capacity * share)),
  ];
}

/** A load that rises and falls, without any fault. */
export function toHysteresisArm(
  arm: MetastableArm,
  rates: readonly number[],
  stepSeconds: number,
): MetastableArm {
  const steps = rates.map((ratePerSecond, index) => ({ fromMs: index * stepSeconds * 1000, ratePerSecond }));
  const seconds = rates.length * stepSeconds;
  return { ...arm, scenario: { ...arm.scenario, faults: [], seconds, load: { steps, arrivals: 'even' } } };
}

/** When the last fault ends. */
export function toHealedMs(faults: readonly ScenarioFault[]): number {
  return faults.reduce((last, { fromMs, forMs }) => Math.max(last, fromMs + forMs), 0);
}
