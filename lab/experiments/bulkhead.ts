/** A bound on calls in flight, or none, while the neighbour is slow. */
import type { Experiment } from '../experiment/schema.ts';

/** The experiment. */
export const experiment: Experiment = {
  title: 'Bulkhead or none, while the neighbour is four times slower for four seconds',
  shows:
    'Without a bound all calls queue until all are too late; a bulkhead of 20 turns some away at once, so that the others are answered in time, and the caller holds far fewer.',
  hypothesis: { measure: 'failed', of: 'bulkhead', atMost: 0.7, times: 'none' },
  load: { ratePerSecond: 70 },
  seconds: 16,
  neighbour: { workers: 10, serviceMs: 100 },
  faults: ['slow:4x:4s@3s'],
  policy: { attempts: 1, attemptTimeoutMs: 1000, deadlineMs: 1000, breaker: null },
  arms: {
    none: { policy: { bulkhead: null } },
    bulkhead: { policy: { bulkhead: { maxActive: 20, maxQueued: 20, waitMs: 200 } } },
  },
};
