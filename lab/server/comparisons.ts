/** The comparisons of the lab: one at a time, each a process of its own, and the report of the latest one. */
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { UnavailableError } from '@holdfast/shared/core/errors.ts';
import type { Clock } from '@holdfast/shared/resilience/deadline.ts';
import { chain } from '../../chain.ts';
import type { ComparisonMessage, ComparisonSettings, ComparisonStatus } from './comparison.ts';
import { createLabProcess } from './lab-process.ts';

/** The comparisons. */
export interface Comparisons {
  /** The latest one; its report grows while it runs. */
  status(): ComparisonStatus;
  /**
   * Starts one.
   * @throws {UnavailableError} when one is running, or none can be run here.
   */
  start(settings: ComparisonSettings): void;
  /** Ends the running one, if any; resolves when its processes are gone. */
  cancel(why?: string): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const script = fileURLToPath(new URL('../compare/process.ts', import.meta.url));
/** What two chains are started from, from the root. */
const needed = ['embedded-mongo/src/main.ts', ...chain.map(({ folder }) => `${folder}/src/main.ts`)];
/** Longer than the start, the orders and the wait for what is pending may take together, for one chain after the other. */
const longestMs = 300_000;
const retryAfterMs = 5000;

/** Creates the list; nothing runs yet. `clock` is the time of day, `sources` where the services are. */
export function createComparisons(clock: Clock, sources = root): Comparisons {
  const running = createLabProcess<ComparisonMessage>(script, { longestMs });
  const unavailable = findObstacle(sources);
  let latest: ComparisonStatus = {
    ...{ state: 'none', unavailable, why: null, startedAt: null, settings: null, report: null },
  };

  return {
    status: () => latest,
    start(settings) {
      if (unavailable !== null) throw new UnavailableError('overloaded', unavailable, { retryAfterMs });
      if (running.isRunning) {
        const why = 'A comparison is running already; wait for its end, or cancel it.';
        throw new UnavailableError('overloaded', why, { retryAfterMs });
      }
      latest = {
        ...{ state: 'running', unavailable, why: null, settings, report: null },
        startedAt: Math.round(clock()),
      };
      running.start([JSON.stringify(settings)], {
        onMessage: take,
        onLate: () => void end('It took too long and was ended.', 'failed'),
        onEnd(how) {
          if (latest.state !== 'running') return;
          const isDone = latest.report?.phase === 'done';
          latest = isDone
            ? { ...latest, state: 'done' }
            : { ...latest, state: 'failed', why: latest.why ?? how };
        },
      });
    },
    cancel: (why = 'It was cancelled.') => end(why, 'cancelled'),
  };

  function take(message: ComparisonMessage): void {
    if (latest.state !== 'running') return;
    latest = 'report' in message ? { ...latest, report: message.report } : { ...latest, why: message.why };
  }

  async function end(why: string, state: 'cancelled' | 'failed'): Promise<void> {
    if (!running.isRunning) return;
    // With its verdict it only stops its chains; what was found stays.
    if (latest.state === 'running' && latest.report?.phase !== 'done') latest = { ...latest, state, why };
    await running.leave();
  }
}

/** Why no chain can be started here, as in an image that has only the lab; `null` when it can. */
function findObstacle(sources: string): string | null {
  for (const path of needed) {
    if (isThere(`${sources}${path}`, constants.R_OK)) continue;
    return `This lab has no ${path}, so it cannot start chains of its own; npm run compare does it from a clone.`;
  }
  if (isThere(tmpdir(), constants.W_OK)) return null;
  return `Nothing can be written to ${tmpdir()}, where the chains of a comparison keep their documents.`;
}

function isThere(path: string, how: number): boolean {
  try {
    accessSync(path, how);
    return true;
  } catch {
    return false;
  }
}
