/** The options of `npm run tune`. */
import { type Command, type CommandLine, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { freeText, toggle, UsageError, wholeNumber, word } from '@holdfast/shared/core/command-options.ts';
import { durationOption } from '../options/duration.ts';
import { faultsOption } from '../options/fault.ts';
import { hopOption } from '../options/hop.ts';
import { seedOption } from '../options/seed.ts';
import { serviceOption } from '../options/service.ts';
import { reportOption } from '../report/report-file.ts';
import { traceUnits } from '../traces/units.ts';

/** How to call it. */
export const tuneCommand = {
  name: 'npm run tune',
  does:
    'Finds settings of breaker, attempt timeout, retries, budget and bulkhead for a load and a fault, or for a recorded trace, ' +
    'by running hundreds of them in virtual time, and says whether they are better than the current ones.',
  options: {
    fault: faultsOption,
    rate: wholeNumber({
      min: 1,
      max: 5000,
      about: 'calls a second that come, whatever became of those before',
    }),
    trace: freeText({
      value: 'FILE',
      range: 'a file with recorded calls',
      about: 'recorded calls instead of --rate: JSON lines, OTLP JSON or an access log (docs/traces.md)',
    }),
    unit: word(traceUnits, { value: 'UNIT', fallback: undefined, about: 'unit of durations in the trace' }),
    peer: freeText({
      value: 'NAME',
      range: 'a name in the trace',
      about: 'only calls of the trace to this neighbour',
    }),
    service: serviceOption,
    workers: wholeNumber({
      min: 1,
      max: 10_000,
      about: 'calls that one instance works on at once (default: 10; with --trace what the trace shows)',
    }),
    instances: wholeNumber({ min: 1, max: 20, about: 'instances of the neighbour (default: 1)' }),
    deadline: durationOption({
      about: 'how long a caller waits in all (default: that of the current settings)',
    }),
    seconds: wholeNumber({
      min: 8,
      max: 600,
      about: 'how long calls come (default: 30 after the last fault)',
    }),
    current: freeText({
      value: 'FILE',
      range: 'a JSON file with a policy',
      about: 'the current settings; by default those of a service that is told nothing',
    }),
    for: hopOption('takes the current settings from a running chain'),
    url: freeText({
      value: 'URL',
      form: /^https?:\/\/[^\s/]+\/?$/,
      range: 'an http:// URL of the caller, as http://127.0.0.1:3000',
      about: 'where the caller of --for is (default: where npm start has it)',
    }),
    apply: toggle('sets the winner at the caller of --for, after a yes'),
    yes: toggle('says yes to --apply'),
    confirm: toggle(
      'runs the best three and the current settings on real processes, which takes up to five minutes',
    ),
    settings: wholeNumber({
      min: 16,
      max: 4096,
      fallback: 256,
      about: 'how many settings are tried at first',
    }),
    seed: seedOption('decides calls, service times and what is tried', 1),
    report: reportOption,
  },
  example: 'npm run tune -- --fault slow:3x:10s --rate 80',
  notes:
    'Exit code 0: better settings were found. 2: no clear difference, or with --confirm a machine that is too busy to tell. 1: --confirm shows that they are ' +
    'worse. 3: it could not be run. LAB_TOKEN and PORT_BASE are those of the chain. docs/tune.md says how to read the result.',
} satisfies Command;

/** What a command line asks for; what it means together is read by plan.ts. */
export type TuneArguments = CommandLine<typeof tuneCommand>['values'];

/**
 * Reads the arguments, and refuses those that contradict each other.
 * @throws {UsageError} with every mistake.
 */
export function readTuneArguments(args: readonly string[]): TuneArguments {
  const { values } = parseCommandLine(tuneCommand, args);
  const { trace, rate, fault } = values;
  const mistakes = [
    ...(trace === undefined && rate === undefined
      ? [
          'There is no load: say with --rate how many calls a second come, or give recorded ones with --trace FILE.',
        ]
      : []),
    ...(trace === undefined && fault.length === 0
      ? [
          'There is no fault: say with --fault what happens to the neighbour, as --fault slow:3x:10s, or give recorded calls with --trace FILE.',
        ]
      : []),
    ...(trace === undefined
      ? (['unit', 'peer'] as const).flatMap((name) =>
          values[name] === undefined ? [] : [`--${name} is about a trace: give one with --trace FILE.`],
        )
      : (['rate', 'service', 'instances'] as const).flatMap((name) =>
          values[name] === undefined
            ? []
            : [`--${name} and --trace contradict each other: the trace says it.`],
        )),
    ...(values.current !== undefined && values.for !== undefined
      ? ['--current and --for contradict each other: both say what the current settings are.']
      : []),
    ...(values.for === undefined
      ? (['url', 'apply'] as const).flatMap((name) =>
          values[name] === undefined || values[name] === false
            ? []
            : [`--${name} needs --for, as in --for 'order→payment'.`],
        )
      : []),
    ...(values.yes && !values.apply ? ['--yes is about --apply, which is not given.'] : []),
  ];
  if (mistakes.length > 0) throw new UsageError(mistakes.join('\n'));
  return values;
}
