/**
 * Judges a comparison: which chain fared better in what, and a paragraph with the numbers.
 *
 * Before the fault the two chains are alike, so what they differ in there is the noise of this run. A difference counts only
 * when it is well above that noise and large enough to be noticed; otherwise it is said to be none.
 */
import {
  type ArmReport,
  type ComparedMeasure,
  type ComparisonReport,
  type ComparisonVerdict,
  type Judgement,
  subjectWords,
} from '../server/comparison.ts';

/** Differences of a latency below this are not noticed by anybody. */
const leastMs = 20;
/** The larger of two latencies is at least so many times the smaller one. */
const leastTimes = 1.5;
/** A difference is so many times that of the chains before the fault, and the load's own delay. */
const timesNoise = 3;
/** Counts differ by so many standard deviations of chance, and by this share of the larger one. */
const deviations = 3;
const leastShare = 0.1;
/** Orders that were sent later than this are worth a word. */
const mostLateMs = 100;

/** Judges a comparison that is over. */
export function toVerdict(report: ComparisonReport): ComparisonVerdict {
  const [withIt, without] = report.arms;
  if (withIt === undefined || without === undefined) throw new TypeError('A comparison has two chains.');
  const measures = toMeasures(withIt, without, report.sendLateMs);
  const isLost = measures.some(({ name, with: a, without: b }) => name === 'lost' && `${a}${b}` !== '00');
  const isLate = report.sendLateMs > mostLateMs;
  const overall = toOverall(measures.map((measure) => measure.judgement));
  const judgement = overall === 'same' && isLate ? 'unsure' : overall;
  const isAlike = measures.every((measure) => measure.judgement === 'same');
  /** Where the whole is no difference it is said once. */
  const aside = (name: ComparedMeasure['name']) =>
    !isAlike && measures.some((measure) => measure.name === name && measure.judgement === 'same')
      ? ', which is no difference beyond noise'
      : '';
  const sentence = [
    ...(isAlike ? ['No difference beyond noise.'] : []),
    `With ${subjectWords[report.settings.what]} half of the customers waited at most ${toLatency(withIt.during)} during the ` +
      `outage, without ${toLatency(without.during)}${aside('waited')}.`,
    `${toCalls(withIt.calls.wasted)} wasted instead of ${without.calls.wasted}${aside('wasted')}; at most ` +
      `${withIt.mostInFlight} were in flight at once instead of ${without.mostInFlight}.`,
    ...toFailedSentence(withIt, without),
    ...toWorseSentence(measures),
    isLost ? toLossSentence(withIt, without) : toSafeSentence(withIt, without),
    ...(isLate ? [toLateSentence(report)] : []),
  ].join(' ');
  return { judgement, sentence, measures };
}

/** Judges two latencies; `noise` is what the chains differed in before the fault. */
export function judgeLatency(withMs: number | null, withoutMs: number | null, noiseMs: number): Judgement {
  if (withMs === null || withoutMs === null) return 'same';
  const difference = Math.abs(withMs - withoutMs);
  const isClear =
    difference >= leastMs &&
    difference >= timesNoise * noiseMs &&
    Math.max(withMs, withoutMs) >= leastTimes * Math.min(withMs, withoutMs);
  return isClear ? toJudgement(withMs, withoutMs) : 'same';
}

/** Judges two counts of things that come one by one: the chance of each is about its root. */
export function judgeCount(withCount: number, withoutCount: number): Judgement {
  const difference = Math.abs(withCount - withoutCount);
  const isClear =
    difference > deviations * Math.sqrt(withCount + withoutCount) &&
    difference >= leastShare * Math.max(withCount, withoutCount);
  return isClear ? toJudgement(withCount, withoutCount) : 'same';
}

function toMeasures(a: ArmReport, b: ArmReport, lateMs: number): ComparedMeasure[] {
  const noiseMs = Math.max(lateMs, Math.abs((a.before.p50Ms ?? 0) - (b.before.p50Ms ?? 0)));
  const failed = (arm: ArmReport) => arm.before.failed + arm.during.failed + arm.after.failed;
  const count = (name: ComparedMeasure['name'], label: string, of: (arm: ArmReport) => number) => ({
    ...{ name, label, with: `${of(a)}`, without: `${of(b)}` },
    judgement: judgeCount(of(a), of(b)),
  });
  return [
    {
      name: 'waited',
      label: 'A customer waited during the outage',
      with: toLatency(a.during),
      without: toLatency(b.during),
      judgement: judgeLatency(a.during.p50Ms, b.during.p50Ms, noiseMs),
    },
    count('wasted', 'Wasted calls', ({ calls }) => calls.wasted),
    count('in-flight', 'Most calls in flight', ({ mostInFlight }) => mostInFlight),
    count('failed', 'Failed answers', failed),
    count('pending', 'Most pending at once', ({ mostPending }) => mostPending),
    // One lost order is never noise.
    {
      ...count('lost', 'Lost or doubled', toLost),
      judgement: toLost(a) === toLost(b) ? 'same' : toJudgement(toLost(a), toLost(b)),
    },
  ];
}

function toLost({ audit }: ArmReport): number {
  return (audit?.lost ?? 0) + (audit?.doubled ?? 0);
}

function toOverall(judgements: readonly Judgement[]): ComparisonVerdict['judgement'] {
  const isBetter = judgements.includes('better');
  const isWorse = judgements.includes('worse');
  if (isBetter && isWorse) return 'mixed';
  return isBetter ? 'better' : isWorse ? 'worse' : 'same';
}

function toJudgement(withValue: number, withoutValue: number): Judgement {
  return withValue < withoutValue ? 'better' : 'worse';
}

function toCalls(count: number): string {
  return count === 1 ? '1 call was' : `${count} calls were`;
}

function toFailedSentence(a: ArmReport, b: ArmReport): string[] {
  const [left, right] = [a, b].map((arm) => arm.before.failed + arm.during.failed + arm.after.failed);
  return left === 0 && right === 0 ? [] : [`${left} answers failed instead of ${right}.`];
}

function toWorseSentence(measures: readonly ComparedMeasure[]): string[] {
  const worse = measures.filter(({ judgement, name }) => judgement === 'worse' && name !== 'lost');
  if (worse.length === 0) return [];
  const list = worse.map(({ label, with: a, without: b }) => `${label.toLowerCase()} (${a} against ${b})`);
  return [`It was worse with it in: ${list.join('; ')}.`];
}

function toSafeSentence(a: ArmReport, b: ArmReport): string {
  const left = [a, b].map(({ audit }) => audit?.pending ?? 0);
  if (left.some((pending) => pending > 0))
    return `No order was lost or doubled, but ${left[0]} and ${left[1]} were still pending when the audit ended.`;
  return 'Nothing was lost or doubled in either.';
}

function toLossSentence(a: ArmReport, b: ArmReport): string {
  return `Lost or doubled: ${toLost(a)} with and ${toLost(b)} without, which must never be; the audit names them.`;
}

function toLateSentence({ sendLateMs }: ComparisonReport): string {
  return `This machine was busy: one order in a hundred was sent ${sendLateMs} ms late or later, so a small difference in waiting says nothing.`;
}

function toLatency({ p50Ms, p99Ms }: ArmReport['during']): string {
  return p50Ms === null || p99Ms === null ? 'no answer' : `${toMs(p50Ms)} (p99 ${toMs(p99Ms)})`;
}

/** A latency in a sentence: `0.4 ms`, `41 ms`, `1.6 s`. */
export function toMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms > 0 && ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}
