/**
 * A comparison as a process of the lab, so that neither delays the other: settings as JSON in the first argument, one
 * message as JSON in each line of stdout.
 *
 * It ends with the process that started it, and its own processes and folders with it.
 */
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { announce } from '@holdfast/shared/observability/log.ts';
import type { ComparisonMessage } from '../server/comparison.ts';
import { parseComparison } from '../server/parse-comparison.ts';
import { runComparison } from './run.ts';

onStopSignal(() => process.exit(130), { withParent: true });

try {
  const settings = parseComparison(JSON.parse(process.argv[2] ?? ''));
  await runComparison(settings, { onProgress: (report) => say({ report }) });
  process.exit(0);
} catch (error) {
  say({ why: error instanceof Error ? error.message : String(error) });
  process.exit(2);
}

function say(message: ComparisonMessage): void {
  announce(JSON.stringify(message));
}
