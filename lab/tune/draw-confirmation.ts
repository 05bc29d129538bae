/** A confirmation as text: predicted beside measured, how far each is from today, and the false alarms. */
import type { RunOutcome } from '@holdfast/shared/resilience/model/outcome.ts';
import { drawTable } from '../measure/draw-table.ts';
import { toMean } from '../measure/statistics.ts';
import type { Confirmation, ConfirmedArm } from './confirm.ts';
import { toMsWords } from './setting-words.ts';

/** Its columns. */
export const confirmationHead = [
  '',
  'calls that fail',
  'attempts in vain',
  'p99',
  'well again after',
  'price against current',
];

/** One row for each policy: predicted → measured. */
export function toConfirmationRows({ arms }: Confirmation): string[][] {
  return arms.map((arm) => [
    arm.name,
    ...columns.map((column) => `${column(arm.predicted)} → ${column(arm.measured)}`),
    toAgainst(arm),
  ]);
}

/** The table, and what it says of chance. */
export function drawConfirmation(confirmation: Confirmation): string {
  return [
    'On real processes, predicted → measured:',
    '',
    drawTable(confirmationHead, toConfirmationRows(confirmation)),
    '',
    toFalseAlarmText(confirmation),
  ].join('\n');
}

/** How often today differs from itself. */
export function toFalseAlarmText({ falseAlarms: { names, of } }: Confirmation): string {
  return names.length === 0
    ? `A/A: the current settings, run twice, differ in none of ${of} measures.`
    : `A/A: the current settings, run twice, differ in ${names.length} of ${of} measures (${names.join(', ')}), which are false alarms.`;
}

const mean = (runs: readonly RunOutcome[], of: (run: RunOutcome) => number) => toMean(runs.map(of));
const columns: readonly ((runs: readonly RunOutcome[]) => string)[] = [
  (runs) => Math.round(mean(runs, ({ failed }) => failed)).toLocaleString('en'),
  (runs) => Math.round(mean(runs, ({ wasted }) => wasted)).toLocaleString('en'),
  (runs) => toMsWords(mean(runs, ({ p99Ms }) => p99Ms ?? 0)),
  (runs) => {
    const known = runs.flatMap(({ recoveredAfterMs }) => recoveredAfterMs ?? []);
    if (known.length === 0) return 'never';
    return `${toMsWords(toMean(known))}${known.length < runs.length ? ` (never in ${runs.length - known.length})` : ''}`;
  },
];

function toAgainst({ against }: ConfirmedArm): string {
  if (against === null) return '';
  const { interval, effect } = against;
  if (interval === null) return '–';
  const { mean: by, low, high } = interval;
  const size = effect === null ? '' : `, effect ${effect.words} (${effect.delta.toFixed(2)})`;
  return `${by.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)}${size})`.replaceAll('-', '−');
}
