/** An experiment as text: what it is, how far it is, and the table with the verdict. */
import { drawTable } from '../measure/draw-table.ts';
import { toMean } from '../measure/statistics.ts';
import type { ExperimentProgress, ExperimentResult, MeasureResult } from '../server/experiment.ts';
import { toWords } from './judge.ts';
import { toDistance, toText } from './measures.ts';
import type { Plan } from './plan.ts';

/** What will be run, in a few lines. */
export function toTitle(plan: Plan): string {
  const { title, arms, seconds, repeats, seed } = plan;
  return (
    `${title}\nHypothesis: ${toWords(plan.hypothesis)}.\n` +
    `${arms.map(({ name }) => name).join(', ')}: ${seconds} s each, ${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, seed ${seed}.`
  );
}

/** How far it is, in one line. */
export function toProgressLine({ repeat, repeats, arms, second, seconds }: ExperimentProgress): string {
  const at = second > seconds ? 'waiting for the last answers' : `second ${second} of ${seconds}`;
  return `repeat ${repeat} of ${repeats}, ${arms.join(' and ')}: ${at}`;
}

/** The table, the verdict, and how far it can be trusted. */
export function toSummary(result: ExperimentResult): string {
  return [drawTable(...toTable(result)), result.judgement.sentence, ...toTrust(result)].join('\n\n');
}

/** The table of all measures: its head and its rows. */
export function toTable({ arms, measures, judged, reference }: ExperimentResult): [string[], string[][]] {
  const isCompared = reference !== null;
  const head = ['mean of all repeats', ...arms];
  if (!isCompared) return [head, measures.map((one) => [one.label, ...toMeans(one, arms)])];
  return [
    [...head, `${judged} − ${reference} (95 %)`, 'effect'],
    measures.map((one) => [one.label, ...toMeans(one, arms), toDifference(one), toEffect(one)]),
  ];
}

/** What else a reader must know, each in a sentence. */
export function toTrust(result: ExperimentResult): string[] {
  const { repeats, seed, together, machine, runs, falseAlarmRatio, system, busy } = result;
  const late = Math.max(0, ...runs.map(({ lateMs }) => lateMs));
  const how = together ? 'all arms at the same moment' : 'arms one after the other in shuffled order';
  return [
    ...(system === 'model'
      ? ['Run in virtual time: a check of the file, and no statement about real processes.']
      : [
          `${repeats} ${repeats === 1 ? 'repeat' : 'repeats'}, ${how}, seed ${seed}; load ${machine.load} before on ${machine.cores} cores, calls sent at most ${toText(late, 'ms')} late (p99).`,
        ]),
    ...(busy === null || result.judgement.sentence.includes(busy) ? [] : [busy]),
    ...(falseAlarmRatio === null
      ? []
      : [
          `Experiments made up of this control alone would call it different from itself in ${toText(falseAlarmRatio, 'share')} of all cases.`,
        ]),
  ];
}

/** Means of each arm; a dash where nothing was measured in any repeat. */
function toMeans({ values, unit }: MeasureResult, arms: readonly string[]): string[] {
  return arms.map((arm) => {
    const known = (values[arm] ?? []).filter((value) => value !== null);
    if (known.length === 0) return '–';
    return toText(toMean(known), unit);
  });
}

function toDifference({ difference, unit }: MeasureResult): string {
  if (difference === null) return '–';
  const { mean, low, high } = difference;
  const signed = (value: number) => `${value > 0 ? '+' : ''}${toDistance(value, unit)}`;
  // Points are said once.
  const [first, ...others] = [mean, low, high].map((value) => signed(value).replace(' points', ''));
  return `${first} (${others.join(' to ')})${unit === 'share' ? ' points' : ''}`;
}

function toEffect({ effect }: MeasureResult): string {
  if (effect === null) return '–';
  return effect.words === 'none' ? 'none' : `${effect.words} (${effect.delta.toFixed(2).replace('-', '−')})`;
}
