/**
 * `npm run experiment`: the same load and faults on arms that differ in one thing, and whether the hypothesis held.
 *
 * The result goes to stdout, the progress to stderr. Its processes end with it.
 */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { createProgress } from '../measure/progress.ts';
import { endAfterArguments, exitCodes } from '../measure/verdict.ts';
import { endOnSignal } from '../processes/end-on-signal.ts';
import { writeReport } from '../report/report-file.ts';
import { toProgressLine, toSummary, toTitle } from './draw.ts';
import { toSelfTest } from './plan.ts';
import { listExperiments, readExperiment } from './read-experiment.ts';
import { runExperiment } from './run.ts';
import { toJsonSchema } from './schema.ts';
import { experimentCommand, readExperimentArguments } from './settings.ts';
import { toReport } from './to-report.ts';

endOnSignal();

const asked = readArguments(experimentCommand, readExperimentArguments, {
  ...{ announce, complain, end: endAfterArguments },
});
try {
  if (asked.isList) await list();
  else if (asked.isSchema) announce(JSON.stringify(toJsonSchema(), undefined, 2));
  else process.exit(await run(asked.file ?? ''));
  process.exit(0);
} catch (error) {
  complain(`The experiment could not be run:\n${error instanceof Error ? error.message : error}`);
  process.exit(exitCodes.couldNotRun);
}

async function run(file: string): Promise<number> {
  const read = await readExperiment(file);
  const { repeats = read.repeats, seed = read.seed, isSelfTest, isModel, isJson, report } = asked;
  const plan = { ...(isSelfTest ? toSelfTest(read) : read), repeats, seed };
  complain(toTitle(plan));
  const progress = createProgress();
  const result = await runExperiment(plan, {
    ...{ isSelfTest, system: isModel ? 'model' : 'testbed' },
    onProgress: (at) => progress.say(toProgressLine(at)),
  });
  progress.end();
  announce(isJson ? JSON.stringify(result, undefined, 2) : toSummary(result));
  if (report !== undefined) {
    const command = `npm run experiment -- ${process.argv.slice(2).join(' ')}`;
    writeReport(report, toReport(result, command));
  }
  return exitCodes[result.judgement.verdict];
}

async function list(): Promise<void> {
  for (const name of listExperiments()) {
    const { title, shows } = await readExperiment(name);
    announce(`${name.padEnd(14)} ${title}\n${' '.repeat(15)}${shows}`);
  }
}
