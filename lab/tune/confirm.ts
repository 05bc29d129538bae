/**
 * Confirms a search on real processes: the best three, the settings of today, and those of today once more, which tells how much
 * two runs of the same differ (A/A). Five rounds, in each the same calls for all, and another first.
 */
import { availableParallelism } from 'node:os';
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Load, Scenario, ScenarioFault } from '@holdfast/shared/resilience/model/scenario.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { type Interval, pairedInterval } from '../measure/bootstrap.ts';
import { measureCpuShare, toBusy } from '../measure/busy.ts';
import { type EffectSize, toEffectSize } from '../measure/effect-size.ts';
import { toMean } from '../measure/statistics.ts';
import type { Verdict } from '../measure/verdict.ts';
import { runOnTestbed, type TestbedArm, type TestbedRun } from '../testbed/run.ts';
import { neverRecovers } from './candidate.ts';
import { toMeanRate } from './effort.ts';
import { toRunPrice } from './price.ts';
import { toTrialScenarios } from './trial.ts';
import { leastShare } from './verdict.ts';

/** One policy on real processes. */
export interface ConfirmedArm {
  readonly name: string;
  readonly policy: Policy;
  /** One for each round. */
  readonly measured: readonly RunOutcome[];
  /** The same scenarios in virtual time. */
  readonly predicted: readonly RunOutcome[];
  /** Of its prices against those of today; `null` for today itself. */
  readonly against: { readonly interval: Interval | null; readonly effect: EffectSize | null } | null;
}

/** What the real processes said. */
export interface Confirmation {
  readonly verdict: Verdict;
  readonly sentence: string;
  /** Today first, then the best, then today once more. */
  readonly arms: readonly ConfirmedArm[];
  /** Measures in which today differs from itself, of so many. */
  readonly falseAlarms: { readonly names: readonly string[]; readonly of: number };
  /** Of the first round. */
  readonly faults: readonly ScenarioFault[];
}

/** How arms are run: given by a test, else real processes. */
export type RunArms = (arms: readonly TestbedArm[]) => Promise<readonly TestbedRun[]>;

/** What is confirmed. */
export interface ConfirmOptions {
  readonly scenario: Scenario;
  readonly today: Policy;
  readonly best: readonly Policy[];
  readonly seed: number;
  readonly runArms?: RunArms;
  readonly cores?: number;
  readonly cpuShare?: () => number;
  readonly onRound?: (text: string) => void;
}

const rounds = 5;
/** All runs together take this long at most; starting processes takes the rest of five minutes. */
const mostSeconds = 225;
/** Before the first fault, so that connections are warm and the goodput before is known. */
const leadMs = 5000;
/** After the last fault. */
const leastAfter = 8;
/** A call costs about this much of a core in caller, neighbour and load generator together; half of the cores may be busy. */
const [coreMsPerCall, mostBusyRatio] = [1.5, 0.6];

/** Runs all of it. */
export async function confirm(options: ConfirmOptions): Promise<Confirmation> {
  const { today, best, seed, onRound = () => {} } = options;
  const {
    runArms = (arms) => runOnTestbed(arms),
    cores = availableParallelism(),
    cpuShare = measureCpuShare,
  } = options;
  const named = [
    { name: 'current', policy: today },
    ...best.map((policy, index) => ({ name: ['1st', '2nd', '3rd'][index] ?? `${index + 1}th`, policy })),
    { name: 'current again', policy: today },
  ];
  const perCore =
    (cores * 1000 * mostBusyRatio) /
    coreMsPerCall /
    toMeanRate(options.scenario.load, options.scenario.seconds);
  const atOnce = Math.min(named.length, Math.floor(perCore));
  const groups = Math.ceil(named.length / Math.max(1, atOnce));
  const seconds = Math.floor(mostSeconds / rounds / groups);
  const scenarios = Array.from({ length: rounds }, (_, nth) =>
    toShort(toTrialScenarios(options.scenario, nth).whole, seconds),
  );
  const tooLong = toTooLong(atOnce, scenarios, seconds);
  if (tooLong !== null) return nothing(tooLong);

  const measured = named.map((): RunOutcome[] => []);
  const lateMs: number[] = [];
  const cpuShares: number[] = [];
  for (const [round, scenario] of scenarios.entries()) {
    onRound(`round ${round + 1} of ${rounds} on real processes, ${Math.round(scenario.seconds * groups)} s`);
    cpuShares.push(cpuShare());
    // Another one is first in every round, so that none is always started last.
    const sequence = named.map((_, index) => (index + round) % named.length);
    for (let begin = 0; begin < named.length; begin += atOnce) {
      const group = sequence.slice(begin, begin + atOnce);
      const runs = await runArms(
        group.map((index) => ({
          name: named[index]?.name ?? '',
          policy: named[index]?.policy ?? today,
          scenario,
        })),
      );
      for (const [place, index] of group.entries()) {
        const run = runs[place];
        if (run === undefined) continue;
        measured[index]?.push(run.outcome);
        lateMs.push(run.lateMs);
      }
    }
    // Three more minutes on such a machine would not tell more.
    if (round === 1 && toBusy({ lateMs, cpuShares }) !== null) break;
  }
  const made = scenarios.slice(0, measured[0]?.length ?? 0);
  const prices = measured.map((runs) => runs.map((run) => toPriceOf(run, today.deadlineMs)));
  const arms = named.map(({ name, policy }, index) => ({
    ...{ name, policy, measured: measured[index] ?? [] },
    predicted: made.map((scenario) => simulate(policy, scenario)),
    against:
      index === 0
        ? null
        : {
            interval: pairedInterval(toDifferences(prices[index] ?? [], prices[0] ?? []), { seed }),
            effect: toEffectSize(prices[0] ?? [], prices[index] ?? []),
          },
  }));
  const falseAlarms = toFalseAlarms(measured[0] ?? [], measured.at(-1) ?? [], today.deadlineMs, seed);
  const busy = toBusy({ lateMs, cpuShares });
  return {
    ...judge(arms, busy, falseAlarms, prices[0] ?? []),
    arms,
    falseAlarms,
    faults: made[0]?.faults ?? [],
  };
}

