/** The tables behind the rules: one constant of them varied, all others kept, over all services and faults. */
import { drawTable } from '../measure/draw-table.ts';
import type { Cell, CellResult } from './cell.ts';
import { type RuleConstants, ruleConstants, toPolicy } from './rules.ts';
import type { MeasuredService } from './services.ts';
import { faultNames, type TrialCost, type TrialFault } from './trial.ts';

/** A table of the document: its cells, and how their results are drawn. */
export interface Figure {
  /** Its mark in the document. */
  readonly name: string;
  readonly cells: readonly Cell[];
  draw(results: readonly CellResult[]): string;
}

/** What stands above the columns that all tables have. */
export const costHead = ['failed %', 'wasted per 100', 'rejected while well %', 'back after s', 'cost'];

/** The cells of those columns. */
export function toCostCells({ failed, wasted, rejectedWhileWell, recoverySeconds, cost, never }: TrialCost) {
  const back = `${recoverySeconds.toFixed(1)}${never > 0 ? ` (${never} × never)` : ''}`;
  return [failed.toFixed(2), wasted.toFixed(1), rejectedWhileWell.toFixed(2), back, cost.toFixed(2)];
}

/** Every fault, and a good day. */
export const allFaults: readonly (TrialFault | null)[] = [null, ...faultNames];

type Shown = (value: number) => string;
const plain: Shown = (value) => `${value}`;
const seconds: Shown = (value) => `${value / 1000} s`;

/** The sweeps; `shown` writes a value as the document does. */
const sweeps: readonly {
  readonly constant: keyof RuleConstants;
  readonly title: string;
  readonly values: readonly number[];
  readonly shown?: Shown;
  /** Faults of which the failures are shown besides. */
  readonly also: readonly TrialFault[];
}[] = [
  {
    constant: 'timeoutPerP99',
    title: 'attempt timeout by p99',
    values: [1.5, 2, 3, 4, 6],
    also: ['slow ×3 8 s', 'hang 5 s', 'one instance hangs 5 s'],
  },
  {
    constant: 'isSplit',
    title: 'attempt timeout',
    values: [0, 1],
    shown: (value) => (value === 1 ? 'two must fit into the deadline' : 'one must fit'),
    also: ['slow ×3 8 s', 'one instance hangs 5 s'],
  },
  { constant: 'attempts', title: 'attempts', values: [1, 2, 3, 4], also: ['slow ×3 8 s', 'flaky 30 % 10 s'] },
  {
    constant: 'budgetRatio',
    title: 'budget',
    values: [0, 0.1, 0.2, 0.4, 1],
    also: ['slow ×3 8 s', 'flaky 30 % 10 s'],
  },
  {
    constant: 'thresholdRatio',
    title: 'threshold',
    values: [0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1],
    shown: (value) => (value === 1 ? '1 (no breaker)' : `${value}`),
    also: ['down 10 s', 'flaky 30 % 10 s', 'one instance down 10 s'],
  },
  {
    constant: 'minCalls',
    title: 'minCalls',
    values: [2, 3, 5, 10, 20],
    also: ['flaky 30 % 10 s', 'blip 300 ms'],
  },
  { constant: 'windowCalls', title: 'calls in the window', values: [10, 20, 40, 100], also: ['down 10 s'] },
  {
    constant: 'windowLeastMs',
    title: 'shortest window',
    values: [500, 1000, 2000, 5000, 10_000],
    shown: seconds,
    also: ['down 10 s', 'blip 300 ms'],
  },
  {
    constant: 'openMs',
    title: 'open time',
    values: [250, 500, 1000, 2000, 5000, 10_000],
    shown: seconds,
    also: ['down 3 s', 'hang 5 s', 'blip 300 ms'],
  },
  {
    constant: 'openMaxFactor',
    title: 'longest open time by the first',
    values: [1, 2, 5, 60],
    also: ['down 10 s', 'down 17 s'],
  },
  {
    constant: 'slotFactor',
    title: 'slots by rate × p99',
    values: [0.5, 1, 1.5, 2, 3, 10],
    also: ['slow ×3 8 s', 'hang 5 s'],
  },
  { constant: 'queueRatio', title: 'queue by slots', values: [0, 0.5, 2], also: ['slow ×3 8 s'] },
];

/** The tables of the sweeps, each with the name of its constant. */
export function toSweepFigures(services: readonly MeasuredService[]): Figure[] {
  return sweeps.map(({ constant, title, values, shown = plain, also }) => ({
    name: constant,
    cells: values.map((value) => toRulesCell(services, { ...ruleConstants, [constant]: value })),
    draw(results) {
      const rows = results.map(({ all, byFault }, index) => {
        const value = values[index] as number;
        const said = value === ruleConstants[constant] ? `**${shown(value)}**` : shown(value);
        const failed = also.map((fault) =>
          (byFault[allFaults.indexOf(fault)] as TrialCost).failed.toFixed(2),
        );
        return [said, ...toCostCells(all), ...failed];
      });
      const head = [title, ...costHead, ...also.map((fault) => `failed: ${fault}`)];
      const best = [2, 4, 10].map((worth) => {
        const costs = results.map(({ all }) => all.failed + all.wasted / worth);
        return shown(values[costs.indexOf(Math.min(...costs))] as number);
      });
      return `${drawTable(head, rows)}\n\nLowest cost when a failure weighs as much as 2, 4 or 10 wasted attempts: ${best.join(', ')}.`;
    },
  }));
}

/** The rules with other constants, on every service. */
export function toRulesCell(
  services: readonly MeasuredService[],
  rules: RuleConstants = ruleConstants,
  faults: readonly (TrialFault | null)[] = allFaults,
): Cell {
  return {
    arms: services.map(({ truth, numbers }) => ({ policy: toPolicy(numbers, rules).policy, truth })),
    faults,
  };
}
