/** A neighbour that drops calls whose caller is gone, or works for all of them. */
import type { Experiment } from '../experiment/schema.ts';

/** The experiment. */
export const experiment: Experiment = {
  title: 'Deadline honoured or not, after the neighbour was slow for four seconds',
  shows:
    'A neighbour that works off calls whose callers have given up has no time for those who still wait; one that drops them is back at once.',
  hypothesis: { measure: 'failedAfter', of: 'honoured', atMost: 0.5, times: 'ignored' },
  load: { ratePerSecond: 80 },
  seconds: 16,
  neighbour: { workers: 10, serviceMs: 100 },
  faults: ['slow:4x:4s@4s'],
  policy: { attempts: 1, attemptTimeoutMs: 1000, deadlineMs: 1000, breaker: null, bulkhead: null },
  arms: {
    ignored: { neighbour: { dropsAbandoned: false } },
    honoured: { neighbour: { dropsAbandoned: true } },
  },
};