/** The measures that are compared, and that the A/A pair is held against. */
const confirmedMeasures = (deadlineMs: number | null) =>
  [
    ['failed calls', (run: RunOutcome) => run.failed],
    ['attempts in vain', (run: RunOutcome) => run.wasted],
    ['p99', (run: RunOutcome) => run.p99Ms ?? 0],
    ['price', (run: RunOutcome) => toPriceOf(run, deadlineMs)],
  ] as const;

function toPriceOf(run: RunOutcome, deadlineMs: number | null): number {
  return toRunPrice(run, deadlineMs) + (run.recoveredAfterMs === null ? neverRecovers : 0);
}

function judge(
  arms: readonly ConfirmedArm[],
  busy: string | null,
  falseAlarms: Confirmation['falseAlarms'],
  ofToday: readonly number[],
): Pick<Confirmation, 'verdict' | 'sentence'> {
  const interval = arms[1]?.against?.interval ?? null;
  if (busy !== null) return { verdict: 'inconclusive', sentence: busy };
  if (falseAlarms.names.includes('price'))
    return {
      verdict: 'inconclusive',
      sentence:
        'On real processes the current settings differ from themselves (A/A), so this machine cannot tell now whether the 1st is better.',
    };
  if (interval === null) return { verdict: 'inconclusive', sentence: 'There was nothing to compare.' };
  const { mean, low, high, pairs } = interval;
  const by = `${Math.abs(mean).toFixed(1)} points of a thousand calls (${low.toFixed(1)} to ${high.toFixed(1)} in ${pairs} pairs)`;
  const isClear = isDifferent(interval, ofToday);
  if (isClear && high < 0)
    return {
      verdict: 'better',
      sentence: `Confirmed on real processes: the 1st costs less than the current settings, by ${by}.`,
    };
  if (isClear)
    return {
      verdict: 'worse',
      sentence: `Not so on real processes: the 1st costs more than the current settings, by ${by}. Keep what you have.`,
    };
  return {
    verdict: 'inconclusive',
    sentence: `On real processes the 1st and the current settings differ by no more than chance, or by too little to matter: ${by}.`,
  };
}

function toFalseAlarms(
  today: readonly RunOutcome[],
  again: readonly RunOutcome[],
  deadlineMs: number | null,
  seed: number,
): Confirmation['falseAlarms'] {
  const measures = confirmedMeasures(deadlineMs);
  const names = measures.flatMap(([name, of]) => {
    const base = today.map(of);
    return isDifferent(pairedInterval(toDifferences(again.map(of), base), { seed }), base) ? [name] : [];
  });
  return { names, of: measures.length };
}

/** By more than chance, and by enough to matter. */
function isDifferent(interval: Interval | null, base: readonly number[]): boolean {
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return false;
  return Math.abs(interval.mean) >= leastShare * toMean(base);
}

function toDifferences(values: readonly number[], base: readonly number[]): number[] {
  return values.map((value, index) => value - (base[index] ?? value));
}

function toTooLong(atOnce: number, scenarios: readonly Scenario[], seconds: number): string | null {
  if (atOnce < 1)
    return 'It cannot be confirmed here: so many calls a second are more than this machine can send, serve and measure. A lower --rate with fewer --workers has the same effects.';
  const short = scenarios.find((scenario) => toEnd(scenario) + leastAfter > scenario.seconds);
  if (short === undefined) return null;
  const needed = Math.ceil(toEnd(short) + leastAfter);
  return `It cannot be confirmed in five minutes here: a run needs ${needed} s, and there are ${seconds} s for each. A shorter fault or a lower --rate would do.`;
}

function toEnd({ faults }: Scenario): number {
  return Math.max(0, ...faults.map(({ fromMs, forMs }) => fromMs + forMs)) / 1000;
}

/** The same scenario with less time before the first fault and after the last. */
export function toShort(scenario: Scenario, seconds: number): Scenario {
  const first = Math.min(...scenario.faults.map(({ fromMs }) => fromMs));
  const earlier = Math.max(0, first - leadMs);
  return {
    ...scenario,
    seconds: Math.min(seconds, scenario.seconds - Math.floor(earlier / 1000)),
    load: toEarlier(scenario.load, earlier),
    faults: scenario.faults.map((fault) => ({ ...fault, fromMs: fault.fromMs - earlier })),
  };
}

function toEarlier(load: Load, ms: number): Load {
  if ('atMs' in load) return { atMs: load.atMs.flatMap((at) => (at < ms ? [] : [at - ms])) };
  if (!('steps' in load)) return load;
  const steps = load.steps.map((step) => ({ ...step, fromMs: Math.max(0, step.fromMs - ms) }));
  return {
    ...load,
    steps: steps.filter(({ fromMs }, index) => fromMs > 0 || steps[index + 1]?.fromMs !== 0),
  };
}

function nothing(sentence: string): Confirmation {
  return { verdict: 'inconclusive', sentence, arms: [], falseAlarms: { names: [], of: 0 }, faults: [] };
}
