/** The model against real processes: a few of the scenarios of `npm run agreement`, at the same moment. */
import { simulate } from '@holdfast/shared/resilience/model/simulate.ts';
import { expect, it } from 'vitest';
import { type AgreementCase, agreementCases } from '../../agreement/cases.ts';
import { compareOutcomes } from '../../agreement/compare.ts';
import { toBusy } from '../../measure/busy.ts';
import { runOnTestbed } from '../../testbed/run.ts';

const cases = agreementCases
  .filter(({ name }) => ['storm of retries', 'down', 'flaky 30 %'].includes(name))
  .map((one): AgreementCase => ({ ...one, scenario: { ...one.scenario, seconds: 14 } }));

it('in real time: the model and real processes agree, and a wrong policy does not', async ({ skip }) => {
  const runs = await runOnTestbed(cases);
  for (const [index, { outcome, lateMs }] of runs.entries()) {
    const { policy, scenario } = cases[index] as AgreementCase;
    const wrong = compareOutcomes(
      simulate({ ...policy, attempts: 1, breaker: null }, scenario),
      outcome,
      lateMs,
    );
    expect(wrong.filter(({ agrees }) => !agrees)).not.toEqual([]);
  }
  // What others do on this machine is then larger than what is measured.
  const busy = toBusy({ lateMs: runs.map(({ lateMs }) => lateMs) });
  if (busy !== null) skip(busy);
  for (const [index, { outcome, lateMs }] of runs.entries()) {
    const { policy, scenario } = cases[index] as AgreementCase;
    const comparisons = compareOutcomes(simulate(policy, scenario), outcome, lateMs);
    expect(comparisons.filter(({ agrees }) => !agrees)).toEqual([]);
  }
});
