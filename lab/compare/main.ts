/**
 * `npm run compare`: the same orders and the same fault on two chains, with and without a breaker or a retry budget.
 *
 * The result goes to stdout, the progress to stderr. Its processes end with it.
 */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { endOnSignal } from '../processes/end-on-signal.ts';
import type { ComparisonReport } from '../server/comparison.ts';
import { toProgressLine, toResult, toTitle } from './draw.ts';
import { runComparison } from './run.ts';
import { compareCommand, readCompareArguments } from './settings.ts';

endOnSignal();

const { settings, isJson } = readArguments(compareCommand, readCompareArguments, { announce, complain });
let isTitled = false;
try {
  const report = await runComparison(settings, { onProgress: showProgress });
  announce(isJson ? JSON.stringify(report, undefined, 2) : toResult(report));
  process.exit(report.arms.some(({ audit }) => audit?.lost || audit?.doubled) ? 1 : 0);
} catch (error) {
  complain(`The comparison could not be run: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

function showProgress(report: ComparisonReport): void {
  if (!isTitled) complain(toTitle(report));
  isTitled = true;
  if (report.phase !== 'done') complain(toProgressLine(report));
}
