/** The experiments of the lab: one at a time, each a process of its own, and the last result of each. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InvalidError, UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import type {
  ExperimentMessage,
  ExperimentResult,
  ExperimentSummary,
  ExperimentsAnswer,
  KnownExperiment,
} from './experiment.ts';
import { createLabProcess } from './lab-process.ts';

/** The experiments. */
export interface Experiments {
  /** What is known, what runs, and what was found. */
  answer(): Promise<ExperimentsAnswer>;
  /** The last result of one, with its runs. */
  resultOf(name: string): ExperimentResult | undefined;
  /** The same as a page to keep. */
  pageOf(name: string): string | undefined;
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
const retryAfterMs = 5000;

/** Creates the list; nothing runs yet. `clock` is the time of day. */
export function createExperiments(clock: Clock): Experiments {
  const unavailable = existsSync(script)
    ? null
    : 'This lab has no lab/experiment, so it cannot run any; npm run experiment does it from a clone.';
  const results = new Map<string, ExperimentResult>();
  const pages = new Map<string, string>();
  let known: Promise<readonly KnownExperiment[]> | undefined;
  const running = createLabProcess<ExperimentMessage>(script, { longestMs });
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
    pageOf: (name) => pages.get(name),
    async start(name) {
      if (unavailable !== null) throw new UnavailableError('overloaded', unavailable, { retryAfterMs });
      const names = (await list()).map((one) => one.name);
      if (typeof name !== 'string' || !names.includes(name)) {
        const detail = `Must be one of ${names.join(', ')}.`;
        throw new InvalidError(`The experiment is invalid at "/name": ${detail}`, [
          { pointer: '/name', detail },
        ]);
      }
      if (running.isRunning) {
        const why = 'An experiment is running already; wait for its end, or cancel it.';
        throw new UnavailableError('overloaded', why, { retryAfterMs });
      }
      latest = { state: 'running', why: null, name, startedAt: Math.round(clock()), progress: null };
      running.start([name], {
        onMessage: (message) => take(name, message),
        onLate: () => void end('It took too long and was ended.', 'failed'),
        onEnd(how) {
          if (latest.state !== 'running') return;
          latest = { ...latest, state: 'failed', why: latest.why ?? how, progress: null };
        },
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
    pages.set(name, message.page);
    latest = { ...latest, state: 'done', progress: null };
  }

  async function end(why: string, state: 'cancelled' | 'failed'): Promise<void> {
    if (!running.isRunning) return;
    if (latest.state === 'running') latest = { ...latest, state, why, progress: null };
    await running.leave();
  }
}

function askKnown(): Promise<readonly KnownExperiment[]> {
  return new Promise((resolve, reject) => {
    createLabProcess<ExperimentMessage>(script, { longestMs }).start([], {
      onMessage: (message) => 'known' in message && resolve(message.known),
      // Of no effect where it has named them.
      onEnd: (how) => reject(new Error(how)),
    });
  });
}

function toSummary({ runs: _, ...summary }: ExperimentResult): ExperimentSummary {
  return summary;
}
