/** Experiments in the words of the page. */
import { expect, it } from 'vitest';
import { toBeyondWords, toExperimentProgress, toMeasureRows } from '../../../dashboard/model/experiments.ts';
import type { ExperimentSummary, MeasureResult } from '../../../server/experiment.ts';

const measure = (given: Partial<MeasureResult>): MeasureResult => ({
  ...{
    name: 'failed',
    label: 'calls that fail',
    unit: 'share',
    better: 'less',
    effect: null,
    difference: null,
  },
  values: { without: [0.4, 0.2, null], with: [0.02, 0.04, 0.03] },
  ...given,
});
const summary = (measures: readonly MeasureResult[], given: object = {}) =>
  ({
    ...{ judged: 'with', reference: 'without', repeats: 3, measures, judgement: { beyond: null } },
    ...given,
  }) as unknown as ExperimentSummary;

it('a progress says repeat, arms and second, and grows with them', () => {
  const progress = { repeat: 2, repeats: 4, arms: ['with', 'without'], second: 10, seconds: 20 };
  expect(toExperimentProgress(progress)).toEqual({
    ratio: 0.375,
    text: 'Repeat 2 of 4, with and without: second 10 of 20.',
  });
  expect(toExperimentProgress(null)).toEqual({ ratio: 0, text: 'Its processes start.' });
});

it('a measure has the value in the middle of each arm, and the difference with its interval', () => {
  const difference = { mean: -0.27, low: -0.35, high: -0.18, pairs: 3 };
  const wide = { mean: 210, low: 190.2, high: 12_300, pairs: 3 };
  expect(
    toMeasureRows(
      summary([
        measure({ difference }),
        measure({ label: 'p99', unit: 'ms', values: { with: [812] }, difference: wide }),
        measure({
          label: 'attempts for each call',
          unit: 'times',
          values: { with: [1.034], without: [2.5] },
        }),
      ]),
    ),
  ).toEqual([
    { label: 'calls that fail', judged: '3%', reference: '20%', difference: '−27% (−35% to −18%)' },
    { label: 'p99', judged: '812 ms', reference: '–', difference: '+210 ms (+190 ms to +12.3 s)' },
    { label: 'attempts for each call', judged: '1.03 ×', reference: '2.5 ×', difference: '–' },
  ]);
});

it('says by how much the hypothesis was missed, and nothing where that is not known', () => {
  const beyond = { mean: -0.01234, low: -0.02, high: -0.005, pairs: 3 };
  expect(toBeyondWords(summary([], { judgement: { beyond } }))).toBe(
    'Beyond its bound by -0.0123, between -0.02 and -0.005 (95 %, 3 repeats); below 0 it is on the right side.',
  );
  expect(toBeyondWords(summary([]))).toBeUndefined();
});
