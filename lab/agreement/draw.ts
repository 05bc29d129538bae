/** What `npm run agreement` prints. */
import { drawTable } from '../measure/draw-table.ts';
import type { Comparison } from './compare.ts';
import type { Agreement } from './run.ts';

const heads: Readonly<Record<string, string>> = {
  goodRatio: 'good',
  amplification: 'sent/call',
  opened: 'opened',
  openedAfterMs: 'first after',
  recoveredAfterMs: 'back after',
  p50Ms: 'p50',
  p99Ms: 'p99',
};

/** A table with `model / real` in each cell, and `≠` before those that do not agree. */
export function drawAgreement(agreements: readonly Agreement[]): string {
  const [first] = agreements;
  const head = [
    'model / real',
    ...(first?.comparisons ?? []).map(({ measure }) => heads[measure] ?? measure),
  ];
  return drawTable(
    [...head, 'late p99'],
    agreements.map(({ name, comparisons, lateMs }) => [
      name,
      ...comparisons.map(
        (one) => `${one.agrees ? '' : '≠ '}${toText(one, one.model)} / ${toText(one, one.real)}`,
      ),
      `${Math.round(lateMs)} ms`,
    ]),
  );
}

function toText({ measure }: Comparison, value: number | null): string {
  if (value === null) return '–';
  if (measure === 'goodRatio') return `${(value * 100).toFixed(1)} %`;
  if (measure === 'amplification') return value.toFixed(2);
  if (measure === 'opened') return `${value}`;
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
}
