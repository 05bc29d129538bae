/** Runs the whole demonstration: everything in the model, then all but the maps on real processes. */
import { availableParallelism } from 'node:os';
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { runOnTestbed } from '../testbed/run.ts';
import { type Fate, toFate } from './judge.ts';
import {
  type MetastableArm,
  type MetastableSettings,
  protections,
  remedy,
  toArms,
  toHysteresisArm,
  toHysteresisRates,
} from './plan.ts';
import { findRegion, type Region } from './region.ts';

/** An arm in the model, and on real processes where those were asked for. */
export interface ArmResult {
  readonly arm: MetastableArm;
  readonly model: RunOutcome;
  readonly modelFate: Fate;
  readonly real: RunOutcome | null;
  readonly realFate: Fate | null;
}

/** Good answers a second for each rate of a load that rises and falls. */
export interface HysteresisLine {
  readonly name: string;
  readonly goodput: readonly number[];
}

/** All that was found. */
export interface MetastableResult {
  readonly settings: MetastableSettings;
  readonly arms: readonly ArmResult[];
  readonly rates: readonly number[];
  readonly stepSeconds: number;
  readonly hysteresis: {
    readonly model: readonly HysteresisLine[];
    readonly real: readonly HysteresisLine[];
  };
  readonly regions: readonly Region[];
  /** The lateness of the load in each run on real processes. */
  readonly lateMs: readonly number[];
}

/** What may be given beside the settings. */
export interface MetastableOptions {
  readonly isQuick: boolean;
  readonly onProgress: (text: string) => void;
}

/** Seconds at each rate; the first of them are left out, in which the calls before are still answered. */
const stepSeconds = 5;
const settlingSeconds = 2;
/** Each has two processes, and those without protection send four calls for one. */
const armsPerCore = 2;

/** Runs it. */
export async function runMetastable(
  settings: MetastableSettings,
  { isQuick, onProgress }: MetastableOptions,
): Promise<MetastableResult> {
  const arms = toArms(settings);
  const rates = toHysteresisRates(settings);
  const rising = arms.slice(0, 2).map((arm) => toHysteresisArm(arm, rates, stepSeconds));
  onProgress('the model');
  const models = arms.map(({ policy, scenario }) => simulate(policy, scenario));
  const regions = [
    findRegion('no protection', [], settings),
    ...protections.map((one) => findRegion(`only ${one}`, [one], settings)),
    findRegion('attempts, budget, breaker', remedy, settings),
  ];
  const modelled = rising.map(({ name, policy, scenario }) =>
    toLine(name, simulate(policy, scenario), rates),
  );
  const lateMs: number[] = [];
  const reals: RunOutcome[] = [];
  const real: HysteresisLine[] = [];
  if (!isQuick) {
    const atOnce = armsPerCore * availableParallelism();
    for (const some of toBatches([...arms, ...rising], atOnce)) reals.push(...(await runSome(some)));
    const risen = reals.splice(arms.length);
    real.push(...risen.map((outcome, index) => toLine(rising[index]?.name ?? '', outcome, rates)));
  }
  const results = arms.map((arm, index): ArmResult => {
    const model = models[index] as RunOutcome;
    const measured = reals[index] ?? null;
    return {
      arm,
      model,
      modelFate: toFate(model, arm.scenario),
      real: measured,
      realFate: measured === null ? null : toFate(measured, arm.scenario),
    };
  });
  return {
    settings,
    arms: results,
    rates,
    stepSeconds,
    hysteresis: { model: modelled, real },
    regions,
    lateMs,
  };

  async function runSome(some: readonly MetastableArm[]): Promise<RunOutcome[]> {
    const names = some.map(({ name }) => name).join('; ');
    const seconds = Math.max(...some.map(({ scenario }) => scenario.seconds));
    const runs = await runOnTestbed(some, {
      onProgress: (second) => onProgress(`real processes, second ${second} of ${seconds}: ${names}`),
    });
    lateMs.push(...runs.map((run) => run.lateMs));
    return runs.map(({ outcome }) => outcome);
  }
}

/** Each of about as many as the others, and none of more than `most`. */
export function toBatches<T>(all: readonly T[], most: number): T[][] {
  const batches = Math.ceil(all.length / most);
  const size = Math.ceil(all.length / batches);
  return Array.from({ length: batches }, (_, index) => all.slice(index * size, (index + 1) * size));
}

function toLine(name: string, { perSecond }: RunOutcome, rates: readonly number[]): HysteresisLine {
  const goodput = rates.map((_, index) => {
    const end = (index + 1) * stepSeconds;
    const some = perSecond.slice(end - stepSeconds + settlingSeconds, end);
    return some.reduce((sum, { good }) => sum + good, 0) / Math.max(1, some.length);
  });
  return { name, goodput };
}
