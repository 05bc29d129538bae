/** What the runner writes to a process of the testbed, a line of JSON each: first what it is, then when it begins. */
import { createInterface } from 'node:readline';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';

/** One instance of the neighbour. */
export interface NeighbourSetup {
  /** Counted from 0. */
  readonly instance: number;
  /** It takes the first that is still free, and says which: another run may have found the same ones. */
  readonly ports: readonly number[];
  readonly scenario: Scenario;
}

/** The caller, with its load. */
export interface CallerSetup {
  readonly policy: Policy;
  readonly scenario: Scenario;
  /** Where the instances of the neighbour listen. */
  readonly urls: readonly string[];
  /** A call that fails is answered with something else, which is a good answer. */
  readonly hasFallback: boolean;
}

/** The moment at which the run begins, in milliseconds since 1970. */
export interface Start {
  readonly startAt: number;
}

/** Says milliseconds since the beginning of the run, in every process alike; negative before. */
export type RunClock = () => number;

/** Creates the clock of a run. It does not jump when the clock of the machine is set. */
export function createRunClock({ startAt }: Start): RunClock {
  return () => performance.timeOrigin + performance.now() - startAt;
}

/** Reads the lines of stdin, one value each. */
export async function* readMessages(): AsyncGenerator<unknown, undefined> {
  for await (const line of createInterface(process.stdin)) yield JSON.parse(line);
  return undefined;
}
