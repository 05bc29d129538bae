/** `npm run trace`: what is in recorded calls of any known form; with `--out` they become JSON lines. */
import { readArguments } from '@holdfast/shared/core/command-line.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { toPlainText } from '@holdfast/shared/observability/plain-text.ts';
import { fitScenario } from './fit-scenario.ts';
import { readTrace } from './read-trace.ts';
import { readTraceArguments, traceCommand } from './settings.ts';
import { summarize } from './summarize.ts';
import { writeTrace } from './write-trace.ts';

const { file, out, isJson, ...options } = readArguments(traceCommand, readTraceArguments, {
  announce,
  complain,
});
try {
  const trace = await readTrace(file, options);
  const fit = fitScenario(trace);
  if (out !== undefined) await writeTrace(trace, out);
  const summary = summarize(trace, fit);
  announce(
    isJson ? JSON.stringify({ ...summary, fit }, undefined, 2) : summary.lines.map(toPlainText).join('\n'),
  );
} catch (error) {
  complain(toPlainText(error instanceof Error ? error.message : String(error)));
  process.exit(2);
}
