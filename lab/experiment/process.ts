/**
 * An experiment as a process of the lab, so that neither delays the other: its name in the first argument, without one the list of
 * those that are known; one message as JSON in each line of stdout.
 *
 * It ends with the process that started it, and its own processes with it.
 */
import { onStopSignal } from '@holdfast/shared/http/lifecycle.ts';
import { announce } from '@holdfast/shared/observability/log.ts';
import { toHtml } from '../report/to-html.ts';
import type { ExperimentMessage, KnownExperiment } from '../server/experiment.ts';
import { toWords } from './judge.ts';
import { listExperiments, readExperiment } from './read-experiment.ts';
import { runExperiment } from './run.ts';
import { toReport } from './to-report.ts';

onStopSignal(() => process.exit(130), { withParent: true });

/** Of each repeat: the processes start and warm up. */
const leadSeconds = 3;

const [, , name] = process.argv;
try {
  if (name === undefined) say({ known: await Promise.all(listExperiments().map(describe)) });
  else {
    const plan = await readExperiment(name);
    const result = await runExperiment(plan, { onProgress: (progress) => say({ progress }) });
    say({ result, page: toHtml(toReport(result, `npm run experiment -- ${name}`)) });
  }
  process.exit(0);
} catch (error) {
  say({ why: error instanceof Error ? error.message : String(error) });
  process.exit(3);
}

async function describe(name: string): Promise<KnownExperiment> {
  const { title, shows, hypothesis, seconds, repeats } = await readExperiment(name);
  return {
    ...{ name, title, shows: shows ?? title, hypothesis: toWords(hypothesis) },
    seconds: repeats * (seconds + leadSeconds),
  };
}

function say(message: ExperimentMessage): void {
  announce(JSON.stringify(message));
}
