/**
 * `npm run agreement`: the same scenarios in the model and on real processes, and whether their measures agree.
 *
 * The table goes to stdout, the progress to stderr. Its processes end with it.
 */
import { type Command, parseCommandLine, readArguments } from '@holdfast/shared/core/command-line.ts';
import { wholeNumber } from '@holdfast/shared/core/command-options.ts';
import { announce, complain } from '@holdfast/shared/observability/log.ts';
import { toBusy } from '../measure/busy.ts';
import { createProgress } from '../measure/progress.ts';
import { endAfterArguments, exitCodes } from '../measure/verdict.ts';
import { seedOption } from '../options/seed.ts';
import { endOnSignal } from '../processes/end-on-signal.ts';
import { agreementCases } from './cases.ts';
import { drawAgreement } from './draw.ts';
import { type Agreement, findAgreement } from './run.ts';

const command = {
  name: 'npm run agreement',
  does: 'Runs the same scenarios in the model and on real processes, and says where their measures differ.',
  options: {
    'at-once': wholeNumber({
      ...{ min: 1, max: agreementCases.length, fallback: 2 },
      about: 'scenarios that run at the same moment, each with two to four processes',
    }),
    seed: seedOption('decides when calls come and how long they take', 1),
  },
  example: 'npm run agreement -- --seed 7',
  notes:
    'Exit code 0: all agree. 1: some do not. 2: this machine is too busy for a verdict. 3: it could not be run. ' +
    'docs/decisions/0031-testbed.md states the bounds and the reasons.',
} satisfies Command;

endOnSignal();

const { 'at-once': atOnce, seed } = readArguments(command, (args) => parseCommandLine(command, args).values, {
  announce,
  complain,
  end: endAfterArguments,
});
const cases = agreementCases.map((one) => ({ ...one, scenario: { ...one.scenario, seed } }));
const progress = createProgress();
const agreements: Agreement[] = [];
try {
  for (let done = 0; done < cases.length; done += atOnce) {
    const some = cases.slice(done, done + atOnce);
    const names = some.map(({ name }) => name).join(', ');
    const onProgress = (second: number) =>
      progress.say(`${done} of ${cases.length} compared; now ${names}: second ${second}`);
    agreements.push(...(await findAgreement(some, { onProgress })));
  }
} catch (error) {
  complain(`It could not be run: ${error instanceof Error ? error.message : error}`);
  process.exit(exitCodes.couldNotRun);
} finally {
  progress.end();
}
announce(drawAgreement(agreements));
const busy = toBusy({ lateMs: agreements.map(({ lateMs }) => lateMs) });
const apart = agreements.filter(({ comparisons }) => comparisons.some(({ agrees }) => !agrees));
if (apart.length === 0) announce(`The model and real processes agree in all ${agreements.length} scenarios.`);
else announce(`They differ in ${apart.map(({ name }) => name).join(', ')}; ≠ marks where.`);
if (busy !== null) announce(busy);
process.exit(
  busy !== null ? exitCodes.inconclusive : apart.length === 0 ? exitCodes.better : exitCodes.worse,
);
