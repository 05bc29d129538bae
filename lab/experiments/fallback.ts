/** Something else as an answer, or none, while the neighbour is down. */
import type { Experiment } from '../experiment/schema.ts';

/** The experiment. */
export const experiment: Experiment = {
  title: 'Fallback or none, while the neighbour is down',
  shows:
    'With something else to answer, nobody notices that the neighbour is down; a breaker makes it quick.',
  hypothesis: { measure: 'failed', of: 'fallback', atMost: 0.01 },
  load: { ratePerSecond: 40 },
  seconds: 12,
  neighbour: { workers: 20, serviceMs: { p50: 20, p99: 80 } },
  faults: ['down:5s@4s'],
  policy: { breaker: { windowMs: 2000, openMs: 1000, openMaxMs: 1000 } },
  arms: { none: {}, fallback: { fallback: true } },
};
