/** The options of `npm run experiment`. */
import { type Command, parseCommandLine } from '@holdfast/shared/core/command-line.ts';
import { toggle, UsageError, wholeNumber } from '@holdfast/shared/core/command-options.ts';
import { seedOption } from '../options/seed.ts';
import { reportOption } from '../report/report-file.ts';

/** How to call it. */
export const experimentCommand = {
  name: 'npm run experiment',
  does:
    'Runs an experiment: the same load and the same faults on several arms that differ in one thing, several times, on real processes; says ' +
    'whether its hypothesis held.',
  operands: {
    value: 'FILE',
    what: 'experiment',
    about: 'a file of JSON or TypeScript, or the name of a known one (--list)',
    count: 'many',
  },
  options: {
    list: toggle('says which experiments come with the project'),
    repeats: wholeNumber({
      min: 1,
      max: 100,
      about: 'how often all arms run, instead of what the file says',
    }),
    seed: seedOption('decides load, service times and turns, instead of what the file says', undefined),
    aa: toggle('runs the control against itself and says what would have been a false alarm'),
    model: toggle('runs it in virtual time, in moments: no verdict on real processes'),
    json: toggle('prints the whole result as JSON'),
    report: reportOption,
    schema: toggle('prints the JSON Schema of a file'),
  },
  example: 'npm run experiment -- breaker --report breaker.html',
  notes:
    'Exit code 0: the hypothesis held. 1: it is broken. 2: undecided, also where this machine is too busy for a verdict. 3: it could not be ' +
    'run. docs/experiments.md says how to write one.',
} satisfies Command;

/** What a command line asks for. */
export interface ExperimentArguments {
  /** Which experiment; `undefined` for `--list` and `--schema`. */
  readonly file: string | undefined;
  readonly isList: boolean;
  readonly isSchema: boolean;
  readonly repeats: number | undefined;
  readonly seed: number | undefined;
  readonly isSelfTest: boolean;
  readonly isModel: boolean;
  readonly isJson: boolean;
  readonly report: string | undefined;
}

/**
 * Reads the arguments.
 * @throws {UsageError} when they are not legal.
 */
export function readExperimentArguments(args: readonly string[]): ExperimentArguments {
  const { values, operands } = parseCommandLine(experimentCommand, args);
  const { list, schema, repeats, seed, aa, model, json, report } = values;
  const [file] = operands;
  if (operands.length > 1) throw new UsageError(`One experiment at a time, not ${operands.join(' and ')}.`);
  if (file === undefined && !list && !schema)
    throw new UsageError('Say which experiment: npm run experiment -- FILE. --list says which are known.');
  return {
    ...{ file, repeats, seed, report, isList: list, isSchema: schema },
    ...{ isSelfTest: aa, isModel: model, isJson: json },
  };
}
