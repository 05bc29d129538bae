/** Four attempts with a retry budget, or without, while the neighbour is slow. */
import type { Experiment } from '../experiment/schema.ts';

/** The experiment. */
export const experiment: Experiment = {
  title: 'Retries with and without a budget, while the neighbour is four times slower for four seconds',
  shows:
    'Unbounded retries multiply the load on a neighbour that is too slow already, and keep it down after the cause is gone; with a budget of 0.2 it is back in seconds.',
  hypothesis: { measure: 'failedAfter', of: 'budget', atMost: 0.5, times: 'none' },
  load: { ratePerSecond: 50 },
  seconds: 16,
  neighbour: { workers: 10, serviceMs: 100 },
  faults: ['slow:4x:4s@4s'],
  policy: { attempts: 4, attemptTimeoutMs: 1000, deadlineMs: 4000, breaker: null, bulkhead: null },
  arms: {
    none: { policy: { budget: null } },
    budget: { policy: { budget: { ratio: 0.2, minPerSecond: 3 } } },
  },
};
