/**
 * The experiments of the lab: one at a time, each a process of its own, and the last result of each.
 *
 * The process starts the processes that it measures and ends them, and it ends itself when the lab is gone.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { environmentWith } from '@holdfast/shared/core/config.ts';
import { InvalidError, UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { type Child, startChild } from '../processes/child.ts';
import type {
  ExperimentMessage,
  ExperimentResult,
  ExperimentSummary,
  ExperimentsAnswer,
  KnownExperiment,
} from './experiment.ts';

/** The experiments. */
export interface Experiments {
  /** What is known, what runs, and what was found. */
  answer(): Promise<ExperimentsAnswer>;
  /** The last result of one, with its runs. */
  resultOf(name: string): ExperimentResult | undefined;
  /**
   * Starts one.
   * @throws {InvalidError} when it is not known.
   * @throws {UnavailableError} when one is running, or none can be run here.
   */
  start(name: unknown): Promise<void>;
  /** Ends the running one, if any; resolves when its processes are gone. */
  cancel(why?: string): Promise<void>;
}

const script = fileURLToPath(new URL('../experiment/process.ts', import.meta.url));
/** Longer than any that is known may take, for one arm after the other on a busy machine. */
const longestMs = 900_000;
/** Time for its processes. */
const graceMs = 5000;
const retryAfterMs = 5000;

/** Creates the list; nothing runs yet. `clock` is the time of day. */
export function createExperiments(clock: Clock): Experiments {
  const unavailable = existsSync(script)
    ? null
    : 'This lab has no lab/experiment, so it cannot run any; npm run experiment does it from a clone.';
  const results = new Map<string, ExperimentResult>();
  let known: Promise<readonly KnownExperiment[]> | undefined;
  let running: Child | undefined;
  let latest: Pick<ExperimentsAnswer, 'state' | 'why' | 'name' | 'startedAt' | 'progress'> = {
    ...{ state: 'none', why: null, name: null, startedAt: null, progress: null },
  };

  return {
    async answer() {
      const summaries = [...results].map(([name, result]) => [name, toSummary(result)] as const);
      return {
        ...latest,
        ...{ unavailable, known: await list(), results: Object.fromEntries(summaries) },
      };
    },
    resultOf: (name) => results.get(name),
    async start(name) {
      if (unavailable !== null) throw new UnavailableError('overloaded', unavailable, { retryAfterMs });
      const names = (await list()).map((one) => one.name);
      if (typeof name !== 'string' || !names.includes(name)) {
        const detail = `Must be one of ${names.join(', ')}.`;
        throw new InvalidError(`The experiment is invalid at "/name": ${detail}`, [
          { pointer: '/name', detail },
        ]);
      }
      if (running !== undefined) {
        const why = 'An experiment is running already; wait for its end, or cancel it.';
        throw new UnavailableError('overloaded', why, { retryAfterMs });
      }
      latest = { state: 'running', why: null, name, startedAt: Math.round(clock()), progress: null };
      const child = startProcess([name], (message) => take(name, message));
      running = child;
      const late = setTimeout(() => void end('It took too long and was ended.', 'failed'), longestMs);
      void child.ended.then((how) => {
        clearTimeout(late);
        if (running === child) running = undefined;
        if (latest.state !== 'running') return;
        const why = latest.why ?? `Its process ended with ${how}. ${child.stderr.at(-1) ?? ''}`.trim();
        latest = { ...latest, state: 'failed', why, progress: null };
      });
    },
    cancel: (why = 'It was cancelled.') => end(why, 'cancelled'),
  };

  /** They are in files of the lab, so they are asked for once; after a failure again. */
  function list(): Promise<readonly KnownExperiment[]> {
    if (unavailable !== null) return Promise.resolve([]);
    known ??= askKnown().catch((): readonly KnownExperiment[] => {
      known = undefined;
      return [];
    });
    return known;
  }

  function take(name: string, message: ExperimentMessage): void {
    if (latest.state !== 'running') return;
    if ('progress' in message) latest = { ...latest, progress: message.progress };
    if ('why' in message) latest = { ...latest, why: message.why };
    if (!('result' in message)) return;
    results.set(name, message.result);
    latest = { ...latest, state: 'done', progress: null };
  }

  async function end(why: string, state: 'cancelled' | 'failed'): Promise<void> {
    if (running === undefined) return;
    if (latest.state === 'running') latest = { ...latest, state, why, progress: null };
    await running.leave(graceMs);
  }
}

async function askKnown(): Promise<readonly KnownExperiment[]> {
  let known: readonly KnownExperiment[] | undefined;
  const child = startProcess([], (message) => {
    if ('known' in message) known = message.known;
  });
  await child.ended;
  if (known === undefined) throw new Error('The process of the experiments named none.');
  return known;
}

function startProcess(args: readonly string[], take: (message: ExperimentMessage) => void): Child {
  return startChild({
    command: process.execPath,
    args: [script, ...args],
    env: environmentWith({}),
    // It ends its own processes.
    lastSignal: 'SIGTERM',
    onLine(line) {
      const message = toMessage(line);
      if (message !== undefined) take(message);
    },
  });
}

/** A line that is no message is a word of something that the process runs, and is left out. */
function toMessage(line: string): ExperimentMessage | undefined {
  try {
    return JSON.parse(line) as ExperimentMessage;
  } catch {
    return undefined;
  }
}

function toSummary({ runs: _, ...summary }: ExperimentResult): ExperimentSummary {
  return summary;
}
