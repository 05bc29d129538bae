/** A new version that is as good as the old one: it is to pass. */
import type { Experiment } from '../experiment/schema.ts';
import { experiment as bad } from './canary.ts';

/** The experiment. */
export const experiment: Experiment = {
  ...bad,
  title: 'Canary judged: a new version that is as good as the old one',
  shows: 'The same hypothesis holds for a good version (exit code 0): a release goes on.',
  arms: { old: {}, canary: {} },
};
