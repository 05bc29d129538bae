import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { describe, expect, it } from 'vitest';
import { type AgreementCase, agreementCases } from '../../../agreement/cases.ts';
import { compareOutcomes } from '../../../agreement/compare.ts';

const down = agreementCases.find(({ name }) => name === 'down') as AgreementCase;
const outcome = simulate(down.policy, down.scenario);

describe('model and reality', () => {
  it('agree with themselves, in every case', () => {
    for (const { policy, scenario } of agreementCases) {
      const one = simulate(policy, scenario);
      expect(compareOutcomes(one, one).every(({ agrees }) => agrees)).toBe(true);
    }
  });

  it.each<[string, Partial<RunOutcome>]>([
    ['goodRatio', { good: outcome.good - outcome.calls * 0.06 }],
    ['amplification', { amplification: outcome.amplification * 1.2 }],
    ['opened', { opened: outcome.opened + 2 }],
    ['openedAfterMs', { openedAfterMs: (outcome.openedAfterMs ?? 0) + 600 }],
    ['openedAfterMs', { openedAfterMs: null }],
    ['recoveredAfterMs', { recoveredAfterMs: (outcome.recoveredAfterMs ?? 0) + 3000 }],
    ['p50Ms', { p50Ms: (outcome.p50Ms ?? 0) + 60 }],
    ['p99Ms', { p99Ms: (outcome.p99Ms ?? 0) * 2 }],
  ])('do not agree when %s is another one', (measure, change) => {
    const wrong = compareOutcomes(outcome, { ...outcome, ...change }).filter(({ agrees }) => !agrees);
    expect(wrong.map((one) => one.measure)).toEqual([measure]);
  });

  it('do not agree when the policy is another one', () => {
    const storm = agreementCases.find(({ name }) => name === 'storm of retries') as AgreementCase;
    const right = simulate(storm.policy, storm.scenario);
    const wrong = simulate({ ...storm.policy, attempts: 1 }, storm.scenario);
    expect(compareOutcomes(wrong, right).filter(({ agrees }) => !agrees)).not.toEqual([]);
  });
});
