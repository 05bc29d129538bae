/**
 * `npm run tune`: which settings of breaker, timeout, retries, budget and bulkhead, found in virtual time.
 *
 * The result goes to stdout, the progress to stderr. Exit codes are in settings.ts.
 */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { createProgress } from '../measure/progress.ts';
import { endAfterArguments, exitCodes } from '../measure/verdict.ts';
import { endOnSignal } from '../processes/end-on-signal.ts';
import { runTune } from './run.ts';
import { readTuneArguments, tuneCommand } from './settings.ts';

endOnSignal();

const values = readArguments(tuneCommand, readTuneArguments, { announce, complain, end: endAfterArguments });
const progress = createProgress();
try {
  const verdict = await runTune(values, { args: process.argv.slice(2), announce, progress });
  progress.end();
  process.exit(exitCodes[verdict]);
} catch (error) {
  progress.end();
  complain(error instanceof Error ? error.message : String(error));
  process.exit(exitCodes.couldNotRun);
}
