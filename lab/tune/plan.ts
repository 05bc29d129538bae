/** What is tuned: the scenario, the settings of today, and what a reader has to know about both. */
import { readFileSync } from 'node:fs';
import { UsageError } from '@holdfast/shared/core/command-options.ts';
import { type PartialPolicy, parsePolicy } from '@holdfast/shared/resilience/model/parse-policy.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { placeFaults } from '../options/fault.ts';
import { fitScenario } from '../traces/fit-scenario.ts';
import { readTrace } from '../traces/read-trace.ts';
import { callOutcomes, type TraceFacts } from '../traces/trace.ts';
import { toOverload } from './capacity.ts';
import { type RunningHop, readRunningHop } from './running-chain.ts';
import type { TuneArguments } from './settings.ts';

/** What is tuned. */
export interface TunePlan {
  readonly scenario: Scenario;
  readonly source: 'fault' | 'trace';
  /** Of today, with the deadline that was asked for. */
  readonly today: Policy;
  /** Where the settings of today come from, in words. */
  readonly todayFrom: string;
  readonly hop: string;
  readonly running: RunningHop | null;
  /** What was found in a trace, and what could not be told. */
  readonly notes: readonly string[];
}

/** A neighbour of which nothing is said. */
const usualService = { p50: 50, p99: 150 };
/** Seconds after the last fault: by default, and at least, since five good ones in a row are the recovery. */
const [usualAfter, leastAfter] = [30, 8];
/** Seconds that are added to a trace which ends too soon after its last fault. */
const afterTrace = 15;
/** A quarter of the run, or this, passes before the first fault. */
const usualBefore = 10;
/** More arrivals of a trace take longer than a search may. */
const mostCalls = 6000;

/**
 * Reads what is tuned.
 * @throws {Error} whose message is a sentence for the reader.
 */
export async function readPlan(values: TuneArguments): Promise<TunePlan> {
  const running = values.for === undefined ? null : await readRunningHop(values.for, values.url);
  const { scenario, notes, facts } =
    values.trace === undefined ? toScenario(values) : await readScenario(values);
  const overload = toOverload(scenario.load, scenario.neighbour);
  if (overload !== null) throw new UsageError(overload);
  demandRecovery(scenario);
  const recorded = facts.attemptTimeoutMs;
  const given = running?.policy ?? readPolicy(values.current, recorded);
  const today = values.deadline === undefined ? given : { ...given, deadlineMs: values.deadline };
  const todayFrom =
    running !== null
      ? `those of ${running.hop} at ${running.url}`
      : values.current === undefined
        ? `the defaults of a service${recorded === undefined ? '' : `, with the attempt timeout of the trace, ${recorded} ms`}`
        : `those of ${values.current}`;
  return {
    ...{ scenario, notes, today, todayFrom, running },
    source: values.trace === undefined ? 'fault' : 'trace',
    hop: running?.hop ?? facts.hop ?? 'neighbour',
  };
}

interface Described {
  readonly scenario: Scenario;
  readonly notes: readonly string[];
  readonly facts: TraceFacts;
}

function toScenario(values: TuneArguments): Described {
  const { fault, rate = 1, instances = 1 } = values;
  // The run is as long as its faults need: first they get their places in a run without an end.
  const open = placeFaults(fault, { seconds: values.seconds ?? 4 * usualBefore, instances });
  const end = Math.max(...open.map(({ fromMs, forMs }) => fromMs + forMs));
  const seconds = values.seconds ?? Math.ceil(end / 1000) + usualAfter;
  return {
    ...{ notes: [], facts: {} },
    scenario: {
      ...{ seconds, load: { ratePerSecond: rate }, seed: values.seed },
      neighbour: {
        ...{ instances, workers: values.workers ?? 10, serviceMs: values.service ?? usualService },
        ...{ queueMax: null, dropsAbandoned: false, errorRatio: 0, networkMs: 1 },
      },
      faults: placeFaults(fault, { seconds, instances }),
    },
  };
}

async function readScenario(values: TuneArguments): Promise<Described> {
  const { trace: file = '', unit, peer, workers, fault, seconds, seed } = values;
  const trace = await readTrace(file, { unit, peer });
  if (!trace.outcome.includes(callOutcomes.indexOf('ok')))
    throw new UsageError(
      `In ${file} not one call succeeded, so it does not show what this neighbour is like while it is well: give a trace that begins before the trouble.`,
    );
  const { scenario: fitted, sentences } = fitScenario(trace, { maxCalls: mostCalls, seed, workers });
  const { instances } = fitted.neighbour;
  const added = placeFaults(fault, { seconds: seconds ?? fitted.seconds, instances });
  const faults = [...fitted.faults, ...added];
  if (faults.length === 0)
    throw new UsageError(
      `${file} shows no fault, so all settings do the same: say with --fault what shall happen to this neighbour, as --fault slow:3x:10s.`,
    );
  const notes = [...trace.sentences, ...sentences];
  const scenario = { ...fitted, faults, seed };
  const hasTime = toLastEnd(scenario) + leastAfter <= fitted.seconds;
  const needed = seconds ?? (hasTime ? fitted.seconds : Math.ceil(toLastEnd(scenario)) + afterTrace);
  if (needed > fitted.seconds)
    notes.push(
      `Its calls last for ${fitted.seconds} s, so that they come once more in the ${needed - fitted.seconds} s after them.`,
    );
  return { notes, facts: trace.facts, scenario: withSeconds(scenario, needed) };
}

/** As long as it is asked to be: recorded calls come again from the beginning, as often as it takes. */
function withSeconds({ load, seconds, ...rest }: Scenario, needed: number): Scenario {
  if (!('atMs' in load)) return { ...rest, load, seconds: needed };
  const rounds = Math.ceil(needed / seconds);
  const atMs = Array.from({ length: rounds }, (_, round) =>
    load.atMs.map((at) => at + round * seconds * 1000),
  );
  return { ...rest, seconds: needed, load: { atMs: atMs.flat().filter((at) => at < needed * 1000) } };
}

/** In seconds. */
function toLastEnd({ faults }: Scenario): number {
  return Math.max(...faults.map(({ fromMs, forMs }) => fromMs + forMs)) / 1000;
}

function demandRecovery(scenario: Scenario): void {
  const end = toLastEnd(scenario);
  if (end + leastAfter > scenario.seconds)
    throw new UsageError(
      `The last fault ends after ${Number(end.toFixed(1))} s of ${scenario.seconds}: at least ${leastAfter} s must follow it, since recovery is five good seconds in a row.`,
    );
}

function readPolicy(file: string | undefined, attemptTimeoutMs: number | undefined): Policy {
  if (file === undefined) return parsePolicy({ attemptTimeoutMs });
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? `it is no JSON: ${error.message}` : 'there is no such file';
    throw new UsageError(`--current ${file} cannot be read: ${why}.`);
  }
  try {
    return parsePolicy(given as PartialPolicy);
  } catch (error) {
    throw new UsageError(`--current ${file}: ${error instanceof Error ? error.message : error}`);
  }
}
