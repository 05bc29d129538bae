/** One part of a scale run: what it measured, and how that is drawn. */
import { type Cost, toTotalCpuMs } from '../bench/cost.ts';
import type { BenchDatabase } from '../bench/database.ts';
import { toCell } from '../measure/draw-table.ts';
import type { ScaleSettings } from './settings.ts';

/** What a part works with. */
export interface PartOptions {
  readonly settings: ScaleSettings;
  readonly database: BenchDatabase;
  /** Says how far it is. */
  readonly say: (step: string) => void;
}

/** What a part found out. */
export interface PartResult {
  readonly title: string;
  /** A Markdown table, and what follows from it. */
  readonly text: string;
  /** Every measurement. */
  readonly measured: readonly object[];
}

/** Head of the columns of `toCostCells`. */
export const costHead = ['orders/s', 'p50 ms', 'p99 ms', 'CPU ms/order', 'failed'];

/** What one measurement costs, as cells of a table. */
export function toCostCells(cost: Cost): string[] {
  const { good, refused, hollow, broken, seconds, p50Ms, p99Ms } = cost;
  return [
    (good / seconds).toFixed(0),
    toCell(p50Ms),
    toCell(p99Ms),
    toCell(toTotalCpuMs(cost)),
    `${refused + hollow + broken}`,
  ];
}
