/** Runs no trial twice: those of today are compared with in every round, and those of the best come again in the next. */
import type { Measures, RunTrials, Trial } from './trial.ts';

/** Remembers the trials of one search. */
export function rememberTrials(run: RunTrials): { readonly runTrials: RunTrials; made(): number } {
  const known = new Map<string, Measures>();
  const toKey = ({ policy, nth }: Trial) => `${nth} ${JSON.stringify(policy)}`;
  return {
    async runTrials(trials) {
      const keys = trials.map(toKey);
      const asked = new Map(keys.map((key, index) => [key, trials[index] as Trial]));
      const missing = [...asked].filter(([key]) => !known.has(key));
      const measured = await run(missing.map(([, trial]) => trial));
      for (const [index, [key]] of missing.entries()) known.set(key, measured[index] as Measures);
      return keys.map((key) => known.get(key) as Measures);
    },
    made: () => known.size,
  };
}
