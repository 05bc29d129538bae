/** What an experiment found, from its runs alone: a table of measures, a verdict, and how far it can be trusted. */
import { pairedInterval } from '../measure/bootstrap.ts';
import { toEffectSize } from '../measure/effect-size.ts';
import { toFaultText } from '../options/fault.ts';
import type { ExperimentResult, ExperimentRun, MeasureResult, SelfTest } from '../server/experiment.ts';
import { estimateFalseAlarms, isCalledDifferent, swapPairs } from './false-alarms.ts';
import { type ArmValues, judge } from './judge.ts';
import { type MeasureName, measures, toSick } from './measures.ts';
import type { Plan } from './plan.ts';

/** What is known beside the runs. */
export type Circumstances = Pick<
  ExperimentResult,
  'system' | 'together' | 'busy' | 'startedAt' | 'tookMs' | 'machine'
> & { readonly isSelfTest: boolean };

/** Puts it together. */
export function toResult(
  plan: Plan,
  runs: readonly ExperimentRun[],
  { isSelfTest, ...circumstances }: Circumstances,
): ExperimentResult {
  const { title, shows, hypothesis, seed, repeats, seconds } = plan;
  const { of: judged, measure, from } = hypothesis;
  const reference = from?.arm ?? plan.arms.find(({ name }) => name !== judged)?.name ?? null;
  const named = [...new Set([measure, ...plan.measures])];
  const results = named
    .map((name) => toMeasureResult(name, plan, runs, reference))
    .filter(
      ({ name, values }) =>
        name === measure ||
        Object.values(values)
          .flat()
          .some((one) => one !== null),
    );
  const values = results.find(({ name }) => name === measure)?.values ?? {};
  const control = (values[reference ?? judged] ?? []).filter((value) => value !== null);
  const judgement = judge(hypothesis, values, { seed, busy: circumstances.busy });
  const selfTest = isSelfTest ? toSelfTestResult(results, plan, reference) : null;
  const faults = plan.arms.find(({ name }) => name === judged)?.scenario.faults ?? [];
  return {
    ...{ title, shows, seed, repeats, seconds, judged, reference, runs, selfTest },
    ...circumstances,
    arms: plan.arms.map(({ name }) => name),
    judgement: selfTest === null ? judgement : judgeSelfTest(judgement, selfTest, plan),
    falseAlarmRatio: estimateFalseAlarms(control, seed),
    measures: results,
    faults: faults.map(toFaultText),
    sick: toSick({ faults: plan.arms.flatMap(({ scenario }) => scenario.faults) }),
  };
}

function toMeasureResult(
  name: MeasureName,
  { arms, hypothesis, seed }: Plan,
  runs: readonly ExperimentRun[],
  reference: string | null,
): MeasureResult {
  const { label, unit, better, of } = measures[name];
  const values = Object.fromEntries(
    arms.map((arm) => [
      arm.name,
      runs
        .filter((run) => run.arm === arm.name)
        .toSorted((a, b) => a.repeat - b.repeat)
        .map(({ outcome }) => of(outcome, arm.scenario)),
    ]),
  );
  const pairs = toPairs(values, hypothesis.of, reference);
  return {
    ...{ name, label, unit, better, values },
    difference: pairedInterval(
      pairs.map(({ judged, other }) => judged - other),
      { seed },
    ),
    effect: toEffectSize(
      pairs.map(({ other }) => other),
      pairs.map(({ judged }) => judged),
    ),
  };
}

function toSelfTestResult(
  results: readonly MeasureResult[],
  { hypothesis, seed }: Plan,
  reference: string | null,
): SelfTest {
  const differences = ({ values }: MeasureResult) =>
    toPairs(values, hypothesis.of, reference).map(({ judged, other }) => judged - other);
  const judged = results.filter(({ difference }) => difference !== null);
  const own = results.find(({ name }) => name === hypothesis.measure);
  return {
    judged: judged.map(({ label }) => label),
    alarms: judged.filter((one) => isCalledDifferent(differences(one), seed)).map(({ label }) => label),
    swappedRatio: own === undefined ? null : swapPairs(differences(own), seed),
  };
}

function judgeSelfTest(
  { sentence: said, verdict, beyond }: ExperimentResult['judgement'],
  { judged, alarms, swappedRatio }: SelfTest,
  { hypothesis, repeats }: Plan,
): ExperimentResult['judgement'] {
  const { label } = measures[hypothesis.measure];
  const words = `${hypothesis.from?.arm} does not differ from itself in ${label}`;
  if (verdict === 'inconclusive' && (beyond === null || said.includes('too busy')))
    return { hypothesis: words, verdict, sentence: said, beyond };
  const isAlarm = alarms.includes(label);
  const found = alarms.length === 0 ? 'none' : `${alarms.length} (${alarms.join(', ')})`;
  const swapped =
    swappedRatio === null
      ? ''
      : ` Of all ways to say which of each pair is which, ${Math.round(100 * swappedRatio)} % would have called the ${label} different.`;
  const sentence =
    `${isAlarm ? 'False alarm' : 'No false alarm'}: ${hypothesis.from?.arm} against itself in ${repeats} pairs; of ${judged.length} measures ` +
    `${found} ${alarms.length > 1 ? 'were' : 'was'} called different.${swapped}`;
  return { hypothesis: words, verdict: isAlarm ? 'worse' : 'better', sentence, beyond };
}

/** The repeats in which both arms measured something. */
function toPairs(values: ArmValues, judgedName: string, reference: string | null) {
  const others = reference === null ? [] : (values[reference] ?? []);
  return (values[judgedName] ?? []).flatMap((judged, index) => {
    const other = others[index] ?? null;
    return judged === null || other === null ? [] : [{ judged, other }];
  });
}
