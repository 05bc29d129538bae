/**
 * Judges a hypothesis by its pairs: one repeat of the judged arm and of the one that it is compared with, under the same load at
 * the same moment.
 *
 * It holds when the whole 95 % interval of the distance to the bound is on the right side, it is broken when the whole of
 * it is on the wrong side, and else nothing is decided.
 */
import { fewestPairs, type Interval, pairedInterval } from '../measure/bootstrap.ts';
import { toMean } from '../measure/statistics.ts';
import type { Judgement, Unit } from '../server/experiment.ts';
import { measures, toDistance, toText } from './measures.ts';
import type { Hypothesis } from './plan.ts';

/** What the arms measured, one value for each repeat. */
export type ArmValues = Readonly<Record<string, readonly (number | null)[]>>;

/** The hypothesis in words, as in `failed share of experiment at most 0.5 × that of control`. */
export function toWords({ measure, of, side, bound, from }: Hypothesis): string {
  const { label, unit } = measures[measure];
  const beginning = `${label} of ${of} ${side === 'atMost' ? 'at most' : 'at least'}`;
  if (from === null) return `${beginning} ${toText(bound, unit)}`;
  if (from.how === 'times') return `${beginning} ${bound === 1 ? '' : `${bound} × `}that of ${from.arm}`;
  const distance = toDistance(Math.abs(bound), unit);
  return `${beginning} ${distance} ${bound < 0 ? 'below' : 'above'} that of ${from.arm}`;
}

/** Judges it; `busy` is why no verdict can be given. */
export function judge(
  hypothesis: Hypothesis,
  values: ArmValues,
  { seed, busy }: { readonly seed: number; readonly busy: string | null },
): Judgement {
  const words = toWords(hypothesis);
  const undecided = (sentence: string, beyond: Interval | null = null): Judgement => ({
    ...{ hypothesis: words, verdict: 'inconclusive', sentence, beyond },
  });
  const { measure, of, from, side, bound } = hypothesis;
  const { label, unit } = measures[measure];
  const judged = values[of] ?? [];
  const reference = from === null ? judged.map(() => 0) : (values[from.arm] ?? []);
  const pairs = judged.flatMap((value, index) => {
    const other = reference[index] ?? null;
    return value === null || other === null ? [] : [{ value, bound: toBound(other, hypothesis) }];
  });
  const missing = judged.length - pairs.length;
  if (missing > 0)
    return undecided(
      `Undecided: in ${missing} of ${judged.length} repeats there was no ${label} to measure.`,
    );
  const sign = side === 'atMost' ? 1 : -1;
  const distances = pairs.map((pair) => sign * (pair.value - pair.bound));
  const beyond = pairedInterval(distances, { seed });
  if (busy !== null) return undecided(`Undecided. ${busy}`, beyond);
  if (beyond === null)
    return undecided(`Undecided: ${pairs.length} of at least ${fewestPairs} repeats, and fewer say nothing.`);
  const numbers = toNumbers(hypothesis, {
    ...{ judged: toMean(pairs.map(({ value }) => value)), bound: toMean(pairs.map((pair) => pair.bound)) },
    ...{ reference: toMean(reference.map((value) => value ?? 0)), beyond, unit, label },
  });
  const isAllNought = [...judged, ...reference].every((value) => value === 0);
  if (isAllNought && from?.how === 'times' && bound !== 1)
    return undecided(
      `Undecided: the ${label} of both is 0 in every repeat, so nothing shows which is better.`,
      beyond,
    );
  if (beyond.high <= 0) return { hypothesis: words, verdict: 'better', sentence: `Held: ${numbers}`, beyond };
  if (beyond.low > 0) return { hypothesis: words, verdict: 'worse', sentence: `Broken: ${numbers}`, beyond };
  return undecided(`Undecided: ${numbers} More repeats decide it.`, beyond);
}

function toBound(reference: number, { bound, from }: Hypothesis): number {
  if (from === null) return bound;
  return from.how === 'times' ? bound * reference : reference + bound;
}

interface Numbers {
  readonly judged: number;
  readonly reference: number;
  readonly bound: number;
  readonly beyond: Interval;
  readonly unit: Unit;
  readonly label: string;
}

function toNumbers(
  { of, side, from }: Hypothesis,
  { judged, reference, bound, beyond, unit, label }: Numbers,
): string {
  const against = from === null ? '' : ` against ${toText(reference, unit)} of ${from.arm}`;
  const isRight = beyond.mean <= 0;
  const direction = (side === 'atMost') === isRight ? 'below' : 'above';
  const [low, high] = isRight ? [-beyond.high, -beyond.low] : [beyond.low, beyond.high];
  const asked = `${side === 'atMost' ? 'at most' : 'at least'} ${toText(bound, unit)}`;
  const distance =
    beyond.mean === 0 && low === high
      ? 'exactly that'
      : `it lies ${toDistance(Math.abs(beyond.mean), unit)} ${direction} (95 % interval ${toDistance(low, unit)} to ${toDistance(high, unit)})`;
  return `the ${label} of ${of} was ${toText(judged, unit)}${against}; ${asked} was asked, and ${distance}.`;
}
