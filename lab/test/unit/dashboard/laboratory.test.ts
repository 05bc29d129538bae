/** The rows of the laboratory, and why a setting is what it is. */
import { describe, expect, it } from 'vitest';
import {
  type BreakerSettings,
  breakerDefaults,
  breakerRanges,
} from '../../../../shared/src/resilience/breaker-settings.ts';
import { policyDefaults } from '../../../../shared/src/resilience/model/policy.ts';
import {
  emptyLaboratory,
  isGoingOn,
  toReplayRows,
  toSettingRows,
  toShadowRows,
} from '../../../dashboard/model/laboratory.ts';
import { toReason } from '../../../dashboard/model/setting-reasons.ts';
import type { TrialArm, TrialStatus, TuneSummary } from '../../../server/policy-trial.ts';

const replay = {
  ...{ calls: 2000, failed: 31, rejectedWhileWell: 1204, wasted: 70, amplification: 1.0349, p99Ms: 812.4 },
  recoveredAfterMs: null,
};
const current: TrialArm = {
  name: 'current',
  policy: policyDefaults,
  shadow: { opened: 2, rejected: 1300, rejectedWrongly: 4 },
  replay,
};
const best: TrialArm = {
  name: '1',
  policy: { ...policyDefaults, attempts: 3, budget: { ratio: 0.123456, minPerSecond: 3 }, breaker: null },
  shadow: null,
  replay: { ...replay, failed: 0, recoveredAfterMs: 4200 },
};

describe('the rows of a trial', () => {
  it('say what the breakers would have done, and nothing of a policy without one', () => {
    expect(toShadowRows([current, best])).toEqual([
      { label: 'breaker would have opened', values: ['2 ×', '–'] },
      { label: 'calls rejected', values: ['1,300', '–'] },
      { label: 'of them answered well', values: ['4', '–'] },
    ]);
  });

  it('say what the replay measured, and "not yet" where it did not recover within the calls', () => {
    expect(toReplayRows([current, best]).map(({ values }) => values)).toEqual([
      ['2%', '0%'],
      ['1,204', '1,204'],
      ['70', '70'],
      ['1.03', '1.03'],
      ['812 ms', '812 ms'],
      ['not yet', '4200 ms'],
    ]);
    expect(toReplayRows([{ ...current, replay: null }]).every(({ values }) => values[0] === '–')).toBe(true);
  });

  it('show only settings in which they differ', () => {
    const rows = toSettingRows([
      current,
      { ...best, policy: { ...best.policy, breaker: policyDefaults.breaker } },
    ]);
    expect(rows).toEqual([
      { path: 'attempts', label: 'attempts', values: ['2', '3'] },
      { path: 'budget.ratio', label: 'retries for each call', values: ['0.2', '0.123'] },
    ]);
  });

  it('write all durations of a row alike, and a threshold as what it means', () => {
    const of = (thresholdRatio: number, openMs: number) => ({
      ...current,
      policy: { ...policyDefaults, breaker: { ...breakerDefaults, thresholdRatio, openMs } },
    });
    expect(toSettingRows([of(0.5, 10_000), of(1, 1500)]).map(({ values }) => values)).toEqual([
      ['50%', 'never'],
      ['10 s', '1.5 s'],
    ]);
  });
});

it('the page asks again only while the laboratory is unfolded and something runs', () => {
  const trial = { state: 'running' } as TrialStatus;
  expect(isGoingOn({ ...emptyLaboratory, trial })).toBe(false);
  expect(isGoingOn({ ...emptyLaboratory, trial, isOpen: true })).toBe(true);
  expect(isGoingOn({ ...emptyLaboratory, isOpen: true })).toBe(false);
});

describe('why a setting is what it is', () => {
  const tune = { at: 0, why: { 'breaker.openMs': 'Three seconds are enough.' }, command: 'npm run tune' };

  it('is what the last tune measured, with its command', () => {
    const reason = toReason('openMs', 'order→payment', tune as unknown as TuneSummary);
    expect(reason).toMatchObject({ command: 'npm run tune', isMeasured: true });
    expect(reason.sentence).toMatch(/^Three seconds are enough\. \(measured at \d\d:\d\d:\d\d\)$/);
  });

  it.each(Object.keys(breakerRanges) as (keyof BreakerSettings)[])(
    'is the reason of the default without a measurement: %s',
    (setting) => {
      const reason = toReason(setting, 'order→payment', undefined);
      expect(reason.sentence).toMatch(/^The default: [a-z].+\.$/);
      expect(reason.command).toBe('npm run tune -- --for order→payment --fault slow:3x:10s --rate 80');
    },
  );
});
