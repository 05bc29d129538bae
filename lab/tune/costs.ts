/** What a policy gains and costs against that of today, in words; only what is more than chance. */
import { pairedInterval } from '../measure/bootstrap.ts';
import { toMean } from '../measure/statistics.ts';
import type { Candidate } from './candidate.ts';
import { toMsWords } from './setting-words.ts';
import type { Measures } from './trial.ts';

/** Differences below these are noticed by nobody. */
const [leastCalls, leastMs, leastShare] = [0.5, 10, 0.05];

interface Difference {
  readonly of: (one: Measures) => number | null;
  readonly least: number;
  readonly less: (by: string) => string;
  readonly more: (by: string) => string;
  readonly show: (value: number) => string;
}

const count = (value: number) => Math.round(value).toLocaleString('en');
const rejections = ({ rejectedWhileWell, calm, blip }: Measures) =>
  rejectedWhileWell + calm.rejectedWhileWell + blip.rejectedWhileWell;

const differences: readonly Difference[] = [
  {
    ...{ of: ({ failed }) => failed, least: leastCalls, show: count },
    ...{ less: (by) => `fails ${by} calls fewer`, more: (by) => `fails ${by} calls more` },
  },
  {
    ...{ of: ({ recoveredAfterMs }) => recoveredAfterMs, least: 500, show: toMsWords },
    ...{ less: (by) => `is well again ${by} sooner`, more: (by) => `is well again ${by} later` },
  },
  {
    ...{ of: ({ openedAfterMs }) => openedAfterMs, least: 200, show: toMsWords },
    ...{ less: (by) => `opens ${by} sooner`, more: (by) => `opens ${by} later` },
  },
  {
    ...{ of: rejections, least: leastCalls, show: count },
    less: (by) => `rejects ${by} calls fewer while the neighbour is well`,
    more: (by) => `rejects ${by} more calls while the neighbour is well`,
  },
  {
    ...{ of: ({ wasted }) => wasted, least: leastCalls, show: count },
    ...{
      less: (by) => `sends ${by} attempts fewer in vain`,
      more: (by) => `sends ${by} attempts more in vain`,
    },
  },
  {
    ...{ of: ({ p99Ms }) => p99Ms, least: leastMs, show: toMsWords },
    less: (by) => `the slowest good answers (p99) come ${by} earlier`,
    more: (by) => `the slowest good answers (p99) come ${by} later`,
  },
];

/** The sentence, without a subject; the counts are those of one run. */
export function toCostsSentence(candidate: Candidate, today: Candidate): string {
  const said = differences.flatMap((difference) => {
    const [own, other] = [candidate.trials.map(difference.of), today.trials.map(difference.of)];
    const pairs = own.flatMap((value, index) => {
      const base = other[index] ?? null;
      return value === null || base === null ? [] : [{ value, base }];
    });
    const by = toClear(pairs.map(({ value, base }) => value - base));
    const usual = toMean(pairs.map(({ base }) => base));
    if (Math.abs(by) < Math.max(difference.least, difference.show === toMsWords ? leastShare * usual : 0))
      return [];
    return [(by < 0 ? difference.less : difference.more)(difference.show(Math.abs(by)))];
  });
  const back = candidate.trials.filter(({ recoveredAfterMs }) => recoveredAfterMs !== null).length;
  const backToday = today.trials.filter(({ recoveredAfterMs }) => recoveredAfterMs !== null).length;
  const recovers =
    back > backToday
      ? [`recovers in ${back} of ${candidate.trials.length} runs instead of ${backToday}`]
      : [];
  const all = [...recovers, ...said];
  return all.length === 0 ? 'is no different beyond noise' : all.join(', ');
}

/** The mean difference, or 0 where chance explains it. */
function toClear(by: readonly number[]): number {
  const mean = toMean(by);
  const interval = pairedInterval(by, { seed: 1 });
  if (interval === null) return mean;
  return interval.low <= 0 && interval.high >= 0 ? 0 : mean;
}
