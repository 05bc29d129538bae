/** The tables of the document in which two things vary, or that compare with the defaults of a service. */
import { policyDefaults } from '@holdfast/shared/resilience/model/policy.ts';
import { drawTable } from '../measure/draw-table.ts';
import type { CellResult } from './cell.ts';
import { ruleConstants, toPolicy } from './rules.ts';
import type { MeasuredService } from './services.ts';
import { allFaults, costHead, type Figure, toCostCells, toRulesCell } from './sweeps.ts';
import type { TrialCost } from './trial.ts';

/** The rules beside the defaults, fault by fault. */
export function toDefaultsFigure(services: readonly MeasuredService[]): Figure {
  const rules = toRulesCell(services);
  const arms = services.map(({ truth }) => ({
    policy: { ...policyDefaults, deadlineMs: truth.deadlineMs },
    truth,
  }));
  return {
    name: 'defaults',
    cells: [rules, { ...rules, arms }],
    draw: ([ours, theirs]) =>
      drawTable(
        ['fault', 'settings', ...costHead],
        allFaults.flatMap((fault, index) =>
          [['defaults', theirs] as const, ['rules', ours] as const].map(([name, result]) => [
            fault ?? 'none (a good day)',
            name,
            ...toCostCells(result?.byFault[index] as TrialCost),
          ]),
        ),
      ),
  };
}

/** Faults after which a neighbour has more to do than before. */
const overloading = ['slow ×3 8 s', 'blip 300 ms', 'hang 5 s', 'flaky 30 % 10 s'] as const;

/** Attempt timeout against slots: where a neighbour stays down for good. */
export function toCollapseFigure(services: readonly MeasuredService[]): Figure {
  const timeouts = [1.5, 2, 3, 4, 6];
  const slots = [1, 1.5, 2, 3, 5];
  return {
    name: 'collapse',
    cells: timeouts.flatMap((timeoutPerP99) =>
      slots.map((slotFactor) =>
        toRulesCell(services, { ...ruleConstants, timeoutPerP99, slotFactor }, overloading),
      ),
    ),
    draw: (results) =>
      drawCrossing(results, {
        corner: 'attempt timeout',
        rows: timeouts.map((timeout) => `${timeout} × p99`),
        columns: slots.map((factor) => `slots ${factor} × rate × p99`),
        toCell: ({ cost, never }) => toCostText(cost, never),
      }),
  };
}

/** Retries and their budget where neither slots nor timeout hold them. */
export function toStormFigure(services: readonly MeasuredService[]): Figure {
  const attempts = [2, 4];
  const budgets = [0, 0.1, 0.2, 0.4, 1, 9];
  const loose = { ...ruleConstants, slotFactor: 100, timeoutPerP99: 1.5 };
  return {
    name: 'storm',
    cells: attempts.flatMap((count) =>
      budgets.map((budgetRatio) =>
        toRulesCell(services, { ...loose, attempts: count, budgetRatio }, overloading),
      ),
    ),
    draw: (results) =>
      drawCrossing(results, {
        corner: 'attempts',
        rows: attempts.map(String),
        columns: budgets.map((ratio) => (ratio === 9 ? 'no budget' : `budget ${ratio}`)),
        toCell: ({ cost, never }) => toCostText(cost, never),
      }),
  };
}

/** Failures that are normal, against the threshold: rejections on a good day. */
export function toErrorsFigure(services: readonly MeasuredService[]): Figure {
  const ratios = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4];
  const thresholds = [0.2, 0.3, 0.4, 0.5, 0.6];
  const cells = ratios.flatMap((errorRatio) =>
    thresholds.map((thresholdRatio) => ({
      faults: [null],
      arms: services.map(({ truth, numbers }) => ({
        policy: toPolicy(numbers, { ...ruleConstants, thresholdRatio }).policy,
        truth: { ...truth, errorRatio },
      })),
    })),
  );
  return {
    name: 'errors',
    cells,
    draw: (results) =>
      drawCrossing(results, {
        corner: 'failures on a good day',
        rows: ratios.map((ratio) => `${ratio * 100} %`),
        columns: thresholds.map((threshold) => `threshold ${threshold}`),
        toCell: ({ rejectedWhileWell }) => rejectedWhileWell.toFixed(2),
      }),
  };
}

/** Deadlines by p99. */
export function toDeadlineFigure(services: readonly MeasuredService[]): Figure {
  const factors = [1.5, 2, 3, 5, 10];
  const cells = factors.map((factor) =>
    toRulesCell(
      services.map(({ truth, numbers }) => {
        const deadlineMs = Math.max(100, Math.round(factor * numbers.p99Ms));
        return { truth: { ...truth, deadlineMs }, numbers: { ...numbers, deadlineMs } };
      }),
    ),
  );
  return {
    name: 'deadline',
    cells,
    draw: (results) =>
      drawTable(
        ['deadline by p99', ...costHead],
        results.map(({ all }, index) => [`${factors[index]}`, ...toCostCells(all)]),
      ),
  };
}

function drawCrossing(
  results: readonly CellResult[],
  {
    corner,
    rows,
    columns,
    toCell,
  }: {
    readonly corner: string;
    readonly rows: readonly string[];
    readonly columns: readonly string[];
    readonly toCell: (cost: TrialCost) => string;
  },
): string {
  const at = (row: number, column: number) => (results[row * columns.length + column] as CellResult).all;
  return drawTable(
    [corner, ...columns],
    rows.map((name, row) => [name, ...columns.map((_, column) => toCell(at(row, column)))]),
  );
}

function toCostText(cost: number, never: number): string {
  return `${cost.toFixed(2)}${never > 0 ? ` (${never} × never)` : ''}`;
}
