/** The experiments on the page in words: how far one is, what it found, and its measures. Pure. */
import type { ExperimentProgress, ExperimentSummary, Unit } from '../../server/experiment.ts';
import { none, toMs, toShortPercent } from './format.ts';

/** What a verdict says of the hypothesis. */
export const verdictWords = {
  better: 'held',
  worse: 'broken',
  inconclusive: 'inconclusive',
} as const;

/** How far an experiment is: a share, and a sentence. */
export function toExperimentProgress(progress: ExperimentProgress | null): { ratio: number; text: string } {
  if (progress === null) return { ratio: 0, text: 'Its processes start.' };
  const { repeat, repeats, arms, second, seconds } = progress;
  const ratio = (repeat - 1 + Math.min(1, second / Math.max(1, seconds))) / Math.max(1, repeats);
  return {
    ratio,
    text: `Repeat ${repeat} of ${repeats}, ${arms.join(' and ')}: second ${second} of ${seconds}.`,
  };
}

/** One row for each measure that has a difference: the arms' middle values, and the difference with its interval. */
export function toMeasureRows({ measures, judged, reference }: ExperimentSummary): MeasureRow[] {
  return measures.map(({ label, unit, values, difference }) => ({
    label,
    judged: toAmount(toMiddle(values[judged]), unit),
    reference: reference === null ? none : toAmount(toMiddle(values[reference]), unit),
    difference:
      difference === null
        ? none
        : `${toSigned(difference.mean, unit)} (${toSigned(difference.low, unit)} to ${toSigned(difference.high, unit)})`,
  }));
}

/** A row of the measures. */
export interface MeasureRow {
  readonly label: string;
  readonly judged: string;
  readonly reference: string;
  /** The judged arm minus the other, in 95 of 100 cases between the two in brackets. */
  readonly difference: string;
}

/** By how much the hypothesis was missed, or how much room was left, with its interval; `undefined` where none is known. */
export function toBeyondWords({ judgement: { beyond }, repeats }: ExperimentSummary): string | undefined {
  if (beyond === null) return undefined;
  const [low, high] = [beyond.low, beyond.high].map((value) => String(Number(value.toPrecision(3))));
  return `Beyond its bound by ${Number(beyond.mean.toPrecision(3))}, between ${low} and ${high} (95 %, ${repeats} repeats); below 0 it is on the right side.`;
}

/** The value in the middle of those that were measured. */
function toMiddle(values: readonly (number | null)[] = []): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)] ?? null;
}

function toAmount(value: number | null, unit: Unit): string {
  if (value === null) return none;
  if (unit === 'share') return toShortPercent(value);
  if (unit === 'ms') return toMs(value);
  const rounded = Number(value.toFixed(2)).toLocaleString('en-GB');
  return unit === 'times' ? `${rounded} ×` : rounded;
}

function toSigned(value: number, unit: Unit): string {
  return `${value < 0 ? '−' : '+'}${toAmount(Math.abs(value), unit)}`;
}
