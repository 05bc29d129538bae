/** A breaker, or none, while the neighbour is slow. */
import type { Experiment } from '../experiment/schema.ts';

/** The experiment. */
export const experiment: Experiment = {
  title: 'Breaker or none, while the neighbour is four times slower for six seconds',
  shows:
    'Without a breaker callers that retry keep a neighbour down that is well again; a breaker leaves it alone for two seconds, and it is back.',
  hypothesis: { measure: 'failedAfter', of: 'breaker', atMost: 0.5, times: 'none' },
  load: { ratePerSecond: 60 },
  seconds: 16,
  neighbour: { workers: 10, serviceMs: 100 },
  faults: ['slow:4x:6s@4s'],
  policy: {
    ...{ attempts: 2, attemptTimeoutMs: 1000, deadlineMs: 3000, budget: null, bulkhead: null },
    breaker: { windowMs: 2000, openMs: 2000, openMaxMs: 2000, probeTimeoutMs: 1000 },
  },
  arms: { none: { policy: { breaker: null } }, breaker: {} },
};
