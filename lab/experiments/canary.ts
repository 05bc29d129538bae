/** A new version that is a little slower and fails now and then: it is to be found out. */
import type { Experiment } from '../experiment/schema.ts';

/** The experiment. */
export const experiment: Experiment = {
  title: 'Canary judged: a new version that fails three times in a hundred',
  shows:
    '"No worse than the old version, but for half a point" is broken by a bad version (exit code 1), so a release stops here; canary-good is the same with a good one.',
  hypothesis: { measure: 'failed', of: 'canary', atMost: 0.005, above: 'old' },
  load: { ratePerSecond: 60 },
  seconds: 12,
  neighbour: { workers: 20, serviceMs: { p50: 20, p99: 80 } },
  policy: { attempts: 1 },
  arms: { old: {}, canary: { neighbour: { serviceMs: { p50: 25, p99: 120 }, errorRatio: 0.03 } } },
};
