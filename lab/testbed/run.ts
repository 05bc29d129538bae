/**
 * Runs policies against scenarios on real processes: for each arm a caller, and one process for each instance of its
 * neighbour, all on free ports of loopback. All arms begin at the same moment.
 *
 * The processes end with the run, with this process, and when it is aborted.
 */
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import type { Policy } from '@holdfast/shared/resilience/model/policy.ts';
import type { Scenario } from '@holdfast/shared/resilience/model/scenario.ts';
import { type Child, startChild } from '../processes/child.ts';
import { findFreePorts } from '../processes/ports.ts';
import type { CallerSetup, NeighbourSetup, Start } from './messages.ts';

/** A policy and what happens to it. */
export interface TestbedArm {
  readonly name: string;
  readonly policy: Policy;
  readonly scenario: Scenario;
  /** A call that fails is answered with something else, and counts as good. @default false */
  readonly fallback?: boolean;
}

/** What an arm measured. */
export interface TestbedRun {
  readonly name: string;
  readonly outcome: RunOutcome;
  /** How late calls were sent: the 99th percentile. */
  readonly lateMs: number;
}

/** What may be given beside the arms. */
export interface TestbedOptions {
  /** Gets the seconds since the beginning, once a second. */
  readonly onProgress?: (second: number) => void;
  /** Ends the run; the promise rejects then. */
  readonly signal?: AbortSignal;
}

/** Until all processes are ready, at most. */
const startMs = 60_000;
/** Another run may find the same ports free at the same moment. */
const portsEach = 4;
/** From the last process that is ready to the beginning. */
const leadMs = 300;
/** From the end of the load to the last answer, at most. */
const settleMs = 120_000;

/**
 * Runs all arms at once.
 * @throws {Error} when a process cannot be started or ends before its time, or when the run was aborted.
 */
export async function runOnTestbed(
  arms: readonly TestbedArm[],
  { onProgress, signal }: TestbedOptions = {},
): Promise<readonly TestbedRun[]> {
  signal?.throwIfAborted();
  const children: Child[] = [];
  const end = () => {
    for (const child of children) child.signal('SIGKILL');
  };
  signal?.addEventListener('abort', end, { once: true });
  let progress: NodeJS.Timeout | undefined;
  try {
    // All, also when one fails: no process may be started after the others have been ended.
    const starting = await Promise.allSettled(arms.map((arm) => startArm(arm, children)));
    signal?.throwIfAborted();
    const callers = starting.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const start: Start = { startAt: performance.timeOrigin + performance.now() + leadMs };
    for (const child of children) tell(child, start);
    if (onProgress !== undefined) progress = followSeconds(start, onProgress);
    return await Promise.race([
      failWithFirst(children),
      Promise.all(arms.map((arm, index) => readRun(arm, callers[index] as Child))),
    ]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearInterval(progress);
    signal?.removeEventListener('abort', end);
    end();
    await Promise.all(children.map(({ ended }) => ended));
  }
}

/** Starts the processes of an arm and resolves to its caller, which is warm then. */
async function startArm(
  { policy, scenario, fallback = false }: TestbedArm,
  children: Child[],
): Promise<Child> {
  const { instances } = scenario.neighbour;
  const ports = await findFreePorts(instances * portsEach);
  const caller = startOne('caller.ts');
  const neighbours = Array.from({ length: instances }, (_, instance) => {
    const own = ports.slice(instance * portsEach, (instance + 1) * portsEach);
    const neighbour = startOne('neighbour.ts');
    tell(neighbour, { instance, ports: own, scenario } satisfies NeighbourSetup);
    return neighbour;
  });
  children.push(caller, ...neighbours);
  const ready = await Promise.all(neighbours.map((one) => one.says('ready', { withinMs: startMs })));
  const urls = ready.map((line) => `http://127.0.0.1:${line.split(' ')[1]}/call`);
  tell(caller, { policy, scenario, urls, hasFallback: fallback } satisfies CallerSetup);
  await caller.says('ready', { withinMs: startMs });
  return caller;
}

/** Rejects when a process ends by itself: what the others measure from then on is worth nothing. */
async function failWithFirst(children: readonly Child[]): Promise<never> {
  const ends = children.map(async ({ ended, stderr }) => `${await ended}:\n${stderr.join('\n')}`);
  throw new Error(`A process of the testbed ended with ${await Promise.race(ends)}`);
}

async function readRun({ name, scenario }: TestbedArm, caller: Child): Promise<TestbedRun> {
  const line = await caller.says('{', { withinMs: leadMs + scenario.seconds * 1000 + settleMs });
  return { name, ...(JSON.parse(line) as Pick<TestbedRun, 'outcome' | 'lateMs'>) };
}

function startOne(file: string): Child {
  return startChild({
    command: process.execPath,
    args: [fileURLToPath(new URL(file, import.meta.url))],
    env: environmentWith({}),
    stdin: true,
  });
}

function tell(child: Child, message: CallerSetup | NeighbourSetup | Start): void {
  child.stdin?.write(`${JSON.stringify(message)}\n`);
}

function followSeconds({ startAt }: Start, onProgress: (second: number) => void): NodeJS.Timeout {
  return setInterval(() => {
    const second = Math.floor((performance.timeOrigin + performance.now() - startAt) / 1000);
    if (second >= 0) onProgress(second);
  }, 1000);
}
