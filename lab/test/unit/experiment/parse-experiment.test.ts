/** What is said of a file that is no experiment, and what an experiment leaves out. */
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { describe, expect, it } from 'vitest';
import { ExperimentError, parseExperiment } from '../../../experiment/parse-experiment.ts';
import type { Experiment } from '../../../experiment/schema.ts';

const legal: Experiment = {
  title: 'A breaker or none',
  hypothesis: { measure: 'failed', of: 'experiment', atMost: 0.5, times: 'control' },
  load: { ratePerSecond: 20 },
  seconds: 10,
  faults: ['down:2s'],
  arms: { control: { policy: { breaker: null } }, experiment: {} },
};

function mistakesOf(value: unknown): string[] {
  try {
    parseExperiment(value);
    return [];
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    return error.message.split('\n');
  }
}

describe('a legal experiment', () => {
  it('gets what it leaves out', () => {
    const { arms, repeats, seed, hypothesis } = parseExperiment(legal);
    expect({ repeats, seed }).toEqual({ repeats: 5, seed: 1 });
    expect(hypothesis).toEqual({
      ...{ measure: 'failed', of: 'experiment', side: 'atMost', bound: 0.5 },
      from: { how: 'times', arm: 'control' },
    });
    expect(arms.map(({ name, policy }) => [name, policy])).toEqual([
      ['control', { ...policyDefaults, breaker: null }],
      ['experiment', policyDefaults],
    ]);
    expect(arms[0]?.scenario.faults).toEqual([{ type: 'down', forMs: 2000, fromMs: 2500 }]);
  });

  it('lets an arm change a part of what the file says', () => {
    const { arms } = parseExperiment({
      ...legal,
      policy: { attempts: 4, breaker: { openMs: 500 } },
      neighbour: { workers: 3 },
      arms: {
        control: { policy: { breaker: { minCalls: 9 } }, neighbour: { serviceMs: 5 } },
        experiment: { policy: { breaker: null }, faults: [] },
      },
    });
    expect(arms[0]).toMatchObject({
      policy: { attempts: 4, breaker: { ...policyDefaults.breaker, openMs: 500, minCalls: 9 } },
      scenario: { neighbour: { workers: 3, serviceMs: 5 } },
    });
    expect(arms[1]).toMatchObject({ policy: { attempts: 4, breaker: null }, scenario: { faults: [] } });
  });

  it('may bound one arm alone', () => {
    expect(
      parseExperiment({
        ...{ ...legal, hypothesis: { measure: 'failed', of: 'only', atLeast: 0 }, arms: { only: {} } },
      }).hypothesis.from,
    ).toBeNull();
  });
});

describe('every mistake is said at once:', () => {
  it('members that are absent', () => {
    expect(mistakesOf({})).toEqual([
      'title: Is absent; it must be text of 1 to 200 characters.',
      'hypothesis: Is absent; it must be an object.',
      'load: Is absent; it must be {ratePerSecond}, {steps: [{fromMs, ratePerSecond}, …]} or {atMs: […]}.',
      'seconds: Is absent; it must be a number from 1 to 600.',
      'arms: Is absent; it must be an object with an arm for each name.',
    ]);
  });

  it('misspelled names, wherever they are', () => {
    expect(
      mistakesOf({
        ...legal,
        titel: 'x',
        hypothesis: { measure: 'faild', of: 'experiment', atmost: 1 },
        load: { rate: 5 },
        arms: { control: { polcy: {} }, experiment: { policy: { breaker: { minCals: 1 } } } },
      }),
    ).toEqual([
      expect.stringMatching(/^hypothesis.measure: Must be a measure: .* Did you mean failed\?$/),
      'hypothesis.atmost: Is not known here: did you mean atMost?',
      'load.ratePerSecond: Is absent; it must be a number from 0.1 to 2000.',
      'load.rate: Is not known here: did you mean ratePerSecond?',
      'arms.control.polcy: Is not known here: did you mean policy?',
      'arms.experiment.policy.breaker.minCals: Is not known here: did you mean minCalls?',
      'titel: Is not known here: did you mean title?',
      'hypothesis: Must have either atMost or atLeast, which says the bound.',
    ]);
  });

  it('values out of range', () => {
    expect(
      mistakesOf({
        ...legal,
        seconds: '10s',
        repeats: 0,
        policy: { attempts: 1.5, deadlineMs: 0, breaker: { thresholdRatio: 50 } },
        neighbour: { serviceMs: { p50: 80, p99: 20 } },
      }),
    ).toEqual([
      'seconds: Must be a number from 1 to 600.',
      'policy.deadlineMs: Must be a number from 1 to 3600000.',
      'policy.attempts: Must be a whole number from 1 to 10.',
      'policy.breaker.thresholdRatio: Must be a number from 0 to 1.',
      'repeats: Must be a whole number from 1 to 100.',
      'neighbour.serviceMs: Its p99 (20) must not be below its p50 (80).',
    ]);
  });

  it('faults of no known form, after the end, and of nobody', () => {
    const faults = ['slow:3:10s', 'down:1s@10s', 'hang:1s#1', { type: 'slw' }, { type: 'down', fromMs: 0 }];
    expect(mistakesOf({ ...legal, faults })).toEqual([
      expect.stringMatching(/^faults\[0\]: Must be slow:3x:10s, .*/),
      'faults[3].type: Must have a type: slow, latency, down, hang or flaky.',
      'faults[4].forMs: Is absent; it must be a number from 1 to 3600000.',
      'faults[1]: Begins at 10 s, but calls come for 10 s only.',
      'faults[2]: Is of instance #1, but there are 1; the first is #0.',
    ]);
  });

  it('a hypothesis that does not fit its arms', () => {
    expect(
      mistakesOf({
        ...{ ...legal, faults: [] },
        hypothesis: {
          ...{ measure: 'recoveredAfterMs', of: 'experment', atMost: 1, atLeast: 1 },
          ...{ times: 'x', above: 'control' },
        },
      }),
    ).toEqual([
      'hypothesis: Must have either atMost or atLeast, which says the bound.',
      'hypothesis: Must have times or above, not both.',
      'hypothesis.of: There is no arm "experment". Did you mean experiment?',
      'hypothesis.times: There is no arm "x". There are control, experiment.',
      'hypothesis.measure: recoveredAfterMs says something only where there is a fault: faults is absent or empty.',
    ]);
    expect(mistakesOf({ ...legal, hypothesis: { ...legal.hypothesis, times: 'experiment' } })).toEqual([
      'hypothesis: An arm is compared with another one, not with itself.',
    ]);
  });

  it('a load without a call', () => {
    expect(mistakesOf({ ...legal, load: { steps: [{ fromMs: 0, ratePerSecond: 0 }] } })).toEqual([
      'load.steps: No call comes with this load.',
    ]);
    expect(mistakesOf({ ...legal, load: { atMs: [10_000] } })).toEqual([
      'load.atMs: No call comes with this load.',
    ]);
  });

  it.each([[7], [null], [[]], ['text']])('%j, which is no object', (value) => {
    expect(mistakesOf(value)).toEqual(['the experiment: Must be an object.']);
  });
});
