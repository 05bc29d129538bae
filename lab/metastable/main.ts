/**
 * `npm run metastable`: a failure that stays after its cause is gone, in the model and on real processes.
 *
 * The summary goes to stdout, the progress to stderr. Its processes end with it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { createProgress } from '../measure/progress.ts';
import { endAfterArguments, exitCodes } from '../measure/verdict.ts';
import { endOnSignal } from '../processes/end-on-signal.ts';
import { toSvgFile } from '../report/figures/to-svg-file.ts';
import { writeReport } from '../report/report-file.ts';
import { toFigures } from './figures.ts';
import { type MetastableResult, runMetastable } from './run.ts';
import { metastableCommand, readMetastableArguments } from './settings.ts';
import { judgeMetastable, toMetastableReport, toSummary } from './summary.ts';

endOnSignal();

const { settings, isQuick, report, pictures } = readArguments(metastableCommand, readMetastableArguments, {
  ...{ announce, complain, end: endAfterArguments },
});
const progress = createProgress();
try {
  const result = await runMetastable(settings, { isQuick, onProgress: progress.say });
  progress.end();
  const verdict = judgeMetastable(result);
  announce(toSummary(result, verdict));
  if (report !== undefined) writeReport(report, toMetastableReport(result, verdict));
  if (pictures !== undefined) writePictures(pictures, result);
  process.exit(exitCodes[verdict.verdict]);
} catch (error) {
  progress.end();
  complain(`The demonstration could not be run: ${error instanceof Error ? error.message : error}`);
  process.exit(exitCodes.couldNotRun);
}

function writePictures(folder: string, result: MetastableResult): void {
  for (const { file, svg } of toFigures(result)) writeFileSync(join(folder, `${file}.svg`), toSvgFile(svg));
}
